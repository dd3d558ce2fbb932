#include "injector/webhook/base64.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace sluice::webhook {
namespace {

constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

using Pair = std::array<char, 2>;

/// The two letters of every twelve bits: half as many steps as one letter at a time.
constexpr std::array<Pair, 4096> kPairs = [] {
  std::array<Pair, 4096> pairs{};
  for (std::size_t bits = 0; bits < pairs.size(); ++bits) {
    pairs[bits] = {kLetters[bits >> 6], kLetters[bits & 63]};
  }
  return pairs;
}();

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4, '=');
  char* to = out.data() + start;
  const auto byte = [from = bytes.data()](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(from[i]);
  };
  // By pointer: the checks of the library's own operator would be most of the work.
  const auto pair = [&to, pairs = kPairs.data()](std::uint32_t bits) {
    std::memcpy(to, pairs + bits, sizeof(Pair));
    to += sizeof(Pair);
  };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    pair(three >> 12);
    pair(three & 4095);
  }
  const std::size_t left = bytes.size() - i;
  if (left == 0) return;
  const std::uint32_t last = byte(i) << 16 | (left == 2 ? byte(i + 1) << 8 : 0);
  pair(last >> 12);
  if (left == 2) *to = kLetters[last >> 6 & 63];
}

}  // namespace sluice::webhook
