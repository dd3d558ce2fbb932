#pragma once

// Templates, and what Go makes of them: real sprig's and Istio's functions gave every output and
// every error in these tables.

#include <span>

namespace sluice::tmpl {

struct Row {
  const char* text;
  const char* output;           ///< nullptr: an error
  const char* error = nullptr;  ///< after "template: row:"
};

/// Executes every row and checks what it gives. The members of `data`, JSON, are what dot holds;
/// those called Meta, Spec, Labels, Mesh and Proxy have the types of Kubernetes and Istio.
void check_rows(const char* data, std::span<const Row> rows);

}  // namespace sluice::tmpl
