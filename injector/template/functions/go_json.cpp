#include "injector/template/functions/go_json.h"

#include <cmath>

#include "conf/mesh/message.h"
#include "injector/template/functions/bind.h"
#include "injector/template/functions/text.h"
#include "injector/template/functions/time_format.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {
namespace {

using nlohmann::json;
using schema::Kind;

constexpr std::string_view Refusal = "json: unsupported value: ";

class Writer {
 public:
  Writer(Html html, Layout layout) : html_(html), layout_(layout) {}

  Result<std::string> write(const Value& value) {
    any(value, 0);
    if (!error_.empty()) return go_error(std::move(error_));
    return std::move(out_);
  }

 private:
  void any(const Value& value, int depth) {
    constexpr int Deepest = 200;
    if (!error_.empty()) return;
    if (depth > Deepest || out_.size() > kMostBytes) {
      error_ = too_large().value().message;
      return;
    }
    if (value.nil()) {
      out_ += "null";
      return;
    }
    switch (shape_of(value)) {
      case Shape::Bool:
        out_ += value.truth() ? "true" : "false";
        return;
      case Shape::Int:
      case Shape::Struct:
      case Shape::Pointer:
        if (const auto* view = std::get_if<View>(&value.held())) return seen(*view, depth);
        out_ += std::to_string(std::get<std::int64_t>(value.held()));
        return;
      case Shape::Float:
        return number(std::get<double>(value.held()));
      case Shape::String:
        return text(*value.string());
      case Shape::Slice:
        return list(value, depth);
      case Shape::Map:
        return map(value, depth);
      default:
        out_ += "null";
    }
  }

  void seen(const View& view, int depth) {
    if (const auto marshalled = marshalled_text(view)) return text(*marshalled);
    switch (view.type->kind) {
      case Kind::Struct:
        out_ += '{';
        return end('}', fields(view, depth, true), depth);
      case Kind::Enum:
      case Kind::Int:
        out_ += std::to_string(named_number(view));
        return;
      case Kind::OneOf:
        return choice(view, depth);
      case Kind::Message:
        out_ += mesh::message_text(*view.json, *view.type);
        return;
      case Kind::Duration:
        return duration(*view.json);
      case Kind::Wrapper:
        out_ += Value::view(view.json, element_type(*view.type)).truth()
                    ? R"({"value":)" + view.json->dump() + "}"
                    : "{}";
        return;
      case Kind::Pointer:
        return any(Value::view(view.json, element_type(*view.type)), depth + 1);
      case Kind::Time:
        if (view.json == nullptr || !view.json->is_string()) {
          out_ += "null";
          return;
        }
        return text(view.json->get_ref<const std::string&>());
      case Kind::IntOrString:
        if (view.json == nullptr || view.json->is_number()) {
          out_ += view.json == nullptr ? "0" : view.json->dump();
          return;
        }
        return text(text_of(Value(view)));
      default:
        return text(text_of(Value(view)));
    }
  }

  /// As the struct that Go wraps the chosen field in.
  void choice(const View& view, int depth) {
    const schema::Field* field = chosen(view);
    out_ += '{';
    separate(true, depth + 1);
    key(field->name);
    any(Value::view(member_of(view.json, *field), *field->type), depth + 1);
    end('}', false, depth);
  }

  /// As the struct that Go has for it, not as protobuf's JSON.
  void duration(const json& text) {
    const std::int64_t nanoseconds =
        text.is_string() ? parse_duration(text.get<std::string>()).value_or(0) : 0;
    json members = json::object();
    constexpr std::int64_t Second = 1'000'000'000;
    if (nanoseconds % Second != 0) members["nanos"] = nanoseconds % Second;
    if (nanoseconds / Second != 0) members["seconds"] = nanoseconds / Second;
    any(Value::from_json(members), 0);
  }

  /// The fields of a struct, and of those embedded in it, as members of one object. Whether it is
  /// still empty.
  bool fields(const View& view, int depth, bool empty) {
    for (const schema::Field& field : view.type->fields) {
      if (schema::embedded(field)) {
        empty = fields({view.json, field.type}, depth, empty);
        continue;
      }
      const json* value = member_of(view.json, field.json);
      if (!schema::is_written(field, value)) continue;
      separate(empty, depth + 1);
      empty = false;
      key(field.json);
      any(Value::view(value, *field.type), depth + 1);
    }
    return empty;
  }

  void list(const Value& value, int depth) {
    out_ += '[';
    bool first = true;
    each_element(value, [&](const Value& item) {
      separate(first, depth + 1);
      first = false;
      any(item, depth + 1);
    });
    end(']', first, depth);
  }

  void map(const Value& value, int depth) {
    out_ += '{';
    bool first = true;
    each_member(value, [&](const std::string& name, const Value& member) {
      separate(first, depth + 1);
      first = false;
      key(name);
      any(member, depth + 1);
    });
    end('}', first, depth);
  }

  void end(char bracket, bool empty, int depth) {
    if (!empty) new_line(depth);
    out_ += bracket;
  }
  void separate(bool first, int depth) {
    if (!first) out_ += ',';
    new_line(depth);
  }
  void new_line(int depth) {
    if (layout_ == Layout::Compact) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth) * 2, ' ');
  }
  void key(std::string_view name) {
    text(name);
    out_ += layout_ == Layout::Compact ? ":" : ": ";
  }

  void number(double value) {
    if (!std::isfinite(value)) {
      error_ = std::string(Refusal) + Value(value).print();
      return;
    }
    schema::write_go_float(out_, value);
  }

  void text(std::string_view plain) { schema::write_go_string(out_, plain, html_); }

  Html html_;
  Layout layout_;
  std::string out_;
  std::string error_;
};

}  // namespace

Result<std::string> to_json_text(const Value& value, Html html, Layout layout) {
  return Writer(html, layout).write(value);
}

Result<std::string> text_or(Result<std::string> text, std::string_view otherwise) {
  if (text || !text.error().message.starts_with(Refusal)) return text;
  return std::string(otherwise);
}

}  // namespace sluice::tmpl
