#pragma once

// What html, js and urlquery do to a text.

#include <string>
#include <string_view>

namespace sluice::tmpl {

[[nodiscard]] std::string escape_html(std::string_view text);
[[nodiscard]] std::string escape_js(std::string_view text);
[[nodiscard]] std::string escape_query(std::string_view text);

}  // namespace sluice::tmpl
