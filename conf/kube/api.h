#pragma once

// The API's objects: read, listed, created and changed. Each call is one connection.

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/kube/client.h"

namespace sluice::kube {

/// The JSON of a successful answer. As body_of(), but the code says more: Exists for 409 (there
/// already, or changed meanwhile), Denied for 401 and 403, Invalid for 400 and 422.
[[nodiscard]] Result<nlohmann::json> object_of(Response response);

[[nodiscard]] Result<nlohmann::json> read_object(const Client& client, std::string_view path,
                                                 Deadline deadline);
/// POSTs `object` to its collection.
[[nodiscard]] Result<nlohmann::json> create_object(const Client& client, std::string_view path,
                                                   const nlohmann::json& object, Deadline deadline);
/// PUTs `object`; with its metadata.resourceVersion, only over the version that was read.
[[nodiscard]] Result<nlohmann::json> replace_object(const Client& client, std::string_view path,
                                                    const nlohmann::json& object,
                                                    Deadline deadline);
/// Applies RFC 6902 `operations`: all of them or none.
[[nodiscard]] Result<nlohmann::json> patch_object(const Client& client, std::string_view path,
                                                  const nlohmann::json& operations,
                                                  Deadline deadline);

struct Listed {
  std::vector<nlohmann::json> items;
  std::string version;  ///< where a watch goes on from
};

/// A whole collection, `page` objects at a time. `query` is percent-encoded ("labelSelector=..."),
/// or empty. Each page has `per_page` of time.
[[nodiscard]] Result<Listed> list_objects(const Client& client, const std::string& path,
                                          const std::string& query, int page,
                                          std::chrono::milliseconds per_page);

/// `text` as one value of a query.
[[nodiscard]] std::string query_escaped(std::string_view text);

}  // namespace sluice::kube
