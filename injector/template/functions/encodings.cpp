// sprig's encodings and hashes.

#include <array>
#include <cstdint>

#include <openssl/evp.h>

#include "injector/template/functions/base64.h"
#include "injector/template/functions/bind.h"
#include "injector/template/functions/text.h"
#include "rules/base/hex.h"

namespace sluice::tmpl {
namespace {

using std::string;

constexpr std::string_view Base64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Groups of bytes as letters of `bits` bits each, filled up with '='.
string encode(std::string_view text, std::string_view alphabet, unsigned bits, std::size_t group) {
  string out;
  std::uint32_t held = 0;
  unsigned count = 0;
  const auto put = [&](std::uint32_t value) { out += alphabet[value & ((1U << bits) - 1)]; };
  for (const char c : text) {
    held = held << 8U | static_cast<unsigned char>(c);
    count += 8;
    while (count >= bits) {
      count -= bits;
      put(held >> count);
    }
  }
  if (count > 0) put(held << (bits - count));
  while (out.size() % group != 0) out += '=';
  return out;
}

/// Letters as bytes; bits that are left over are dropped.
string pack(const std::vector<std::uint32_t>& letters, unsigned bits) {
  string out;
  std::uint32_t held = 0;
  unsigned count = 0;
  for (const std::uint32_t letter : letters) {
    held = held << bits | letter;
    count += bits;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(held >> count & 0xFFU);
  }
  return out;
}

tl::unexpected<Error> corrupt(std::string_view what, std::size_t at) {
  return go_error("illegal " + string(what) + " data at input byte " + std::to_string(at));
}

bool is_line_break(char c) {
  return c == '\n' || c == '\r';
}

/// What follows the first '=' after `letters` of a group of four: where it is wrong, or npos.
std::size_t wrong_padding(std::string_view text, std::size_t at, std::size_t letters) {
  if (letters < 2) return at - 1;
  const auto skip_breaks = [&] {
    while (at < text.size() && is_line_break(text[at])) ++at;
  };
  if (letters == 2) {
    skip_breaks();
    if (at == text.size()) return at;
    if (text[at] != '=') return at - 1;
    ++at;
  }
  skip_breaks();
  return at < text.size() ? at : string::npos;
}

}  // namespace

Result<string> from_base64(std::string_view text) {
  std::vector<std::uint32_t> letters;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at++];
    if (is_line_break(c)) continue;
    if (c == '=') {
      const std::size_t wrong = wrong_padding(text, at, letters.size() % 4);
      if (wrong != string::npos) return corrupt("base64", wrong);
      return pack(letters, 6);
    }
    const std::size_t value = Base64.find(c);
    if (value == std::string_view::npos) return corrupt("base64", at - 1);
    letters.push_back(static_cast<std::uint32_t>(value));
  }
  if (letters.size() % 4 != 0) return corrupt("base64", at - letters.size() % 4);
  return pack(letters, 6);
}

namespace {

Result<string> from_base32(std::string_view given) {
  string text(given);
  std::erase_if(text, is_line_break);
  std::vector<std::uint32_t> letters;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t in_group = letters.size() % 8;
    const std::size_t rest = text.size() - at - 1;
    if (text[at] == '=' && in_group >= 2 && rest < 8) {
      if (rest + in_group < 7) return corrupt("base32", text.size());
      for (std::size_t k = 0; k < 7 - in_group && k < rest; ++k) {
        if (text[at + 1 + k] != '=') return corrupt("base32", at + k);
      }
      if (in_group == 3 || in_group == 6) return corrupt("base32", at);
      return pack(letters, 5);
    }
    const std::size_t value = Base32.find(text[at]);
    if (value == std::string_view::npos) return corrupt("base32", at);
    letters.push_back(static_cast<std::uint32_t>(value));
  }
  const std::size_t in_group = letters.size() % 8;
  if (in_group != 0) return corrupt("base32", text.size() - in_group);
  return pack(letters, 5);
}

/// The bytes, or, as sprig has it, the text of the error.
string bytes_or_error(Result<string> decoded) {
  return decoded ? std::move(*decoded) : std::move(decoded).error().message;
}

Result<string> digest(const EVP_MD* kind, const string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), hash.data(), &size, kind, nullptr) != 1) {
    return fail(Errc::Unavailable, "OpenSSL has no such hash");
  }
  string out;
  for (unsigned i = 0; i < size; ++i) append_hex(out, hash.at(i), 2);
  return out;
}

string adler32(const string& text) {
  constexpr std::uint32_t Prime = 65521;
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : text) {
    a = (a + static_cast<unsigned char>(c)) % Prime;
    b = (b + a) % Prime;
  }
  return std::to_string(b << 16U | a);
}

}  // namespace

void add_encodings(FunctionTable& table) {
  Binder binder(table);
  binder.bind("b64enc", [](const string& text) { return encode(text, Base64, 6, 4); });
  binder.bind("b64dec", [](const string& text) { return bytes_or_error(from_base64(text)); });
  binder.bind("b32enc", [](const string& text) { return encode(text, Base32, 5, 8); });
  binder.bind("b32dec", [](const string& text) { return bytes_or_error(from_base32(text)); });
  binder.bind("sha1sum", [](const string& text) { return digest(EVP_sha1(), text); });
  binder.bind("sha256sum", [](const string& text) { return digest(EVP_sha256(), text); });
  binder.bind("sha512sum", [](const string& text) { return digest(EVP_sha512(), text); });
  binder.bind("adler32sum", adler32);
}

}  // namespace sluice::tmpl
