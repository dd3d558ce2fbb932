#pragma once

// One step of a chain into data: a field, a key of a map, or a method without arguments, as far as
// Go's types of the data have them.

#include <optional>

#include "injector/template/tree.h"

namespace sluice::tmpl {

enum class Found : std::uint8_t {
  Field,     ///< of a struct or message; the view is what was found
  Key,       ///< of a map, likewise
  Computed,  ///< a method's result
  Missing,   ///< a map has no such key
  Nothing,   ///< the type has no such field
  NilPointer,
};

struct Step {
  Found found = Found::Nothing;
  bool method = false;  ///< arguments are counted, not refused
  View view{nullptr, nullptr};
  Value computed{};
};

/// `view` may be of any type here, scalars included.
[[nodiscard]] Step step_into(const View& view, const FieldName& field);

}  // namespace sluice::tmpl
