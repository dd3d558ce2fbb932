#include "injector/template/functions/text.h"

#include <algorithm>

#include "injector/template/functions/bind.h"
#include "injector/template/functions/letters.h"
#include "injector/template/walk.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {

bool is_nil_interface(const Value& value) {
  return !value.valid() || std::holds_alternative<Value::Nil>(value.held());
}

std::optional<Value> member_at(const Value& map, const std::string& key) {
  if (const auto* dict = std::get_if<std::shared_ptr<Dict>>(&map.held())) {
    const auto at = (*dict)->find(key);
    return at == (*dict)->end() ? std::nullopt : std::optional(at->second);
  }
  const auto* view = std::get_if<View>(&map.held());
  if (view == nullptr || shape_of(map) != Shape::Map) return std::nullopt;
  const auto* member = member_of(view->json, key);
  if (member == nullptr) return std::nullopt;
  return Value::view(member, element_type(*view->type));
}

std::string text_of(const Value& value) {
  const std::string* text = value.string();
  return text == nullptr ? value.print() : *text;
}

Strings texts_of(const Value& value) {
  if (is_nil_interface(value)) return {};
  if (shape_of(value) != Shape::Slice) return {text_of(value)};
  Strings texts;
  each_element(value, [&](const Value& item) {
    if (!is_nil_interface(item)) texts.push_back(text_of(item));
  });
  return texts;
}

std::string_view kind_of(const Value& value) {
  switch (shape_of(value)) {
    case Shape::Bool:
      return "bool";
    case Shape::Int:
      if (const auto* view = std::get_if<View>(&value.held())) {
        return view->type->kind == schema::Kind::Int ? "int64" : "int32";
      }
      return "int";
    case Shape::Float:
      return "float64";
    case Shape::String:
      return "string";
    case Shape::Slice:
      return "slice";
    case Shape::Map:
      return "map";
    case Shape::Struct:
      return value.type_name().starts_with('*') ? "ptr" : "struct";
    case Shape::Pointer:
      return "ptr";
    default:
      return "invalid";
  }
}

namespace {

/// Compares without end only what is small: two values that share parts can be huge.
class Comparison {
 public:
  bool equal(const Value& a, const Value& b, int depth) {
    constexpr int Deepest = 200;
    constexpr int Most = 100'000;
    if (depth > Deepest || ++steps_ > Most) too_large_ = true;
    if (too_large_) return false;
    const Shape shape = shape_of(a);
    if (shape != shape_of(b) || a.type_name() != b.type_name() || a.nil() != b.nil()) return false;
    if (same_object(a, b)) return true;
    if (shape == Shape::Slice) return lists(a, b, depth);
    if (shape == Shape::Map) return maps(a, b, depth);
    if (std::holds_alternative<View>(a.held())) return a.to_json() == b.to_json();
    return std::visit(
        [&](const auto& held) {
          using Held = std::remove_cvref_t<decltype(held)>;
          if constexpr (std::is_arithmetic_v<Held> || std::is_same_v<Held, std::string>) {
            return held == std::get<Held>(b.held());
          }
          return true;
        },
        a.held());
  }
  bool too_large() const { return too_large_; }

 private:
  static bool same_object(const Value& a, const Value& b) {
    const auto same = [&](const auto* left, const auto* right) {
      return left != nullptr && right != nullptr && *left == *right;
    };
    return same(std::get_if<std::shared_ptr<List>>(&a.held()),
                std::get_if<std::shared_ptr<List>>(&b.held())) ||
           same(std::get_if<std::shared_ptr<Dict>>(&a.held()),
                std::get_if<std::shared_ptr<Dict>>(&b.held()));
  }

  bool lists(const Value& a, const Value& b, int depth) {
    const List left = a.elements().value_or(List{});
    const List right = b.elements().value_or(List{});
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](const Value& x, const Value& y) { return equal(x, y, depth + 1); });
  }
  bool maps(const Value& a, const Value& b, int depth) {
    const Dict left = a.members().value_or(Dict{});
    const Dict right = b.members().value_or(Dict{});
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](const auto& x, const auto& y) {
                        return x.first == y.first && equal(x.second, y.second, depth + 1);
                      });
  }

  int steps_ = 0;
  bool too_large_ = false;
};

}  // namespace

Result<bool> deep_equal(const Value& a, const Value& b) {
  Comparison comparison;
  const bool equal = comparison.equal(a, b, 0);
  if (comparison.too_large()) return go_error("the values are too large to compare");
  return equal;
}

namespace {

Result<Strings> split_runes(std::string_view text, std::int64_t most) {
  Strings parts;
  while (!text.empty()) {
    if (parts.size() > kMostElements) return too_large();
    if (most > 0 && static_cast<std::int64_t>(parts.size()) == most - 1) {
      parts.emplace_back(text);
      break;
    }
    const std::size_t size = first_rune(text).size;
    parts.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return parts;
}

}  // namespace

Result<Strings> split(std::string_view text, std::string_view separator, std::int64_t most) {
  if (most == 0) return Strings{};
  if (separator.empty()) return split_runes(text, most);
  Strings parts;
  while (most < 0 || static_cast<std::int64_t>(parts.size()) < most - 1) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    if (parts.size() > kMostElements) return too_large();
    parts.emplace_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  parts.emplace_back(text);
  return parts;
}

Result<std::string> join(const Strings& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != parts.data()) out += separator;
    out += part;
    if (out.size() > kMostBytes) return too_large();
  }
  return out;
}

Result<std::string> replace_all(std::string_view text, std::string_view old,
                                std::string_view replacement) {
  std::string out;
  if (old.empty()) {  // before every rune, and at the end
    while (true) {
      out += replacement;
      if (text.empty()) return out;
      const std::size_t size = first_rune(text).size;
      out += text.substr(0, size);
      text.remove_prefix(size);
      if (out.size() > kMostBytes) return too_large();
    }
  }
  while (true) {
    const std::size_t at = text.find(old);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += replacement;
    text.remove_prefix(at + old.size());
    if (out.size() > kMostBytes) return too_large();
  }
}

}  // namespace sluice::tmpl
