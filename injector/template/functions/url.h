#pragma once

// Go's net/url, as far as taking addresses apart and putting them together.

#include <optional>
#include <string>
#include <string_view>

#include "rules/base/result.h"

namespace sluice::tmpl {

struct Url {
  std::string scheme;
  std::string opaque;
  std::optional<std::string> userinfo;  ///< escaped
  std::string host;                     ///< with its port
  std::string path;                     ///< not escaped
  std::string query;                    ///< as written
  std::string fragment;                 ///< not escaped
};

/// Invalid in the words of Go's url.Error.
[[nodiscard]] Result<Url> parse_url(std::string_view text);
[[nodiscard]] std::string url_text(const Url& url);
/// Without port and brackets.
[[nodiscard]] std::string hostname_of(std::string_view host);

}  // namespace sluice::tmpl
