#pragma once

// What a plugin prints: its result, its versions, or an error.

#include <string>

#include "plugin/cni/request.h"

namespace sluice::cni {

/// The result of a chained plugin that adds nothing: the previous result, byte for byte where it is
/// of the configured version, else converted to it (SPEC section 5). Without a previous result an
/// empty one of the configured version.
[[nodiscard]] Result<std::string> pass_through(const Config& config);

/// Answer to VERSION.
[[nodiscard]] std::string versions_json();

/// The error object of SPEC section 5; `version` is that of the configuration where it is known.
[[nodiscard]] std::string error_json(const Error& error, SpecVersion version);

/// SPEC's error codes below 100; from 100 our own: 100 the kernel refused, 101 the kernel holds
/// something else than it should.
[[nodiscard]] int error_code(Errc code);

}  // namespace sluice::cni
