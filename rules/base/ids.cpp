#include "rules/base/ids.h"

#include <algorithm>

namespace sluice {

Result<IfName> IfName::parse(std::string_view text) {
  const auto forbidden = [](char c) {
    return c <= ' ' || c > '~' || std::string_view("/:\"*\\").find(c) != std::string_view::npos;
  };
  if (text.empty() || text.size() > 15 || text == "." || text == ".." ||
      std::any_of(text.begin(), text.end(), forbidden)) {
    return fail(Errc::Invalid,
                "\"" + std::string(text) +
                    "\" is not an interface name (1 to 15 printable bytes, none of / : * \" \\)");
  }
  return IfName(text);
}

}  // namespace sluice
