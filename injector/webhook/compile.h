#pragma once

// From the texts of a configuration, wherever they come from, to what reviews run.

#include <optional>
#include <string>

#include "injector/webhook/options.h"
#include "injector/webhook/world.h"

namespace sluice::webhook {

/// Istio's three texts. Without `inject`, Sluice's own template (--builtin).
struct Texts {
  std::optional<std::string> inject;
  std::optional<std::string> values;
  std::optional<std::string> mesh;
  bool operator==(const Texts&) const = default;
};

struct Compiled {
  Inject native;
  Inject ordinary;
  std::string root_namespace;
};

/// Parses, compiles and renders probe pods, with native sidecars or without as `native` says, or
/// both. The error names the text that is at fault.
[[nodiscard]] Result<Compiled> compile(const Texts& texts, const injector::Switches& switches,
                                       NativeSidecars native);

}  // namespace sluice::webhook
