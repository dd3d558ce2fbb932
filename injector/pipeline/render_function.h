#pragma once

// `render`, a function that only templates of Istio 1.2 to 1.8 have: it executes a text of the
// values as a template, over the data of the template that calls it.

#include "injector/template/value.h"

namespace sluice::injector {

/// injection_functions(), and render.
[[nodiscard]] const tmpl::FunctionTable& functions_with_render();

/// While there is one, what `render` executes over in this thread. A function is given nothing but
/// its arguments, so what it needs besides must lie where it finds it.
class RenderData {
 public:
  explicit RenderData(const tmpl::Value& data);
  RenderData(const RenderData&) = delete;
  RenderData& operator=(const RenderData&) = delete;
  ~RenderData();

 private:
  const tmpl::Value* before_;
};

}  // namespace sluice::injector
