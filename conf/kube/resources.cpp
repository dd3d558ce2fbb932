#include "conf/kube/resources.h"

#include "conf/kube/object_path.h"
#include "conf/kube/place.h"
#include "conf/kube/yaml.h"

namespace sluice::kube {
namespace {

using nlohmann::json;

/// An opaque token as a query parameter: whatever is not plain is escaped.
std::string escaped(std::string_view text) {
  constexpr std::string_view Plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
  constexpr std::string_view Digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (Plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += {'%', Digits[byte >> 4], Digits[byte & 0xF]};
    }
  }
  return out;
}

}  // namespace

Result<json> get_object(const Client& client, std::string_view path, Deadline deadline) {
  ASSIGN_OR_RETURN(Response response, client.get(path, deadline));
  const std::string what = response.request;
  ASSIGN_OR_RETURN(const std::string body, body_of(std::move(response)));
  auto object = parse_json(body);
  if (object && object->is_object()) return object;
  const std::string why = object ? "not a JSON object" : object.error().message;
  return fail(Errc::Invalid, what + ": the answer is " + why);
}

Result<std::map<std::string, std::string>> config_map(const Client& client,
                                                      std::string_view namespace_name,
                                                      std::string_view name, Deadline deadline) {
  ASSIGN_OR_RETURN(const std::string path, object_path(namespace_name, "configmaps", name));
  ASSIGN_OR_RETURN(const json object, get_object(client, path, deadline));
  ASSIGN_OR_RETURN(const Place data, Place(object).at("data"));
  auto strings = data.strings();
  if (!strings) return fail(std::move(strings).error().wrap("ConfigMap " + std::string(name)));
  return strings;
}

Result<json> namespace_object(const Client& client, std::string_view name, Deadline deadline) {
  if (!is_namespace_name(name)) {
    return fail(Errc::Invalid, "\"" + printable(name, 64) + "\" is not the name of a namespace");
  }
  return get_object(client, "/api/v1/namespaces/" + std::string(name), deadline);
}

Result<std::vector<json>> list(const Client& client, std::string_view path, Deadline deadline) {
  std::vector<json> out;
  std::string next;
  do {
    std::string page = std::string(path) + "?limit=100";
    if (!next.empty()) page += "&continue=" + escaped(next);
    ASSIGN_OR_RETURN(json object, get_object(client, page, deadline));
    const Place root(object);
    ASSIGN_OR_RETURN(const Place metadata, root.at("metadata"));
    ASSIGN_OR_RETURN(next, metadata.string_at("continue"));
    const auto items = object.find("items");
    if (items == object.end() || !items->is_array()) continue;
    for (json& item : *items) out.push_back(std::move(item));
  } while (!next.empty());
  return out;
}

}  // namespace sluice::kube
