// Any bytes as a file of Kubernetes objects: refused, or read so that what is not rewritten keeps
// its bytes, and what is written anew reads as what it was.

#include "conf/kube/manifest.h"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "conf/kube/yaml.h"

using sluice::kube::Document;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(bytes, bytes + size);
  auto manifest = sluice::kube::read_manifest(text);
  if (!manifest) {
    require(!manifest.error().message.empty());
    return 0;
  }
  require(sluice::kube::compose({*manifest}) == text);
  for (Document& document : manifest->documents) {
    document.rewritten = written_like(*manifest, document, document.value);
    const auto again = sluice::kube::yaml_to_json(*document.rewritten);
    require(again.has_value() && *again == document.value);
  }
  const auto rewritten = sluice::kube::read_manifest(sluice::kube::compose({*manifest}));
  require(rewritten.has_value());
  require(rewritten->documents.size() == manifest->documents.size());
  for (std::size_t i = 0; i < manifest->documents.size(); ++i) {
    require(rewritten->documents[i].value == manifest->documents[i].value);
  }
  return 0;
}
