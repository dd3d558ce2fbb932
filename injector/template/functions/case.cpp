#include "injector/template/functions/case.h"

#include "injector/template/functions/letters.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

bool is_connector(char32_t rune) {
  return rune == '-' || rune == '_' || is_space(rune);
}

/// A letter of a script that has words; Chinese has none.
bool is_alphabetic(char32_t rune) {
  const bool chinese = (rune >= 0x3400 && rune <= 0x4D85) || (rune >= 0x4E00 && rune <= 0x9FCC) ||
                       (rune >= 0x20000 && rune <= 0x2B81D);
  return is_letter(rune) && !chinese;
}

enum class Kind { None, Number, Capital, Alphabetic, Connector, Punctuation, Other };

struct Word {
  Kind kind = Kind::None;
  std::string_view text;
};

/// Takes the words of a text one by one. What is no UTF-8 goes with the word it is in.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  Word next() {
    if (rest_.empty()) return {};
    std::size_t length = 0;
    const char32_t first = rune_after(0, kRuneError, length);
    if (first == kRuneError) return take(Kind::None, length);
    if (is_connector(first)) return run(Kind::Connector, length, is_connector);
    if (is_punctuation(first)) return run(Kind::Punctuation, length, is_punctuation);
    if (is_upper(first)) return capital(length);
    if (is_alphabetic(first)) return run(Kind::Alphabetic, length, continues_word);
    if (is_number(first)) return run(Kind::Number, length, is_number);
    return run(Kind::Other, length, [](char32_t rune) {
      return !is_connector(rune) && !is_alphabetic(rune) && !is_number(rune) &&
             !is_punctuation(rune);
    });
  }

 private:
  static bool continues_word(char32_t rune) { return is_alphabetic(rune) && !is_upper(rune); }

  /// The first good rune from `at` on, or `otherwise`; `end` is after it.
  char32_t rune_after(std::size_t at, char32_t otherwise, std::size_t& end) const {
    while (at < rest_.size()) {
      const Rune rune = first_rune(rest_.substr(at));
      at += rune.size;
      end = at;
      if (rune.value != kRuneError) return rune.value;
    }
    end = at;
    return otherwise;
  }

  Word take(Kind kind, std::size_t length) {
    const Word word{kind, rest_.substr(0, length)};
    rest_.remove_prefix(length);
    return word;
  }

  /// From `at` on, as long as runes belong to it.
  template <class Belongs>
  std::size_t end_of_run(std::size_t at, Belongs belongs) const {
    while (at < rest_.size()) {
      std::size_t end = at;
      const char32_t rune = rune_after(at, kRuneError, end);
      if (rune != kRuneError && !belongs(rune)) break;
      at = end;
    }
    return at;
  }

  template <class Belongs>
  Word run(Kind kind, std::size_t length, Belongs belongs) {
    return take(kind, end_of_run(length, belongs));
  }

  /// A capital and small letters; or capitals, but not the last before a small letter: the S in
  /// "HTTPServer" begins a word.
  Word capital(std::size_t length) {
    if (length == rest_.size()) return take(Kind::Capital, length);
    std::size_t end = length;
    const char32_t second = rune_after(length, U'A', end);
    if (!is_upper(second)) {
      if (!is_alphabetic(second)) return take(Kind::Capital, length);
      return take(Kind::Capital, end_of_run(end, continues_word));
    }
    std::size_t before_last = length;
    while (end < rest_.size()) {
      std::size_t after = end;
      const char32_t rune = rune_after(end, U'A', after);
      if (!is_upper(rune)) return take(Kind::Capital, is_alphabetic(rune) ? before_last : end);
      before_last = end;
      end = after;
    }
    return take(Kind::Capital, end);
  }

  std::string_view rest_;
};

class Connected {
 public:
  Connected(std::string_view text, char connector) : words_(text), connector_(connector) {}

  std::string write() {
    word_ = words_.next();
    while (!words_.done()) {
      if (word_.kind != Kind::Connector) append(word_);
      const Word before = word_;
      word_ = words_.next();
      switch (before.kind) {
        case Kind::Number:
          take_with_number();
          connect_unless(Kind::None);
          break;
        case Kind::Connector:
          append(before);
          break;
        case Kind::Punctuation:
          break;
        default:
          after_word();
      }
    }
    append(word_);
    return std::move(out_);
  }

 private:
  /// After letters: a number before capitals stays with them, one before small letters does not.
  void after_word() {
    if (word_.kind != Kind::Number) return connect();
    if (words_.done()) return;
    const Word number = word_;
    word_ = words_.next();
    if (word_.kind != Kind::Alphabetic) {
      append(number);
      return connect();
    }
    out_ += connector_;
    append(number);
    take_with_number();
    connect_unless(Kind::None);
  }

  void take_with_number() {
    while (word_.kind == Kind::Alphabetic || word_.kind == Kind::Number) {
      append(word_);
      word_ = words_.next();
    }
  }

  void connect_unless(Kind kind) {
    if (word_.kind != kind) connect();
  }
  void connect() {
    if (word_.kind != Kind::Connector && word_.kind != Kind::Punctuation) out_ += connector_;
  }

  void append(const Word& word) {
    if (word.kind != Kind::Capital && word.kind != Kind::Connector) {
      out_ += word.text;
      return;
    }
    for (std::string_view rest = word.text; !rest.empty();) {
      const char32_t rune = take_rune(rest).value;
      append_rune(out_, is_connector(rune) ? static_cast<char32_t>(connector_)
                        : is_upper(rune)   ? to_lower(rune)
                                           : rune);
    }
  }

  Words words_;
  Word word_;
  char connector_;
  std::string out_;
};

}  // namespace

std::string connected_case(std::string_view text, char connector) {
  return Connected(text, connector).write();
}

std::string pascal_case(std::string_view text) {
  std::string out;
  // Connectors at the start stay; where nothing else follows, the original writes the last twice.
  char32_t last = 0;
  while (!text.empty() && is_connector(first_rune(text).value)) {
    last = take_rune(text).value;
    append_rune(out, last);
  }
  if (text.empty()) {
    if (last != 0) append_rune(out, last);
    return out;
  }
  char32_t rune = take_rune(text).value;
  bool capitals = is_upper(rune);  // a word that begins with one has its others made small
  rune = to_upper(rune);
  while (!text.empty()) {
    const char32_t before = rune;
    rune = take_rune(text).value;
    if (is_connector(rune) && is_connector(before)) {
      append_rune(out, before);
    } else if (is_connector(before)) {
      capitals = is_upper(rune);
      rune = to_upper(rune);
    } else {
      if (capitals && is_upper(rune)) {
        rune = to_lower(rune);
      } else {
        capitals = false;
      }
      append_rune(out, before);
    }
  }
  append_rune(out, rune);
  return out;
}

}  // namespace sluice::tmpl
