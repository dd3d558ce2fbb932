#pragma once

// The functions that injection templates may call besides Go's own.

#include "injector/template/value.h"

namespace sluice::tmpl {

/// sprig's (3.3.0), except those that depend on chance, the clock, the network or secrets, with
/// Istio's over them: where both have a name, Istio's counts. Made once, never changed.
[[nodiscard]] const FunctionTable& injection_functions();

}  // namespace sluice::tmpl
