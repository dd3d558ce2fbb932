#include "injector/pod/previous.h"

#include <algorithm>

#include "injector/pod/containers.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"
#include "rules/policy/quoted.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

/// Reads both annotations, going on after what is wrong so that one message names all.
class Reader {
 public:
  explicit Reader(const json& pod) : pod_(pod) {}

  Previous read() {
    Previous out;
    std::string offence;
    const json status = object(kStatus, offence);
    if (offence.empty()) {
      out.injected = annotation(pod_, kStatus) != nullptr;
      out.containers = names(status, kContainers);
      out.init_containers = names(status, kInitContainers);
    } else {
      out.unread = about(kStatus, offence);
    }
    offence.clear();
    out.overrides = object(kOverrides, offence);
    if (!offence.empty()) wrong(kOverrides, offence);
    for (const std::string_view list : kContainerLists) check_overrides(out.overrides, list);
    check_own_proxy(out);
    return out;
  }

  std::vector<std::string> faults() && { return std::move(faults_); }

 private:
  [[nodiscard]] std::string about(std::string_view name, const std::string& what) const {
    return "annotation " + std::string(name) + ": " + in_quotes(*annotation(pod_, name)) + ": " +
           what;
  }

  void wrong(std::string_view name, const std::string& what) {
    faults_.push_back(about(name, what));
  }

  /// An annotation's JSON object; an empty one where there is no annotation, or none that can be
  /// read.
  [[nodiscard]] json object(std::string_view name, std::string& offence) const {
    const std::string* text = annotation(pod_, name);
    if (text == nullptr) return json::object();
    json value = json::parse(*text, nullptr, false);
    if (value.is_object()) return value;
    if (value.is_discarded()) {
      offence = "is no JSON";
    } else if (!value.is_null()) {
      offence = "must be an object";
    }
    return json::object();
  }

  Previous::Names names(const json& status, std::string_view list) {
    Previous::Names out;
    const json* names = member(status, list);
    if (names == nullptr || names->is_null()) return out;
    const std::string field(list);
    if (!names->is_array()) {
      wrong(kStatus, field + " must be a list");
      return out;
    }
    if (!std::ranges::all_of(*names, &json::is_string)) {
      wrong(kStatus, field + " must be a list of strings");
      return out;
    }
    for (const json& name : *names) out.insert(name.get<std::string>());
    return out;
  }

  void check_overrides(const json& overrides, std::string_view list) {
    const json* containers = member(overrides, list);
    if (containers == nullptr || containers->is_null()) return;
    const std::string field(list);
    if (!containers->is_array()) return wrong(kOverrides, field + " must be a list");
    // A container in it has the shape of a pod's.
    json alone;
    alone["spec"][field] = *containers;
    if (auto done = check_shape(alone); !done) wrong(kOverrides, done.error().message);
  }

  void check_own_proxy(const Previous& previous) {
    bool written = false;
    for (const std::string_view list : kContainerLists) {
      const json* containers = container_list(pod_, list);
      if (containers == nullptr) continue;
      const auto count = std::ranges::count(*containers, kProxyContainer, name_of);
      const bool own = count > 0 && !previous.put(list, kProxyContainer);
      if (count > 1 || (own && written)) {
        faults_.push_back("spec." + std::string(list) +
                          ": a second container is called istio-proxy");
        return;
      }
      written = own;
    }
  }

  const json& pod_;
  std::vector<std::string> faults_;
};

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

Previous read_previous(const json& pod) {
  return Reader(pod).read();
}

std::vector<std::string> previous_faults(const json& pod) {
  Reader reader(pod);
  static_cast<void>(reader.read());
  return std::move(reader).faults();
}

}  // namespace sluice::injector
