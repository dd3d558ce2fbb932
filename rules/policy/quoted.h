#pragma once

// Foreign text in messages. Annotations and JSON may hold anything, and a message ends in a log
// line, a Kubernetes Event and a JSON document.

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// `text` in double quotes as plain ASCII: quotes, backslashes and all that is not printable are
/// escaped, and of long text only the first 100 bytes are shown.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// `key` as part of a path: bare when it is a plain word, else quoted.
[[nodiscard]] std::string key_name(std::string_view key);

/// "a; b; c", as every message that names several problems is put together. After 20 it only says
/// how many more there are: a list of a hundred thousand bad ports makes a message, not a flood.
template <class Texts>
[[nodiscard]] std::string joined(const Texts& texts, std::string_view separator = "; ") {
  constexpr std::size_t kNamed = 20;
  std::string all;
  std::size_t count = 0;
  for (const std::string& text : texts) {
    if (++count > kNamed) continue;
    if (!all.empty()) all += separator;
    all += text;
  }
  if (count > kNamed) all.append(separator) += "and " + std::to_string(count - kNamed) + " more";
  return all;
}

}  // namespace sluice
