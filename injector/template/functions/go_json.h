#pragma once

// Go's encoding/json over template values.

#include <string>
#include <string_view>

#include "conf/schema/go_json.h"
#include "injector/template/value.h"
#include "rules/base/result.h"

namespace sluice::tmpl {

using schema::Html;
enum class Layout { Compact, Indented };

/// json.Marshal: structs by their fields in the order of declaration, those that are zero left out
/// where Go leaves them out; maps by sorted key; whole floats without an exponent up to 1e21.
/// Invalid for a float that is no number, and for what would be too large or is nested too deeply.
[[nodiscard]] Result<std::string> to_json_text(const Value& value, Html html = Html::Escape,
                                               Layout layout = Layout::Compact);

/// `text`, or `otherwise` where Go refuses to marshal the value and the caller does not mind; what
/// is too large stays an error.
[[nodiscard]] Result<std::string> text_or(Result<std::string> text, std::string_view otherwise);

/// What json.Unmarshal makes of a text: nil if it is no JSON, and what is wrong, in Go's words.
/// With a number that is too large there are both: a value that has nil in its place, and an error.
struct JsonRead {
  Value value;
  std::string error;
};

/// json.Unmarshal into an interface: all numbers are float64.
[[nodiscard]] JsonRead from_json_text(std::string_view text);

}  // namespace sluice::tmpl
