#include "injector/webhook/document.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include <nlohmann/json.hpp>

#include "injector/pod/json_text.h"
#include "rules/base/utf8.h"

namespace sluice::webhook {
namespace {

using nlohmann::json;

constexpr int kDeepest = 256;
constexpr std::size_t kAskedLevels = 4;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Recursive descent over the text. Functions say whether they succeeded; `out` is null where the
/// value is only to be passed over.
class Reader {
 public:
  Reader(std::string_view text, Keep keep)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), keep_(keep) {}

  bool document(json& out) {
    space();
    if (!value(&out, 0, true)) return false;
    space();
    return at_ == end_;
  }

  [[nodiscard]] std::string error() const {
    if (too_deep_) return "nested deeper than " + std::to_string(kDeepest) + " levels";
    return "not JSON at byte " + std::to_string(at_ - begin_ + 1);
  }

 private:
  void space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }

  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  bool word(std::string_view text) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text)) {
      return false;
    }
    at_ += text.size();
    return true;
  }

  /// `asked`: whether `keep_` is asked about the members of an object that stands here.
  bool value(json* out, int depth, bool asked) {
    if (at_ == end_) return false;
    switch (*at_) {
      case '{':
        return deeper(depth) && object(out, depth + 1, asked);
      case '[':
        return deeper(depth) && array(out, depth + 1);
      case '"':
        return out == nullptr ? string(nullptr)
                              : string(&(*out = std::string()).get_ref<std::string&>());
      case 't':
        return word("true") && set(out, true);
      case 'f':
        return word("false") && set(out, false);
      case 'n':
        return word("null") && set(out, nullptr);
      default:
        return number(out);
    }
  }

  template <class T>
  static bool set(json* out, T value) {
    if (out != nullptr) *out = value;
    return true;
  }

  bool deeper(int depth) {
    too_deep_ = depth == kDeepest;
    return !too_deep_;
  }

  bool object(json* out, int depth, bool asked) {
    ++at_;
    if (out != nullptr) *out = json::object();
    space();
    if (take('}')) return true;
    do {
      space();
      std::string key;
      if (!string(out == nullptr ? nullptr : &key)) return false;
      space();
      if (!take(':')) return false;
      space();
      if (!(out == nullptr ? value(nullptr, depth, false)
                           : member(*out, std::move(key), depth, asked))) {
        return false;
      }
      space();
    } while (take(','));
    return take('}');
  }

  bool member(json& object, std::string key, int depth, bool asked) {
    if (asked) path_.push_back(key);
    const bool kept = !asked || keep_(path_);
    bool good = false;
    if (kept) {
      const auto [place, added] =
          object.get_ref<json::object_t&>().try_emplace(std::move(key), nullptr);
      if (asked) path_.back() = place->first;  // where the key is now
      if (!added) place->second = nullptr;
      good = value(&place->second, depth, asked && path_.size() < kAskedLevels);
    } else {
      good = value(nullptr, depth, false);
    }
    if (asked) path_.pop_back();
    return good;
  }

  bool array(json* out, int depth) {
    ++at_;
    if (out != nullptr) *out = json::array();
    space();
    if (take(']')) return true;
    do {
      space();
      json* const element =
          out == nullptr ? nullptr : &out->get_ref<json::array_t&>().emplace_back(nullptr);
      if (!value(element, depth, false)) return false;
      space();
    } while (take(','));
    return take(']');
  }

  bool string(std::string* out) {
    if (!take('"')) return false;
    for (;;) {
      const char* const first = at_;
      at_ = injector::plain_end(first, end_);
      if (out != nullptr) out->append(first, static_cast<std::size_t>(at_ - first));
      if (at_ == end_) return false;
      if (take('"')) return true;
      if (!(*at_ == '\\' ? escape(out) : multibyte(out))) return false;
    }
  }

  bool multibyte(std::string* out) {
    const std::size_t size = first_rune({at_, static_cast<std::size_t>(end_ - at_)}).size;
    if (size < 2) return false;  // a control character, or no UTF-8
    if (out != nullptr) out->append(at_, size);
    at_ += size;
    return true;
  }

  bool escape(std::string* out) {
    constexpr std::string_view Letters = "\"\\/bfnrt";
    constexpr std::string_view Meanings = "\"\\/\b\f\n\r\t";
    ++at_;
    if (at_ == end_) return false;
    if (*at_ == 'u') return unicode(out);
    const std::size_t letter = Letters.find(*at_);
    if (letter == std::string_view::npos) return false;
    ++at_;
    if (out != nullptr) *out += Meanings[letter];
    return true;
  }

  bool unicode(std::string* out) {
    std::uint32_t unit = 0;
    if (!hex(unit)) return false;
    if (is_low_surrogate(unit)) return false;
    if (is_high_surrogate(unit)) {
      std::uint32_t low = 0;
      if (!take('\\') || at_ == end_ || *at_ != 'u' || !hex(low)) return false;
      if (!is_low_surrogate(low)) return false;
      unit = of_surrogates(unit, low);
    }
    if (out != nullptr) append_rune(*out, unit);
    return true;
  }

  /// "uXXXX", from the u on.
  bool hex(std::uint32_t& unit) {
    ++at_;
    if (end_ - at_ < 4) return false;
    const auto [stop, error] = std::from_chars(at_, at_ + 4, unit, 16);
    if (error != std::errc() || stop != at_ + 4 || *at_ == '-') return false;
    at_ = stop;
    return true;
  }

  bool digits() {
    const char* const first = at_;
    while (at_ < end_ && is_digit(*at_)) ++at_;
    return at_ != first;
  }

  bool number(json* out) {
    const char* const first = at_;
    const bool negative = take('-');
    if (!take('0') && !digits()) return false;
    const char* const whole = at_;
    if (take('.') && !digits()) return false;
    if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      if (!take('+')) static_cast<void>(take('-'));
      if (!digits()) return false;
    }
    if (at_ == whole && integer(out, first, negative)) return true;
    return real(out, first);
  }

  /// False for one that takes more than 64 bits.
  bool integer(json* out, const char* first, bool negative) const {
    std::int64_t small = 0;
    std::uint64_t large = 0;
    const auto error =
        negative ? std::from_chars(first, at_, small).ec : std::from_chars(first, at_, large).ec;
    if (error != std::errc()) return false;
    return negative ? set(out, small) : set(out, large);
  }

  bool real(json* out, const char* first) {
    double held = 0;
    if (std::from_chars(first, at_, held).ec != std::errc()) {
      held = std::strtod(std::string(first, at_).c_str(), nullptr);  // tiny, or too large
      if (!std::isfinite(held)) return false;
    }
    return set(out, held);
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  Keep keep_;
  Path path_;
  bool too_deep_ = false;
};

}  // namespace

Result<json> parse_document(std::string_view text, Keep keep) {
  Reader reader(text, keep);
  json document;
  if (reader.document(document)) return document;
  return fail(Errc::Malformed, reader.error());
}

}  // namespace sluice::webhook
