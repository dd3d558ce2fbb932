#pragma once

// Names in other people's conventions: some_name, some-name, SomeName.

#include <string>
#include <string_view>

namespace sluice::tmpl {

/// snake_case or kebab-case, by the connector.
[[nodiscard]] std::string connected_case(std::string_view text, char connector);
[[nodiscard]] std::string pascal_case(std::string_view text);

}  // namespace sluice::tmpl
