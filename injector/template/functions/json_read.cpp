// JSON as Go reads it.

#include "injector/template/functions/cast.h"
#include "injector/template/functions/go_json.h"
#include "injector/template/functions/text.h"
#include "injector/template/print.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The character as Go's message has it.
std::string shown(char c) {
  if (c == '\'') return R"('\'')";
  if (c == '"') return R"('"')";
  std::string rune;
  append_rune(rune, static_cast<unsigned char>(c));
  const std::string quoted = quote(rune);
  return "'" + quoted.substr(1, quoted.size() - 2) + "'";
}

/// Reads a document from its front. After an error nothing more is read.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  JsonRead read() {
    Value value = any(0);
    skip_space();
    if (error_.empty() && !rest_.empty()) unexpected("after top-level value");
    if (!error_.empty()) return {Value::Nil{}, error_};
    if (out_of_range_.empty()) return {value, ""};
    return {value,
            "json: cannot unmarshal number " + out_of_range_ + " into Go value of type float64"};
  }

 private:
  Value any(int depth) {
    constexpr int Deepest = 200;
    skip_space();
    if (depth > Deepest) error_ = "exceeded max depth";
    if (rest_.empty()) end_of_input();
    if (!error_.empty()) return {};
    switch (rest_.front()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return text();
      case 't':
        return word("true") ? Value(true) : Value();
      case 'f':
        return word("false") ? Value(false) : Value();
      case 'n':
        return word("null") ? Value(Value::Nil{}) : Value();
      default:
        if (rest_.front() == '-' || is_digit(rest_.front())) return number();
        unexpected("looking for beginning of value");
        return {};
    }
  }

  Value object(int depth) {
    Dict dict;
    rest_.remove_prefix(1);
    skip_space();
    if (take('}')) return dict;
    while (error_.empty()) {
      skip_space();
      if (!expect('"', "looking for beginning of object key string", false)) break;
      std::string key = text();
      skip_space();
      if (!error_.empty() || !expect(':', "after object key", true)) break;
      dict.insert_or_assign(std::move(key), any(depth + 1));
      skip_space();
      if (!error_.empty() || take('}')) break;
      expect(',', "after object key:value pair", true);
    }
    return dict;
  }

  Value array(int depth) {
    List list;
    rest_.remove_prefix(1);
    skip_space();
    if (take(']')) return list;
    while (error_.empty()) {
      list.push_back(any(depth + 1));
      skip_space();
      if (!error_.empty() || take(']')) break;
      expect(',', "after array element", true);
    }
    return list;
  }

  Value number() {
    const std::string_view begin = rest_;
    take('-');
    if (!take('0') && !digits("in numeric literal")) return {};
    if (take('.') && !digits("after decimal point in numeric literal")) return {};
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits("in exponent of numeric literal")) return {};
    }
    const std::string_view written = begin.substr(0, begin.size() - rest_.size());
    if (const auto value = parse_float(written)) return *value;
    if (out_of_range_.empty()) out_of_range_ = written;
    return Value::Nil{};
  }

  bool digits(std::string_view where) {
    if (rest_.empty() || !is_digit(rest_.front())) unexpected(where);
    while (!rest_.empty() && is_digit(rest_.front())) rest_.remove_prefix(1);
    return error_.empty();
  }

  bool word(std::string_view word) {
    for (const char c : word) {
      const std::string where = "in literal " + std::string(word) + " (expecting " + shown(c) + ")";
      if (!take(c)) {
        unexpected(where);
        return false;
      }
    }
    return true;
  }

  std::string text() {
    std::string out;
    rest_.remove_prefix(1);
    while (error_.empty()) {
      if (rest_.empty()) {
        end_of_input();
      } else if (take('"')) {
        break;
      } else if (take('\\')) {
        escape(out);
      } else if (static_cast<unsigned char>(rest_.front()) < 0x20) {
        unexpected("in string literal");
      } else {
        append_rune(out, take_rune(rest_).value);
      }
    }
    return out;
  }

  void escape(std::string& out) {
    constexpr std::string_view Letters = "\"\\/bfnrt";
    constexpr std::string_view Special = "\"\\/\b\f\n\r\t";
    if (take('u')) {
      append_rune(out, code_point());
      return;
    }
    const auto at = rest_.empty() ? std::string_view::npos : Letters.find(rest_.front());
    if (at != std::string_view::npos) {
      out += Special[at];
      rest_.remove_prefix(1);
    } else {
      unexpected("in string escape code");
    }
  }

  /// After \u: a rune, of two surrogates if they belong together.
  char32_t code_point() {
    const char32_t high = hex();
    const bool pair = is_high_surrogate(high) && rest_.starts_with("\\u");
    if (!pair || !error_.empty()) return high;
    const std::string_view before = rest_;
    rest_.remove_prefix(2);
    const char32_t low = hex();
    if (is_low_surrogate(low)) return of_surrogates(high, low);
    if (error_.empty()) rest_ = before;
    return kRuneError;
  }

  char32_t hex() {
    char32_t value = 0;
    for (int i = 0; i < 4 && error_.empty(); ++i) {
      constexpr std::string_view Digits = "0123456789abcdef";
      const char c = rest_.empty() ? ' ' : rest_.front();
      const auto at = Digits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
      if (at == std::string_view::npos) {
        unexpected("in \\u hexadecimal character escape");
        break;
      }
      value = value << 4U | static_cast<char32_t>(at);
      rest_.remove_prefix(1);
    }
    return value;
  }

  void skip_space() {
    while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_.front()) != rest_.npos) {
      rest_.remove_prefix(1);
    }
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool expect(char c, std::string_view where, bool consume) {
    if (rest_.empty()) {
      end_of_input();
    } else if (rest_.front() != c) {
      unexpected(where);
    } else if (consume) {
      rest_.remove_prefix(1);
    }
    return error_.empty();
  }

  /// Go looks at the end of the input as if a space stood there.
  void unexpected(std::string_view where) {
    const char c = rest_.empty() ? ' ' : rest_.front();
    error_ = "invalid character " + shown(c) + " " + std::string(where);
  }
  void end_of_input() {
    if (error_.empty()) error_ = "unexpected end of JSON input";
  }

  std::string_view rest_;
  std::string error_;
  std::string out_of_range_;
};

}  // namespace

JsonRead from_json_text(std::string_view text) {
  return Reader(text).read();
}

}  // namespace sluice::tmpl
