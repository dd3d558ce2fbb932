#pragma once

// The skeleton of a rendered document: its text, with holes where the words of simple actions are.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "injector/template/template.h"

namespace sluice::injector {

/// What may stand in a hole, and so in what surroundings a hole can be filled without parsing.
enum class Hole : char {
  Word = '\0',   ///< letters, digits and ._/- between letters or digits: anywhere in YAML
  Phrase = '\1'  ///< any printable ASCII, no space at its ends: in quotes, blocks and comments
};

constexpr std::size_t kLongestWord = 256;
constexpr std::size_t kLongestPhrase = 2048;

/// Receives what a template puts out, and tells skeleton and words apart.
class Skeleton final : public tmpl::Output {
 public:
  void text(std::string_view literal) override;
  void action(std::string_view printed) override;

  /// As new, keeping its memory.
  void clear();
  /// What tells forms of one template apart, and is shorter and sooner made than they are: of the
  /// template's own texts it has where they are, not what they say.
  [[nodiscard]] const std::string& key() const { return key_; }
  /// The document with a Hole's character in the place of each word. It may be in the text, too;
  /// then there are more of them than holes.
  [[nodiscard]] std::string form() const;
  /// What is to stand in the holes, in order.
  [[nodiscard]] std::vector<std::string_view> words() const;
  /// The document.
  [[nodiscard]] std::string document() const;
  /// Makes the words of some holes, in ascending order, part of the form.
  void close(const std::vector<std::size_t>& holes);

 private:
  /// Closed is Fixed, and was a hole.
  enum class Kind : char { Literal, Fixed, Closed, Word, Phrase };
  struct Piece {
    Kind kind;
    const char* literal;  ///< the template's own; nullptr: in store_
    std::size_t offset;
    std::size_t size;
  };
  [[nodiscard]] static bool is_hole(const Piece& piece) { return piece.kind >= Kind::Word; }
  [[nodiscard]] std::string_view text_of(const Piece& piece) const;
  void word_or_phrase(std::string_view printed);
  void print(Kind kind, std::string_view printed);
  void add_text_to_key(Kind kind, std::string_view text);

  std::string key_;
  std::string store_;
  std::vector<Piece> pieces_;
};

/// Where a form has holes, and of which kind.
[[nodiscard]] std::vector<Hole> holes_of(std::string_view form);

/// A form with words in its holes.
[[nodiscard]] std::string fill_form(std::string_view form, const std::vector<std::string>& words);

/// The holes that cannot be left open because of what stands before them in the text; see
/// skeleton.cpp. Ascending.
[[nodiscard]] std::vector<std::size_t> holes_to_close(std::string_view form);

/// Whether a directive begins a line, so that nothing can be said about the text.
[[nodiscard]] bool has_directive(std::string_view form);

}  // namespace sluice::injector
