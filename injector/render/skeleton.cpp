// Why filling a skeleton gives what parsing its document would have given.
//
// Two documents of one form differ only in the words in its holes. A reader of YAML decides by
// single characters what is structure: indicators, spaces, line breaks, and a word's first and last
// character, where they meet what stands beside them. A Word begins and ends with a letter or digit
// and has nothing inside that means anything to YAML, so whatever the word, the reader goes the
// same way through the text, and the tree is the same but for the scalars that the words are part
// of. Exceptions, and what is done about each:
//
// - A backslash in double quotes makes letters mean something else; an anchor, alias, tag, block
//   header or directive is not a scalar that could be filled. Holes that touch one of these are
//   closed: their words become part of the form (holes_to_close).
// - The type of a plain scalar is in its text, and so are the equality and order of keys: the
//   filler types plain scalars, and puts keys in, when the words are known.
// - Words differ in length, and columns matter for what comes after them in a line. A comparison of
//   columns has the same outcome for all lengths if it has for the shortest and the longest: the
//   filler is made from the longest words and must give the same as parsing for the shortest.
//
// A Phrase may have indicators and spaces inside, which mean nothing in a block scalar, in a
// comment, and, quotes and backslashes aside, in quotes: where a Phrase's hole is anywhere else, it
// is closed. At the beginning of a line it could be a document marker, so it is closed there too.
//
// What does not parse, or parses to something that is not provably filled right, is not cached.

#include "injector/render/skeleton.h"

#include <algorithm>
#include <cstring>

namespace sluice::injector {
namespace {

constexpr char kWord = static_cast<char>(Hole::Word);
constexpr char kPhrase = static_cast<char>(Hole::Phrase);
constexpr std::string_view kQuote = "\"";

bool is_mark(char c) {
  return c == kWord || c == kPhrase;
}

bool is_alphanumeric(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

bool is_word(std::string_view text) {
  if (text.empty() || text.size() > kLongestWord) return false;
  if (!is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '_' || c == '/' || c == '-';
  });
}

bool is_phrase(std::string_view text) {
  if (text.empty() || text.size() > kLongestPhrase) return false;
  if (text.front() == ' ' || text.back() == ' ') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// Something in double quotes, as `quote` and toJSON of a string give it, without escapes.
bool is_quoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  return text.substr(1, text.size() - 2).find_first_of("\"\\") == std::string_view::npos;
}

/// Whether what stands before a hole makes letters of its word mean something else.
bool must_close(std::string_view form, std::size_t at) {
  // The longest escape is \U and eight digits; a mark counts as one, its word is no shorter.
  constexpr std::size_t LongestEscape = 10;
  constexpr std::string_view MarkerParts = "-.\1";  // of "---" and "...", and what may hold such
  const std::size_t from = at < LongestEscape ? 0 : at - LongestEscape;
  if (form.substr(from, at - from).find('\\') != std::string_view::npos) return true;
  for (std::size_t i = at; i > 0 && std::string_view(" \t\r\n").find(form[i - 1]) == form.npos;
       --i) {
    if (std::string_view("&*!%|>").find(form[i - 1]) != std::string_view::npos) return true;
  }
  if (form[at] == kWord) return false;
  const std::size_t line = form.substr(0, at).rfind('\n') + 1;  // 0 in the first line
  return form.substr(line, at - line).find_first_not_of(MarkerParts) == std::string_view::npos;
}

}  // namespace

void Skeleton::clear() {
  key_.clear();
  store_.clear();
  pieces_.clear();
}

/// With its length, so that keys are as different as what they are of.
void Skeleton::add_text_to_key(Kind kind, std::string_view text) {
  key_ += static_cast<char>(kind);
  key_ += std::to_string(text.size());
  (key_ += ':') += text;
}

void Skeleton::text(std::string_view literal) {
  const char* const place = literal.data();
  char bytes[sizeof place];
  std::memcpy(bytes, &place, sizeof place);
  (key_ += static_cast<char>(Kind::Literal)).append(bytes, sizeof bytes);
  pieces_.push_back({Kind::Literal, place, 0, literal.size()});
}

void Skeleton::action(std::string_view printed) {
  if (is_quoted(printed)) {
    text(kQuote);
    word_or_phrase(printed.substr(1, printed.size() - 2));
    text(kQuote);
  } else {
    word_or_phrase(printed);
  }
}

void Skeleton::word_or_phrase(std::string_view printed) {
  const bool word = is_word(printed);
  if (word || is_phrase(printed)) {
    const Kind kind = word ? Kind::Word : Kind::Phrase;
    key_ += static_cast<char>(kind);
    print(kind, printed);
  } else {
    add_text_to_key(Kind::Fixed, printed);
    print(Kind::Fixed, printed);
  }
}

void Skeleton::print(Kind kind, std::string_view printed) {
  pieces_.push_back({kind, nullptr, store_.size(), printed.size()});
  store_ += printed;
}

std::string_view Skeleton::text_of(const Piece& piece) const {
  if (piece.literal != nullptr) return {piece.literal, piece.size};
  return std::string_view(store_).substr(piece.offset, piece.size);
}

std::vector<std::string_view> Skeleton::words() const {
  std::vector<std::string_view> words;
  words.reserve(pieces_.size());
  for (const Piece& piece : pieces_) {
    if (is_hole(piece)) words.push_back(text_of(piece));
  }
  return words;
}

std::string Skeleton::form() const {
  std::string out;
  for (const Piece& piece : pieces_) {
    if (is_hole(piece)) {
      out += piece.kind == Kind::Word ? kWord : kPhrase;
    } else {
      out += text_of(piece);
    }
  }
  return out;
}

std::string Skeleton::document() const {
  std::string out;
  for (const Piece& piece : pieces_) out += text_of(piece);
  return out;
}

/// The key grows by the words: it is the one of a form with open holes, and what is in them.
void Skeleton::close(const std::vector<std::size_t>& holes) {
  std::size_t hole = 0;
  auto next = holes.begin();
  for (Piece& piece : pieces_) {
    if (next == holes.end()) return;
    if (!is_hole(piece) || hole++ != *next) continue;
    ++next;
    piece.kind = Kind::Closed;
    add_text_to_key(Kind::Closed, text_of(piece));
  }
}

std::vector<Hole> holes_of(std::string_view form) {
  std::vector<Hole> holes;
  for (const char c : form) {
    if (is_mark(c)) holes.push_back(static_cast<Hole>(c));
  }
  return holes;
}

std::string fill_form(std::string_view form, const std::vector<std::string>& words) {
  std::string out;
  std::size_t hole = 0;
  for (const char c : form) {
    if (is_mark(c)) {
      out += words[hole++];
    } else {
      out += c;
    }
  }
  return out;
}

std::vector<std::size_t> holes_to_close(std::string_view form) {
  std::vector<std::size_t> closed;
  std::size_t hole = 0;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (!is_mark(form[i])) continue;
    if (must_close(form, i)) closed.push_back(hole);
    ++hole;
  }
  return closed;
}

bool has_directive(std::string_view form) {
  return form.starts_with('%') || form.find("\n%") != std::string_view::npos;
}

}  // namespace sluice::injector
