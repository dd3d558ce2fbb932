#include "injector/pod/previous.h"

#include <algorithm>

#include "injector/pod/containers.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"
#include "rules/policy/quoted.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

tl::unexpected<Error> wrong(const json& pod, std::string_view name, const std::string& what) {
  return fail(Errc::Malformed, "annotation " + std::string(name) + ": " +
                                   in_quotes(*annotation(pod, name)) + ": " + what);
}

/// An annotation's JSON object; an empty one where there is no annotation.
Result<json> read_object(const json& pod, std::string_view name) {
  const std::string* text = annotation(pod, name);
  if (text == nullptr) return json::object();
  json value = json::parse(*text, nullptr, false);
  if (value.is_discarded()) return wrong(pod, name, "is no JSON");
  if (value.is_null()) return json::object();
  if (!value.is_object()) return wrong(pod, name, "must be an object");
  return value;
}

Result<Previous::Names> read_names(const json& pod, const json& status, std::string_view list) {
  const json* names = member(status, list);
  Previous::Names out;
  if (names == nullptr || names->is_null()) return out;
  const std::string field(list);
  if (!names->is_array()) return wrong(pod, kStatus, field + " must be a list");
  for (const json& name : *names) {
    if (!name.is_string()) return wrong(pod, kStatus, field + " must be a list of strings");
    out.insert(name.get<std::string>());
  }
  return out;
}

Result<void> check_overrides(const json& pod, const json& overrides) {
  for (const std::string_view list : kContainerLists) {
    const json* containers = member(overrides, list);
    if (containers == nullptr || containers->is_null()) continue;
    const std::string field(list);
    if (!containers->is_array()) return wrong(pod, kOverrides, field + " must be a list");
    // A container in it has the shape of a pod's.
    json alone;
    alone["spec"][field] = *containers;
    if (auto done = check_shape(alone); !done) return wrong(pod, kOverrides, done.error().message);
  }
  return {};
}

}  // namespace

bool is_redirect_container(std::string_view name) {
  return std::find(kRedirectContainers.begin(), kRedirectContainers.end(), name) !=
         kRedirectContainers.end();
}

Previous::Names& Previous::names(std::string_view list) {
  return list == kContainers ? containers : init_containers;
}

bool Previous::put(std::string_view list, std::string_view name) const {
  return (list == kContainers ? containers : init_containers).contains(name);
}

Result<Previous> read_previous(const json& pod) {
  Previous out;
  if (const auto status = read_object(pod, kStatus)) {
    out.injected = annotation(pod, kStatus) != nullptr;
    ASSIGN_OR_RETURN(out.containers, read_names(pod, *status, kContainers));
    ASSIGN_OR_RETURN(out.init_containers, read_names(pod, *status, kInitContainers));
  } else {
    out.unread = status.error().message;
  }
  ASSIGN_OR_RETURN(out.overrides, read_object(pod, kOverrides));
  RETURN_IF_ERROR(check_overrides(pod, out.overrides));
  return out;
}

}  // namespace sluice::injector
