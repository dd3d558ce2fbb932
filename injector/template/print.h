#pragma once

// Go's package fmt over template values: what `print` and `printf` give, and what an action writes.

#include <span>
#include <string>
#include <string_view>

#include "injector/template/value.h"

namespace sluice::tmpl {

/// As %v.
void append_printed(std::string& out, const Value& value);

/// Operands side by side, with a space between two of which neither is a string.
[[nodiscard]] std::string sprint(std::span<const Value> operands);
/// Operands with spaces between them, and a newline.
[[nodiscard]] std::string sprintln(std::span<const Value> operands);
/// Every verb and flag, and the words for what does not fit: "%!d(string=x)".
[[nodiscard]] std::string sprintf(std::string_view format, std::span<const Value> operands);

/// A string in quotes, as %q and Go's source have it.
[[nodiscard]] std::string quote(std::string_view text);
/// strconv.AppendFloat: `verb` is e, E, f, g or G; precision -1 is the shortest that reads back.
void append_float(std::string& out, double value, char verb, int precision);

}  // namespace sluice::tmpl
