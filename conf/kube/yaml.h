#pragma once

// YAML as a front end: everything that decodes a document decodes JSON.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "rules/base/result.h"

namespace sluice::kube {

/// Whether to keep the member `key` of an object that is `depth` levels deep; the root's is 1.
using KeepMember = bool (*)(int depth, std::string_view key);

/// One JSON document, without the members that are not to be kept. Malformed, with the place.
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text, KeepMember keep = nullptr);

/// One YAML document as JSON, read as Kubernetes reads it: plain scalars by the rules of YAML 1.1
/// (`yes` and `on` are true, 0755 is octal), quoted ones always strings, merge keys (`<<`) applied,
/// keys made strings, of equal keys the last. Malformed, with the line, for what is no YAML, for
/// several documents, for a scalar that its tag does not fit, and for a document that its aliases
/// make enormous.
[[nodiscard]] Result<nlohmann::json> yaml_to_json(std::string_view text);

/// What a file may hold where either is welcome: JSON if it begins with '{' and is JSON, else YAML.
[[nodiscard]] Result<nlohmann::json> json_or_yaml(std::string_view text);

/// A document whose scalars have no types yet. What yaml_to_json makes of it is this: null, the
/// text of a scalar, or where it is plain its plain_value(); lists; and maps, of equal keys the
/// last.
struct YamlNode {
  enum class Kind { Null, Scalar, List, Map };
  Kind kind = Kind::Null;
  std::string text{};             ///< of a Scalar
  bool plain = false;             ///< a Scalar without quotes or a tag that says string
  char mark = 0;                  ///< what a Scalar begins with: ", ', | or >; 0 for anything else
  std::vector<YamlNode> items{};  ///< of a List; of a Map, keys and values by turns
};

/// As yaml_to_json reads it. Invalid for a merge key or a !!binary, which a YamlNode cannot say.
[[nodiscard]] Result<YamlNode> yaml_to_node(std::string_view text);

/// What a plain scalar means; nothing for infinities and NaN, which JSON has not.
[[nodiscard]] std::optional<nlohmann::json> plain_value(const std::string& text);

}  // namespace sluice::kube
