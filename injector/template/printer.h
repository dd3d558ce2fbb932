#pragma once

// One verb of a format applied to one value: the part of fmt that print.cpp and printf.cpp share.

#include <optional>
#include <string>
#include <string_view>

#include "injector/template/value.h"

namespace sluice::tmpl {

/// What stands between the % and the verb.
struct Flags {
  bool plus = false;
  bool minus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  bool field_names = false;  ///< of %+v
  bool go_syntax = false;    ///< of %#v
  std::optional<int> width;
  std::optional<int> precision;
};

class Printer {
 public:
  Printer(std::string& out, const Flags& flags) : out_(out), flags_(flags) {}
  /// An operand: verbs that do not fit are named in the output, as Go does.
  void operand(const Value& value, char32_t verb);

 private:
  void nested(const Value& value, char32_t verb, int depth);
  void print(const Value& value, char32_t verb, int depth);
  void list(const Value& value, char32_t verb, int depth);
  void map(const Value& value, char32_t verb, int depth);
  void structure(const View& view, char32_t verb, int depth);
  void pointer(const View& view, char32_t verb, int depth);
  void boolean(bool value, char32_t verb);
  void number(std::int64_t value, char32_t verb);
  void integer(std::uint64_t magnitude, bool negative, int base, char32_t verb);
  void code_point(std::uint64_t value, char32_t verb);
  void real(double value, char32_t verb);
  std::string with_point(std::string digits, char32_t verb) const;
  void text(std::string_view value, char32_t verb);
  void hexadecimal(std::string_view bytes, bool upper);
  void bad_verb(char32_t verb, std::string_view type, const Value* value);
  void pad(std::string_view printed, bool zeros = false);

  std::string& out_;
  Flags flags_;
};

/// The first `runes` runes.
[[nodiscard]] std::string_view first_runes(std::string_view text, int runes);
/// Whether `text` may stand between backquotes as it is.
[[nodiscard]] bool can_backquote(std::string_view text);
[[nodiscard]] std::string quote_ascii(std::string_view text);
[[nodiscard]] std::string quote_rune(char32_t rune, bool ascii);

}  // namespace sluice::tmpl
