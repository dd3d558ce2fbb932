#pragma once

// From a template and its data to the JSON of the YAML that it renders. Parsing YAML for every pod
// would cost more than all the rest, so a document is parsed once per skeleton: the template's own
// text on the way that an execution took, with what simple actions printed left open. See
// skeleton.cpp for why filling these in afterwards gives what parsing would have given.

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "injector/template/template.h"
#include "rules/base/result.h"

namespace sluice::injector {

class Renderer {
 public:
  explicit Renderer(tmpl::Template source);
  /// The rendered document as JSON (an object, or null when empty). Safe from many threads.
  [[nodiscard]] Result<nlohmann::json> render(const tmpl::Value& data) const;

  Renderer(Renderer&&) noexcept;
  ~Renderer();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::injector
