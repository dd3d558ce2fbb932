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
  /// False when the text itself has the characters that mark holes.
  [[nodiscard]] bool usable() const;
  /// The document with a Hole's character in the place of each word.
  [[nodiscard]] const std::string& form() const { return form_; }
  [[nodiscard]] std::size_t holes() const { return words_.size(); }
  [[nodiscard]] std::string_view word(std::size_t hole) const;
  /// The document.
  [[nodiscard]] std::string document() const;
  /// Makes the words of some holes, in ascending order, part of the form.
  void close(const std::vector<std::size_t>& holes);

 private:
  struct Word {
    std::size_t offset;
    std::size_t size;
  };
  void word_or_phrase(std::string_view text);

  std::string form_;
  std::string store_;
  std::vector<Word> words_;
};

/// A form with words in its holes.
[[nodiscard]] std::string fill_form(std::string_view form, const std::vector<std::string>& words);

/// The holes that cannot be left open because of what stands before them in the text; see
/// skeleton.cpp. Ascending.
[[nodiscard]] std::vector<std::size_t> holes_to_close(std::string_view form);

/// Whether a directive begins a line, so that nothing can be said about the text.
[[nodiscard]] bool has_directive(std::string_view form);

}  // namespace sluice::injector
