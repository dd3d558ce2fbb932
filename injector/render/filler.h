#pragma once

// A form of documents, parsed once: words in, the JSON of the document out.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/kube/yaml.h"
#include "injector/render/skeleton.h"

namespace sluice::injector {

class Filler {
 public:
  /// Why there is no filler for a form.
  struct Refusal {
    std::vector<std::size_t> close;  ///< holes that must not be open; none: nothing helps
  };
  using Made = std::variant<Filler, Refusal>;
  /// Parses `form` with made-up words of the greatest length, and checks what comes of it.
  [[nodiscard]] static Made make(std::string_view form);

  /// The document with these words in the form's holes. Nothing when only parsing can tell: a word
  /// does not fit its quotes, a key is null.
  [[nodiscard]] std::optional<nlohmann::json> fill(
      const std::vector<std::string_view>& words) const;

  /// Roughly what it takes, in bytes.
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  /// Text around and between holes: literal, hole, literal, hole, literal ...
  struct Part {
    std::string literal;
    int hole = -1;  ///< after the literal; -1: none
  };
  struct Node {
    enum class Kind { Fixed, Text, List, Map, OpenMap };
    Kind kind = Kind::Fixed;
    nlohmann::json fixed{};     ///< without any hole in it
    bool plain = false;         ///< of Text: it means what it says
    std::vector<Part> parts{};  ///< of Text
    std::vector<Node> items{};  ///< of List; of Map its values; of OpenMap keys and values by turns
    std::vector<std::string> keys{};  ///< of Map: ascending, each once
  };
  /// What a hole's word must not have in it: the quotes it stands in.
  enum class Bars : char { Nothing, DoubleQuotes, SingleQuotes };

  class Compiler;
  class Builder;

  [[nodiscard]] bool agrees(std::string_view form, const std::vector<std::string>& words) const;
  [[nodiscard]] bool check(std::string_view form) const;

  Node root_;
  std::vector<Hole> holes_;
  std::vector<Bars> bars_;
  std::size_t size_ = 0;
};

}  // namespace sluice::injector
