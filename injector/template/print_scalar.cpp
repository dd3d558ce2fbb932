#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "injector/template/print.h"
#include "injector/template/printer.h"
#include "injector/template/unicode.h"
#include "rules/base/hex.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

std::string digits_of(std::uint64_t value, int base, bool upper) {
  std::string out(64, '\0');
  const auto end = std::to_chars(out.data(), out.data() + out.size(), value, base).ptr;
  out.resize(static_cast<std::size_t>(end - out.data()));
  if (upper) {
    for (char& c : out) c = static_cast<char>(c >= 'a' ? c - 0x20 : c);
  }
  return out;
}

std::string to_text(double value, std::chars_format format, int precision) {
  // DBL_MAX has 309 digits before the point.
  std::string out(static_cast<std::size_t>(std::max(precision, 0)) + 330, '\0');
  char* const end = out.data() + out.size();
  const auto done = precision < 0 ? std::to_chars(out.data(), end, value, format)
                                  : std::to_chars(out.data(), end, value, format, precision);
  out.resize(static_cast<std::size_t>(done.ptr - out.data()));
  return out;
}

/// The digits that read back, with an exponent below -4 and from 6 on, as %g decides it.
std::string shortest(double value) {
  std::string scientific = to_text(value, std::chars_format::scientific, -1);
  const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
  if (exponent < -4 || exponent >= 6) return scientific;
  return to_text(value, std::chars_format::fixed, -1);
}

/// Go's hexadecimal form: 0x1.8p+01.
std::string hexadecimal_text(double value, int precision) {
  std::string out = to_text(value, std::chars_format::hex, precision);
  const std::size_t sign = out.front() == '-' ? 1 : 0;
  out.insert(sign, "0x");
  const std::size_t exponent = out.find('p') + 2;
  if (out.size() - exponent < 2) out.insert(exponent, "0");
  return out;
}

}  // namespace

void append_float(std::string& out, double value, char verb, int precision) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  std::string text;
  switch (verb | 0x20) {
    case 'e':
      text = to_text(value, std::chars_format::scientific, precision);
      break;
    case 'f':
      text = to_text(value, std::chars_format::fixed, precision);
      break;
    case 'x':
      text = hexadecimal_text(value, precision);
      break;
    default:
      text =
          precision < 0 ? shortest(value) : to_text(value, std::chars_format::general, precision);
      break;
  }
  if ((verb & 0x20) == 0) {
    for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 0x20 : c);
  }
  out += text;
}

void Printer::boolean(bool value, char32_t verb) {
  if (verb == 'v' || verb == 't') return pad(value ? "true" : "false", flags_.zero);
  const Value shown(value);
  bad_verb(verb, "bool", &shown);
}

void Printer::number(std::int64_t value, char32_t verb) {
  const bool negative = value < 0;
  const auto bits = static_cast<std::uint64_t>(value);
  const std::uint64_t magnitude = negative ? ~bits + 1 : bits;
  switch (verb) {
    case 'v':
    case 'd':
      return integer(magnitude, negative, 10, verb);
    case 'b':
      return integer(magnitude, negative, 2, verb);
    case 'o':
    case 'O':
      return integer(magnitude, negative, 8, verb);
    case 'x':
    case 'X':
      return integer(magnitude, negative, 16, verb);
    case 'c':
    case 'q':
    case 'U':
      return code_point(bits, verb);
    default: {
      const Value shown(value);
      return bad_verb(verb, "int", &shown);
    }
  }
}

void Printer::integer(std::uint64_t magnitude, bool negative, int base, char32_t verb) {
  std::string sign = negative ? "-" : flags_.plus ? "+" : flags_.space ? " " : "";
  std::string digits = digits_of(magnitude, base, verb == 'X');
  std::size_t least = 0;
  if (flags_.precision) {
    least = static_cast<std::size_t>(*flags_.precision);
    if (least == 0 && magnitude == 0) return pad("");
  } else if (flags_.zero && !flags_.minus && flags_.width) {
    least = static_cast<std::size_t>(*flags_.width);
    if (!sign.empty() && least > 0) --least;
  }
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  if (flags_.sharp && base == 8 && digits.front() != '0') digits.insert(0, "0");
  if (flags_.sharp && base == 2) digits.insert(0, "0b");
  if (flags_.sharp && base == 16) digits.insert(0, verb == 'X' ? "0X" : "0x");
  if (verb == 'O') digits.insert(0, "0o");
  pad(sign + digits);
}

void Printer::code_point(std::uint64_t value, char32_t verb) {
  const char32_t rune = value > 0x10ffff ? kRuneError : static_cast<char32_t>(value);
  if (verb == 'q') return pad(quote_rune(rune, flags_.plus), flags_.zero);
  std::string out;
  if (verb == 'c') {
    append_rune(out, rune);
    return pad(out, flags_.zero);
  }
  std::string digits = digits_of(value, 16, true);
  const auto least = static_cast<std::size_t>(std::max(flags_.precision.value_or(4), 4));
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  out = "U+" + digits;
  if (flags_.sharp && value <= 0x10ffff && is_printable(rune)) {
    append_rune(out += " '", rune);
    out += '\'';
  }
  pad(out);
}

void Printer::real(double value, char32_t verb) {
  static constexpr std::string_view Known = "vgGfFeExX";
  if (verb > 0x7f || Known.find(static_cast<char>(verb)) == std::string_view::npos) {
    const Value shown(value);
    return bad_verb(verb, "float64", &shown);
  }
  const bool fixed = verb == 'f' || verb == 'F' || verb == 'e' || verb == 'E';
  const char plain = verb == 'v' ? 'g' : verb == 'F' ? 'f' : static_cast<char>(verb);
  std::string digits;
  append_float(digits, value, plain, flags_.precision.value_or(fixed ? 6 : -1));
  std::string sign = "+";
  if (digits.front() == '-' || digits.front() == '+') {
    sign = digits.substr(0, 1);
    digits.erase(0, 1);
  }
  if (flags_.space && sign == "+" && !flags_.plus) sign = " ";
  if (!std::isfinite(value)) {
    const bool bare = std::isnan(value) && !flags_.space && !flags_.plus;
    return pad(bare ? digits : sign + digits);
  }
  if (flags_.sharp) digits = with_point(std::move(digits), verb);
  if (!flags_.plus && sign == "+") return pad(digits, flags_.zero && !flags_.minus);
  const auto length = static_cast<int>(digits.size() + 1);
  if (flags_.zero && !flags_.minus && flags_.width.value_or(0) > length) {
    digits.insert(0, static_cast<std::size_t>(*flags_.width - length), '0');
  }
  pad(sign + digits);
}

/// What # asks of a number: a decimal point always, and for %g its trailing zeros.
std::string Printer::with_point(std::string digits, char32_t verb) const {
  const bool general = verb == 'v' || verb == 'g' || verb == 'G' || verb == 'x';
  int missing = 0;
  if (general) {
    missing = flags_.precision.value_or(6);
    if (missing == -1) missing = 6;
  }
  const std::size_t exponent = digits.find_first_of(verb == 'x' || verb == 'X' ? "pP" : "eEpP");
  std::string tail;
  if (exponent != std::string::npos) {
    tail = digits.substr(exponent);
    digits.erase(exponent);
  }
  bool significant = false;
  for (const char c : digits) {
    significant = significant || (c != '0' && c != '.');
    if (significant && c != '.') --missing;
  }
  if (digits.find('.') == std::string::npos) {
    if (digits == "0") --missing;
    digits += '.';
  }
  if (missing > 0) digits.append(static_cast<std::size_t>(missing), '0');
  return digits + tail;
}

void Printer::text(std::string_view value, char32_t verb) {
  const auto cut = [&] { return flags_.precision ? first_runes(value, *flags_.precision) : value; };
  switch (verb) {
    case 'v':
      if (flags_.go_syntax) return pad(quote(cut()));
      return pad(cut(), flags_.zero);
    case 's':
      return pad(cut(), flags_.zero);
    case 'x':
    case 'X':
      return hexadecimal(value, verb == 'X');
    case 'q':
      if (flags_.sharp && can_backquote(cut())) return pad("`" + std::string(cut()) + "`");
      return pad(flags_.plus ? quote_ascii(cut()) : quote(cut()), flags_.zero);
    default: {
      const Value shown(value);
      return bad_verb(verb, "string", &shown);
    }
  }
}

void Printer::hexadecimal(std::string_view bytes, bool upper) {
  if (flags_.precision) bytes = bytes.substr(0, static_cast<std::size_t>(*flags_.precision));
  const std::string_view prefix = flags_.sharp ? (upper ? "0X" : "0x") : "";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && flags_.space) out += ' ';
    if (i == 0 || flags_.space) out += prefix;
    append_hex(out, static_cast<unsigned char>(bytes[i]), 2,
               upper ? HexCase::Upper : HexCase::Lower);
  }
  pad(out, flags_.zero);
}

}  // namespace sluice::tmpl
