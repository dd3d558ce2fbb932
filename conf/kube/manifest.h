#pragma once

// A stream of Kubernetes objects as people keep it in a file: YAML documents between lines of
// `---`, or JSON objects one after another. It is read into values, and written back in such a way
// that whatever was not rewritten keeps its very bytes, separators and comments included.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "rules/base/result.h"

namespace sluice::kube {

/// How a document is written, and should be written again.
enum class Form { Yaml, Json };

struct Document {
  int number;         ///< from 1; documents that hold nothing but comments do not count
  int line;           ///< of its first byte, from 1
  std::size_t begin;  ///< of its content in the text, past comments at its head
  std::size_t end;
  Form form;
  nlohmann::json value;
  std::optional<std::string> rewritten;  ///< what stands in its place in composed text
};

struct Manifest {
  std::string text;
  std::vector<Document> documents;
};

/// Splits and reads. YAML as yaml_to_json() reads it; a document that begins with '{' and is JSON
/// is read as JSON, and may be followed by others without any separator, as in `kubectl get -o
/// json` or a file of lines. Malformed, naming the document and the line in `text`.
[[nodiscard]] Result<Manifest> read_manifest(std::string text);

/// The text of one document, or of several streams as one, rewritten where that was asked for.
[[nodiscard]] std::string compose(const std::vector<Manifest>& manifests);

/// `value` as a document of `manifest` is written. YAML: as to_yaml() has it, with the line breaks
/// of that document. JSON: indented as that is, on one line if that is on one, and such that every
/// YAML reader reads it too.
[[nodiscard]] std::string written_like(const Manifest& manifest, const Document& document,
                                       const nlohmann::json& value);

}  // namespace sluice::kube
