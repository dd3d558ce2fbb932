#include "conf/kube/resources.h"

#include "conf/kube/api.h"
#include "conf/kube/object_path.h"
#include "conf/kube/place.h"

namespace sluice::kube {

using nlohmann::json;

Result<std::map<std::string, std::string>> config_map(const Client& client,
                                                      std::string_view namespace_name,
                                                      std::string_view name, Deadline deadline) {
  ASSIGN_OR_RETURN(const std::string path, object_path(namespace_name, "configmaps", name));
  ASSIGN_OR_RETURN(const json object, read_object(client, path, deadline));
  ASSIGN_OR_RETURN(const Place data, Place(object).at("data"));
  auto strings = data.strings();
  if (!strings) return fail(std::move(strings).error().wrap("ConfigMap " + std::string(name)));
  return strings;
}

Result<json> namespace_object(const Client& client, std::string_view name, Deadline deadline) {
  if (!is_namespace_name(name)) {
    return fail(Errc::Invalid, "\"" + printable(name, 64) + "\" is not the name of a namespace");
  }
  return read_object(client, "/api/v1/namespaces/" + std::string(name), deadline);
}

}  // namespace sluice::kube
