#include "conf/kube/yaml.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

#include <nlohmann/json.hpp>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "conf/kube/kubeconfig.h"
#include "conf/kube/yaml_text.h"
#include "rules/base/late.h"
#include "rules/base/utf8.h"

// The bounds of yaml-cpp's initializers where a program has put these aside; elsewhere null.
extern "C" const sluice::Initializer __start_yaml_init[]
    __attribute__((weak, visibility("hidden")));
extern "C" const sluice::Initializer __stop_yaml_init[] __attribute__((weak, visibility("hidden")));

namespace sluice::kube {
namespace {

using nlohmann::json;

constexpr const char* NotUtf8 = "not YAML as Kubernetes takes it: a text is not UTF-8";
constexpr std::string_view TagPrefix = "tag:yaml.org,2002:";

/// Stops the conversion; caught in yaml_to_json. The numbers of lines count from 1 for people.
[[noreturn]] void reject(const YAML::Node& node, const std::string& message) {
  throw YAML::Exception(node.Mark(), message);
}

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// Whether `text` is written as a floating-point number:
/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool looks_like_float(std::string_view text) {
  std::size_t at = 0;
  const auto sign = [&] {
    at += at < text.size() && (text[at] == '+' || text[at] == '-') ? 1U : 0U;
  };
  const auto digits = [&] {
    const std::size_t first = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - first;
  };
  sign();
  const std::size_t whole = digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0 && whole == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    sign();
    if (digits() == 0) return false;
  }
  return at == text.size();
}

/// Go's ParseInt with base 0: a sign, then 0x, 0o, 0b, or a 0 that means octal, or decimal.
std::optional<json> whole_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    text.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  std::uint64_t magnitude = 0;
  const auto [stop, error] =
      std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size()) return {};
  constexpr std::uint64_t Half = std::uint64_t{1} << 63;
  if (!negative) return json(magnitude);
  if (magnitude > Half) return {};
  return json(static_cast<std::int64_t>(~magnitude + 1));
}

std::optional<json> number(std::string_view text) {
  const char first = text.empty() ? '\0' : text.front();
  if (first != '+' && first != '-' && first != '.' && (first < '0' || first > '9')) return {};
  std::string plain(text);
  std::erase(plain, '_');
  if (auto whole = whole_number(plain)) return whole;
  if (!looks_like_float(plain)) return {};
  double value = 0;
  const char* begin = plain.data() + (plain.front() == '+' ? 1 : 0);
  const auto error = std::from_chars(begin, plain.data() + plain.size(), value).ec;
  if (error != std::errc()) return {};
  // Go writes a float64 without a fraction as an integer, and what reads it takes it for one.
  constexpr double Exact = 9007199254740992.0;
  if (std::trunc(value) == value && std::abs(value) <= Exact) {
    return json(static_cast<std::int64_t>(value));
  }
  return json(value);
}

}  // namespace

std::optional<json> plain_value(const std::string& text) {
  static constexpr std::array<std::string_view, 11> True{
      "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
  static constexpr std::array<std::string_view, 11> False{
      "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
  static constexpr std::array<std::string_view, 5> Null{"", "~", "null", "Null", "NULL"};
  static constexpr std::array<std::string_view, 12> NoJson{".nan",  ".NaN",  ".NAN",  ".inf",
                                                           ".Inf",  ".INF",  "+.inf", "+.Inf",
                                                           "+.INF", "-.inf", "-.Inf", "-.INF"};
  if (is_one_of(text, True)) return json(true);
  if (is_one_of(text, False)) return json(false);
  if (is_one_of(text, Null)) return json(nullptr);
  if (is_one_of(text, NoJson)) return std::nullopt;
  if (auto value = number(text)) return value;
  return json(text);
}

namespace {

json plain_scalar(const YAML::Node& node) {
  auto value = plain_value(node.Scalar());
  if (!value) reject(node, "\"" + node.Scalar() + "\" cannot be a number in JSON");
  return std::move(*value);
}

/// The type that the tag of a scalar names; "" where the text alone tells it, "str" also for quotes
/// and for tags that Kubernetes' reader does not know.
std::string_view type_of(const YAML::Node& node) {
  static constexpr std::array<std::string_view, 6> Known{"binary", "bool", "float",
                                                         "int",    "null", "timestamp"};
  std::string_view tag = node.Tag();
  if (tag.empty() || tag == "?") return "";
  if (!tag.starts_with(TagPrefix)) return "str";
  tag.remove_prefix(TagPrefix.size());
  return is_one_of(tag, Known) ? tag : "str";
}

bool is_date(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return digits == 4 && text.substr(digits).starts_with('-');
}

/// Whether what a plain scalar means is of the type that a tag asks for.
bool fits(const json& value, std::string_view type) {
  if (type == "bool") return value.is_boolean();
  if (type == "int") return value.is_number_integer();
  if (type == "float") return value.is_number();
  if (type == "null") return value.is_null();
  return value.is_string() && is_date(value.get_ref<const std::string&>());
}

/// yaml-cpp 0.7 decodes the escapes \N and \_ to the bytes 85 and A0 alone, for U+0085 and U+00A0.
std::string with_whole_runes(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char byte = text.front();
    if (byte == '\x85' || byte == '\xA0') out += '\xC2';
    const std::size_t size = first_rune(text).size;
    out += text.substr(0, size);
    text.remove_prefix(size);
  }
  return out;
}

json scalar(const YAML::Node& node) {
  const std::string_view type = type_of(node);
  if (type == "str") return with_whole_runes(node.Scalar());
  if (type == "binary") {
    auto bytes = decode_base64(node.Scalar());
    if (!bytes) reject(node, "a !!binary that is " + bytes.error().message);
    return std::move(*bytes);
  }
  json value = plain_scalar(node);
  if (!type.empty() && !fits(value, type)) {
    reject(node, "\"" + node.Scalar() + "\" is no !!" + std::string(type));
  }
  return value;
}

bool is_merge_key(const YAML::Node& node) {
  return node.IsScalar() && node.Tag() == "?" && node.Scalar() == "<<";
}

/// Walks a document once. An alias is walked wherever it stands, so a small document can be a huge
/// tree, or, if it holds itself, an endless one.
class Conversion {
 public:
  /// A text without aliases has fewer nodes than bytes.
  explicit Conversion(std::string_view text)
      : text_(text), most_nodes_(std::max<std::size_t>(text.size(), 100'000)) {}

  json convert(const YAML::Node& node, int depth) {
    constexpr int Deepest = 200;
    if (++nodes_ > most_nodes_) reject(node, "the document is too large");
    if (depth > Deepest) reject(node, "the document is nested too deeply");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence: {
        json list = json::array();
        for (const auto& item : node) list.push_back(convert(item, depth + 1));
        return list;
      }
      case YAML::NodeType::Map:
        return map(node, depth);
      default:
        return nullptr;
    }
  }

 private:
  json map(const YAML::Node& node, int depth) {
    json result = json::object();
    json merged = json::object();
    for (const auto& entry : node) {
      const bool merge = is_merge_key(entry.first);
      if (entry.second.IsNull() && node.Style() == YAML::EmitterStyle::Block) {
        require_colon(entry.first);
      }
      json value = convert(entry.second, depth + 1);
      if (merge) {
        merge_into(merged, std::move(value), entry.second);
      } else {
        result[key(entry.first)] = std::move(value);
      }
    }
    result.insert(merged.begin(), merged.end());  // what is already there stays
    return result;
  }

  static void merge_into(json& merged, json value, const YAML::Node& node) {
    if (value.is_object()) value = json::array({std::move(value)});
    if (!value.is_array()) reject(node, "a merge key needs a map or a list of maps");
    for (const json& item : value) {
      if (!item.is_object()) reject(node, "a merge key needs a map or a list of maps");
      merged.insert(item.begin(), item.end());
    }
  }

  static std::string key(const YAML::Node& node) {
    if (node.IsNull()) reject(node, "a key is null");
    if (!node.IsScalar()) reject(node, "a key is not a scalar");
    const json value = scalar(node);
    if (value.is_string()) return value.get<std::string>();
    return value.dump();
  }

  /// yaml-cpp takes a word in a block map for a key without value; more likely the text was cut off
  /// in its middle.
  void require_colon(const YAML::Node& key) const {
    if (!key.IsScalar() || key.Tag() != "?" || key.Mark().is_null()) return;
    const auto at = static_cast<std::size_t>(key.Mark().pos);
    const std::string& word = key.Scalar();
    if (at > text_.size() || text_.substr(at, word.size()) != word) return;
    const auto before = text_.find_last_not_of(' ', at - 1);
    if (at > 0 && before != std::string_view::npos && text_[before] == '?') return;
    const auto line = text_.substr(at + word.size(), text_.find('\n', at) - at - word.size());
    if (line.find(':') == std::string_view::npos) reject(key, "no ':' after \"" + word + "\"");
  }

  std::string_view text_;
  std::size_t most_nodes_;
  std::size_t nodes_ = 0;
};

/// Hears a document without keeping it.
struct Ignore : YAML::EventHandler {
  using Mark = YAML::Mark;
  using Style = YAML::EmitterStyle::value;
  void OnDocumentStart(const Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const Mark&, YAML::anchor_t) override {}
  void OnAlias(const Mark&, YAML::anchor_t) override {}
  void OnScalar(const Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const Mark&, const std::string&, YAML::anchor_t, Style) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const Mark&, const std::string&, YAML::anchor_t, Style) override {}
  void OnMapEnd() override {}
};

/// Whether there is a line that is neither blank nor a comment.
bool says_something(std::string_view text) {
  while (!text.empty()) {
    const auto newline = text.find('\n');
    const auto line = text.substr(0, newline);
    const auto first = line.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && line[first] != '#') return true;
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
  return false;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
           c == 0x7f;
  });
}

/// 0, 1, or 2 for more. Not YAML::LoadAll: yaml-cpp 0.7 finds empty documents before a stray ','
/// without end, and LoadAll collects them until memory is gone. The marker at the end makes it see
/// a quote that was never closed.
int count_documents(const std::string& text) {
  if (!says_something(text)) return 0;
  std::istringstream stream(text + (text.ends_with('\n') ? "...\n" : "\n...\n"));
  YAML::Parser parser(stream);
  Ignore ignore;
  int count = 0;
  while (count < 2 && parser.HandleNextDocument(ignore)) ++count;
  return count;
}

}  // namespace

Result<json> parse_json(std::string_view text, KeepMember keep) {
  const auto filter = [keep](int depth, json::parse_event_t event, const json& parsed) {
    return event != json::parse_event_t::key || keep(depth, parsed.get_ref<const std::string&>());
  };
  try {
    return keep == nullptr ? json::parse(text) : json::parse(text, filter);
  } catch (const json::parse_error& error) {
    return fail(Errc::Malformed, "not JSON, at byte " + std::to_string(error.byte));
  } catch (const json::exception&) {
    return fail(Errc::Malformed, "not JSON: a number is out of range");
  }
}

Result<json> yaml_to_json(std::string_view text) {
  [[maybe_unused]] static const bool ready = run_initializers(__start_yaml_init, __stop_yaml_init);
  try {
    const std::string copy(text);
    if (has_control(copy)) {
      return fail(Errc::Malformed, "not YAML: control characters are not allowed");
    }
    const int documents = count_documents(copy);
    if (documents != 1) {
      return fail(Errc::Malformed, std::string("not one YAML document but ") +
                                       (documents == 0 ? "none" : "several"));
    }
    // yaml-cpp takes any bytes for text, and escapes for any code point; JSON must be UTF-8, and
    // throws here where it is not.
    if (!is_utf8(copy)) return fail(Errc::Malformed, NotUtf8);
    json converted = Conversion(copy).convert(YAML::Load(copy), 0);
    static_cast<void>(converted.dump());
    return converted;
  } catch (const YAML::Exception& error) {
    const std::string line =
        error.mark.is_null() ? "" : ", line " + std::to_string(error.mark.line + 1);
    return fail(Errc::Malformed, "not YAML as Kubernetes takes it" + line + ": " + error.msg);
  } catch (const json::exception&) {
    return fail(Errc::Malformed, NotUtf8);
  }
}

namespace {

/// The character that a scalar begins with, where it tells how the scalar is written.
char mark_of(const YAML::Node& node, std::string_view text) {
  if (node.Mark().is_null()) return 0;
  const auto at = static_cast<std::size_t>(node.Mark().pos);
  const bool tells = at < text.size() && std::string_view("\"'|>").find(text[at]) != text.npos;
  return tells ? text[at] : '\0';
}

YamlNode untyped(const YAML::Node& node, std::string_view text, int depth) {
  constexpr int Deepest = 200;
  if (depth > Deepest) reject(node, "the document is nested too deeply");
  YamlNode result;
  if (node.IsScalar()) {
    const std::string_view type = type_of(node);
    if (type == "binary") reject(node, "a !!binary");
    const bool plain = type != "str";
    result = {YamlNode::Kind::Scalar, plain ? node.Scalar() : with_whole_runes(node.Scalar()),
              plain, plain ? '\0' : mark_of(node, text)};
  } else if (node.IsSequence()) {
    result.kind = YamlNode::Kind::List;
    for (const auto& item : node) result.items.push_back(untyped(item, text, depth + 1));
  } else if (node.IsMap()) {
    result.kind = YamlNode::Kind::Map;
    for (const auto& entry : node) {
      if (is_merge_key(entry.first)) reject(entry.first, "a merge key");
      result.items.push_back(untyped(entry.first, text, depth + 1));
      result.items.push_back(untyped(entry.second, text, depth + 1));
    }
  }
  return result;
}

}  // namespace

Result<YamlNode> yaml_to_node(std::string_view text) {
  RETURN_IF_ERROR(yaml_to_json(text));
  try {
    return untyped(YAML::Load(std::string(text)), text, 0);
  } catch (const YAML::Exception& error) {
    return fail(Errc::Invalid, "not YAML without types: " + error.msg);
  }
}

Result<json> json_or_yaml(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') {
    auto parsed = parse_json(text);
    if (parsed) return parsed;
    // A YAML flow mapping begins with a brace too; but what is neither is most likely broken JSON.
    auto flow = yaml_to_json(text);
    return flow ? std::move(flow) : std::move(parsed);
  }
  return yaml_to_json(text);
}

}  // namespace sluice::kube
