#include "injector/webhook/base64.h"

#include <cstdint>

namespace sluice::webhook {

void append_base64(std::string& out, std::string_view bytes) {
  // Plain arrays: the checks of the library's own would be most of the work.
  static constexpr char Letters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4, '=');
  char* to = out.data() + start;
  const char* const from = bytes.data();
  const auto byte = [from](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(from[i]);
  };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3, to += 4) {
    const std::uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    to[0] = Letters[three >> 18];
    to[1] = Letters[three >> 12 & 63];
    to[2] = Letters[three >> 6 & 63];
    to[3] = Letters[three & 63];
  }
  const std::size_t left = bytes.size() - i;
  if (left == 0) return;
  const std::uint32_t last = byte(i) << 16 | (left == 2 ? byte(i + 1) << 8 : 0);
  to[0] = Letters[last >> 18];
  to[1] = Letters[last >> 12 & 63];
  if (left == 2) to[2] = Letters[last >> 6 & 63];
}

}  // namespace sluice::webhook
