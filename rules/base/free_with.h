#pragma once

// Owners of what C libraries make.

namespace sluice {

/// A deleter for std::unique_ptr that calls the library's own function.
template <auto Free>
struct FreeWith {
  void operator()(auto* object) const noexcept { Free(object); }
};

}  // namespace sluice
