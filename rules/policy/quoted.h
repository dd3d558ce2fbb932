#pragma once

// Foreign text in messages. Annotations and JSON may hold anything, and a message ends in a log
// line, a Kubernetes Event and a JSON document.

#include <string>
#include <string_view>

namespace sluice {

/// `text` in double quotes as plain ASCII: quotes, backslashes and all that is not printable are
/// escaped, and of long text only the first 100 bytes are shown.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// `key` as part of a path: bare when it is a plain word, else quoted.
[[nodiscard]] std::string key_name(std::string_view key);

/// "a; b; c", as every message that names several problems is put together.
template <class Texts>
[[nodiscard]] std::string joined(const Texts& texts, std::string_view separator = "; ") {
  std::string all;
  for (const std::string& text : texts) {
    if (!all.empty()) all += separator;
    all += text;
  }
  return all;
}

}  // namespace sluice
