#pragma once

// What tells the elements of a list apart: the merge key of the schema and, where two elements may
// share that, a second member. The strategic merge and the patch agree through this file.

#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/schema/type.h"
#include "rules/base/json.h"

namespace sluice::injector {

class ElementKey {
 public:
  /// Of lists whose schema names `merge_key`; it may be schema::kItself.
  explicit ElementKey(std::string_view merge_key);

  /// The value of the merge key: a scalar that is not null. nullptr: this is no element of such a
  /// list, or it lacks the key.
  [[nodiscard]] const nlohmann::json* of(const nlohmann::json& element) const;

  /// The value that tells elements of the same key apart (a port's protocol), its default where the
  /// element does not say; "" where the key is all there is.
  [[nodiscard]] std::string_view second(const nlohmann::json& element) const;
  [[nodiscard]] bool has_second() const { return !second_name_.empty(); }
  [[nodiscard]] bool says_second(const nlohmann::json& element) const;
  [[nodiscard]] std::string_view name() const { return name_; }

 private:
  std::string_view name_;
  std::string_view second_name_;
  std::string_view second_default_;
};

}  // namespace sluice::injector
