#include "injector/render/filler.h"

#include <algorithm>
#include <map>

namespace sluice::injector {
namespace {

using kube::YamlNode;
using nlohmann::json;

/// Begins the words that stand in for the real ones; a form that has it itself is refused.
constexpr std::string_view kStandIn = "Zq7StandIn";
constexpr std::size_t kDigits = 6;
/// Bytes of them in one document: what comes from a pod may not cost much more than its parsing.
constexpr std::size_t kMostStandIns = 128u << 10;

std::string stand_in(std::size_t hole, Hole kind) {
  std::string number = std::to_string(hole);
  std::string word = std::string(kStandIn) + std::string(kDigits - number.size(), '0') + number;
  word.resize(kind == Hole::Word ? kLongestWord : kLongestPhrase, 'x');
  return word;
}

}  // namespace

/// From nodes of YAML to nodes of the filler, finding the stand-ins.
class Filler::Compiler {
 public:
  explicit Compiler(Filler& filler) : filler_(filler), close_(filler.holes_.size(), false) {}

  bool compile(const YamlNode& yaml) {
    filler_.root_ = node(yaml);
    return !failed_;
  }

  [[nodiscard]] std::vector<std::size_t> to_close() const {
    std::vector<std::size_t> holes;
    for (std::size_t i = 0; i < close_.size(); ++i) {
      if (close_[i]) holes.push_back(i);
    }
    return holes;
  }

 private:
  Node node(const YamlNode& yaml) {
    switch (yaml.kind) {
      case YamlNode::Kind::Null:
        return {};
      case YamlNode::Kind::Scalar:
        return scalar(yaml);
      case YamlNode::Kind::List:
        return list(yaml);
      default:
        return map(yaml);
    }
  }

  static bool is_fixed(const Node& node) { return node.kind == Node::Kind::Fixed; }

  Node scalar(const YamlNode& yaml) {
    Node result{.kind = Node::Kind::Text, .plain = yaml.plain};
    std::size_t from = 0;
    for (std::size_t at = yaml.text.find(kStandIn); at != std::string::npos;
         at = yaml.text.find(kStandIn, from)) {
      const std::size_t hole = std::stoul(yaml.text.substr(at + kStandIn.size(), kDigits));
      const std::string word = stand_in(hole, filler_.holes_.at(hole));
      if (yaml.text.compare(at, word.size(), word) != 0) failed_ = true;
      result.parts.push_back({yaml.text.substr(from, at - from), static_cast<int>(hole)});
      from = at + word.size();
      note(hole, yaml);
    }
    if (result.parts.empty()) {
      auto value = yaml.plain ? kube::plain_value(yaml.text) : json(yaml.text);
      failed_ = failed_ || !value;
      return {.fixed = std::move(value).value_or(nullptr)};
    }
    result.parts.push_back({yaml.text.substr(from), -1});
    filler_.size_ += yaml.text.size();
    return result;
  }

  /// A phrase may only stand where its characters mean nothing.
  void note(std::size_t hole, const YamlNode& yaml) {
    if (filler_.holes_[hole] == Hole::Word) return;
    switch (yaml.mark) {
      case '"':
        filler_.bars_[hole] = Bars::DoubleQuotes;
        break;
      case '\'':
        filler_.bars_[hole] = Bars::SingleQuotes;
        break;
      case '|':
      case '>':
        break;
      default:
        close_[hole] = true;
        break;
    }
  }

  Node list(const YamlNode& yaml) {
    Node result{.kind = Node::Kind::List};
    bool fixed = true;
    for (const YamlNode& item : yaml.items) {
      result.items.push_back(node(item));
      fixed = fixed && is_fixed(result.items.back());
    }
    if (!fixed) return result;
    json array = json::array();
    for (Node& item : result.items) array.push_back(std::move(item.fixed));
    return {.fixed = std::move(array)};
  }

  Node map(const YamlNode& yaml) {
    Node open{.kind = Node::Kind::OpenMap};
    for (const YamlNode& item : yaml.items) open.items.push_back(node(item));
    std::map<std::string, std::size_t> keys;  // of equal ones, the last
    for (std::size_t i = 0; i < open.items.size(); i += 2) {
      const Node& key = open.items[i];
      if (!is_fixed(key)) return open;
      if (!key.fixed.is_string() && !key.fixed.is_primitive()) failed_ = true;
      keys[key.fixed.is_string() ? key.fixed.get<std::string>() : key.fixed.dump()] = i + 1;
    }
    return closed_map(open, keys);
  }

  static Node closed_map(Node& open, const std::map<std::string, std::size_t>& keys) {
    Node result{.kind = Node::Kind::Map};
    const bool fixed = std::all_of(keys.begin(), keys.end(), [&](const auto& entry) {
      return is_fixed(open.items[entry.second]);
    });
    json object = json::object();
    for (const auto& [key, at] : keys) {
      if (fixed) {
        object[key] = std::move(open.items[at].fixed);
      } else {
        result.keys.push_back(key);
        result.items.push_back(std::move(open.items[at]));
      }
    }
    return fixed ? Node{.fixed = std::move(object)} : result;
  }

  Filler& filler_;
  std::vector<bool> close_;
  bool failed_ = false;
};

/// Puts words in.
class Filler::Builder {
 public:
  explicit Builder(const std::vector<std::string_view>& words) : words_(words) {}

  [[nodiscard]] bool failed() const { return failed_; }

  json build(const Node& node) {
    switch (node.kind) {
      case Node::Kind::Fixed:
        return node.fixed;
      case Node::Kind::Text:
        return text(node);
      case Node::Kind::List: {
        json list = json::array();
        auto& items = list.get_ref<json::array_t&>();
        items.reserve(node.items.size());
        for (const Node& item : node.items) items.push_back(build(item));
        return list;
      }
      case Node::Kind::Map: {
        json map = json::object();
        auto& members = map.get_ref<json::object_t&>();
        for (std::size_t i = 0; i < node.keys.size(); ++i) {
          members.emplace_hint(members.end(), node.keys[i], build(node.items[i]));
        }
        return map;
      }
      default:
        return open_map(node);
    }
  }

 private:
  json text(const Node& node) {
    std::size_t size = 0;
    for (const Part& part : node.parts) size += part.literal.size() + word(part).size();
    std::string joined;
    joined.reserve(size);
    for (const Part& part : node.parts) (joined += part.literal) += word(part);
    if (!node.plain) return joined;
    auto value = kube::plain_value(joined);
    failed_ = failed_ || !value;
    return std::move(value).value_or(nullptr);
  }

  [[nodiscard]] std::string_view word(const Part& part) const {
    return part.hole < 0 ? std::string_view() : words_[static_cast<std::size_t>(part.hole)];
  }

  json open_map(const Node& node) {
    json map = json::object();
    for (std::size_t i = 0; i < node.items.size(); i += 2) {
      const json key = build(node.items[i]);
      failed_ = failed_ || key.is_null();
      json value = build(node.items[i + 1]);
      map[key.is_string() ? key.get<std::string>() : key.dump()] = std::move(value);
    }
    return map;
  }

  const std::vector<std::string_view>& words_;
  bool failed_ = false;
};

Filler::Made Filler::make(std::string_view form) {
  if (auto closed = holes_to_close(form); !closed.empty()) return Refusal{std::move(closed)};
  Filler filler;
  filler.holes_ = holes_of(form);
  filler.bars_.assign(filler.holes_.size(), Bars::Nothing);
  filler.size_ = form.size();
  if (has_directive(form) || form.find(kStandIn) != std::string_view::npos) return Refusal{};
  std::vector<std::string> words;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < filler.holes_.size() && bytes <= kMostStandIns; ++i) {
    words.push_back(stand_in(i, filler.holes_[i]));
    bytes += words.back().size();
  }
  if (bytes > kMostStandIns) return Refusal{};
  const auto yaml = kube::yaml_to_node(fill_form(form, words));
  if (!yaml) return Refusal{};
  Compiler compiler(filler);
  const bool compiled = compiler.compile(*yaml);
  if (auto closed = compiler.to_close(); !closed.empty()) return Refusal{std::move(closed)};
  if (!compiled || !filler.check(form)) return Refusal{};
  return filler;
}

/// The longest words were parsed; the shortest, and phrases full of indicators, must agree.
bool Filler::check(std::string_view form) const {
  std::vector<std::string> shortest(holes_.size(), "a");
  std::vector<std::string> odd;
  for (std::size_t i = 0; i < holes_.size(); ++i) {
    std::string phrase = "#- {a: &b *c !d |e >f %g @h `i ,j]} '\"\\n' : ? ---";
    if (bars_[i] == Bars::DoubleQuotes) {
      std::erase_if(phrase, [](char c) { return c == '"' || c == '\\'; });
    } else if (bars_[i] == Bars::SingleQuotes) {
      std::erase(phrase, '\'');
    }
    odd.push_back(holes_[i] == Hole::Word ? "0/-_.x" : phrase);
  }
  return agrees(form, shortest) && agrees(form, odd);
}

bool Filler::agrees(std::string_view form, const std::vector<std::string>& words) const {
  const auto filled = fill(std::vector<std::string_view>(words.begin(), words.end()));
  const auto parsed = kube::yaml_to_json(fill_form(form, words));
  return filled && parsed && *filled == *parsed;
}

std::optional<json> Filler::fill(const std::vector<std::string_view>& words) const {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool barred =
        (bars_[i] == Bars::DoubleQuotes && words[i].find_first_of("\"\\") != words[i].npos) ||
        (bars_[i] == Bars::SingleQuotes && words[i].find('\'') != words[i].npos);
    if (barred) return std::nullopt;
  }
  Builder builder(words);
  json built = builder.build(root_);
  if (builder.failed()) return std::nullopt;
  return built;
}

}  // namespace sluice::injector
