#pragma once

// Reading a JSON document of unknown worth: one value and the path that led to it, so that an error
// says "spec.containers[2].name is not a string" and no more code than that is written for it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "rules/base/result.h"

namespace sluice::kube {

/// A value in a document that must outlive this. Null counts as absent, as in Kubernetes; the value
/// of something absent is absent as well. All errors are Malformed and begin with the path.
class Place {
 public:
  explicit Place(const nlohmann::json& document);

  /// False where there is nothing, or null.
  [[nodiscard]] bool present() const { return value_ != nullptr; }
  [[nodiscard]] const std::string& path() const { return path_; }

  /// The member `key`; an error if this is there and no object.
  [[nodiscard]] Result<Place> at(std::string_view key) const;
  /// The elements; none if this is absent, an error if it is no array.
  [[nodiscard]] Result<std::vector<Place>> elements() const;

  /// The value, nothing if absent, an error if it is of another type.
  [[nodiscard]] Result<std::optional<std::string>> string() const;
  [[nodiscard]] Result<std::optional<std::int64_t>> integer() const;
  [[nodiscard]] Result<std::optional<bool>> boolean() const;
  /// An object of strings; empty if absent. A null member is an empty string, as in Kubernetes.
  [[nodiscard]] Result<std::map<std::string, std::string>> strings() const;

  /// The string at `key`, empty if absent.
  [[nodiscard]] Result<std::string> string_at(std::string_view key) const;
  /// The string at `key`, which must be there and not be empty.
  [[nodiscard]] Result<std::string> required_string_at(std::string_view key) const;

  /// "PATH is not WHAT", Malformed.
  [[nodiscard]] tl::unexpected<Error> is_not(std::string_view what) const;

 private:
  Place(const nlohmann::json* value, std::string path);
  const nlohmann::json* value_;
  std::string path_;
};

}  // namespace sluice::kube
