#include "plugin/cli/inject/workloads.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "conf/kube/workload.h"
#include "conf/schema/check.h"
#include "conf/schema/pod.h"
#include "rules/policy/quoted.h"

namespace sluice::cli {
namespace {

using nlohmann::json;

/// What a list says of its elements, in case they do not.
struct Inherited {
  std::string api_version;
  std::string kind;
};

/// "/spec/template" as messages write it: "spec.template.".
std::string dotted(std::string_view path) {
  std::string out(path.substr(path.empty() ? 0 : 1));
  std::replace(out.begin(), out.end(), '/', '.');
  return out.empty() ? out : out + ".";
}

/// The object at `path`; nullptr if something on the way is missing or no object.
json* find(json& object, std::string_view path) {
  json* at = &object;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto slash = path.find('/');
    if (!at->is_object()) return nullptr;
    const auto member = at->find(std::string(path.substr(0, slash)));
    if (member == at->end()) return nullptr;
    at = &*member;
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash);
  }
  return at->is_object() ? at : nullptr;
}

/// Settles the metadata of the object, of the pod at `path`, and of whatever is between them: a
/// CronJob's job. Returns what is wrong there.
std::vector<std::string> settle_all_metadata(json& object, std::string_view path) {
  std::vector<std::string> faults = kube::settle_metadata(object, "");
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const std::string_view prefix = path.substr(0, end);
    json* place = find(object, prefix);
    if (place == nullptr) continue;
    for (auto& fault : kube::settle_metadata(*place, dotted(prefix))) {
      faults.push_back(std::move(fault));
    }
  }
  return faults;
}

/// What the API server would refuse anyway is better said of the file.
void check_types(const json& pod, const std::string& path, std::vector<std::string>& faults) {
  const auto add = [&](const Result<void>& done) {
    if (!done) faults.push_back(done.error().message);
  };
  // Labels and annotations were looked at before.
  if (faults.empty()) {
    add(schema::check_types(pod.value("metadata", json()), schema::kObjectMeta, path + "metadata"));
  }
  add(schema::check_types(pod.at("spec"), schema::kPodSpec, path + "spec"));
}

class Walk {
 public:
  explicit Walk(const InjectionRules& rules) : rules_(rules) {}

  void visit(json& object, const std::string& where, const Inherited& inherited) {
    if (auto elements = kube::elements_of(object)) {
      return list(*elements, where, kube::name_of(object).api_version);
    }
    kube::ObjectName name = kube::name_of(object);
    if (name.kind.empty()) name.kind = inherited.kind;
    if (name.api_version.empty()) name.api_version = inherited.api_version;
    const std::string called = where + kube::to_string(name);
    const auto path = kube::pod_path_in(name.kind);
    if (!path) {
      reports_.push_back({Outcome::NoWorkload, called, "no kind that makes pods"});
      return;
    }
    auto report = workload(object, std::move(name), *path);
    if (!report) report = Report{Outcome::Refused, {}, std::move(report).error().message};
    report->object = called;
    reports_.push_back(std::move(*report));
  }

  std::vector<Report> reports() { return std::move(reports_); }

 private:
  void list(const kube::Elements& elements, const std::string& where,
            const std::string& api_version) {
    std::size_t index = 0;
    for (json& item : *elements.items) {
      visit(item, where + "items[" + std::to_string(index++) + "], ", {api_version, elements.kind});
    }
  }

  Result<Report> workload(json& object, kube::ObjectName name, std::string_view path) {
    const std::string to_pod = dotted(path);
    std::vector<std::string> faults = settle_all_metadata(object, path);
    json* place = find(object, path);
    if (place == nullptr || place->value("spec", json()).is_null()) {
      if (!faults.empty()) return fail(Errc::Invalid, joined(faults));
      return Report{Outcome::LeftAlone, {}, "there is no " + to_pod + "spec in it"};
    }
    check_types(*place, to_pod, faults);
    if (name.namespace_name.empty()) name.namespace_name = rules_.default_namespace;
    ASSIGN_OR_RETURN(injector::PodRequest request, request_for(*place, name, path.empty()));
    request.faults = std::move(faults);
    ASSIGN_OR_RETURN(injector::Injection injection, rules_.inject(request));
    if (!injection.verdict.inject) {
      return Report{Outcome::LeftAlone, {}, injection.verdict.text, std::move(injection.warnings)};
    }
    const bool changed = injection.pod != *place;
    *place = std::move(injection.pod);
    return Report{changed ? Outcome::Injected : Outcome::Unchanged,
                  {},
                  injection.verdict.text,
                  std::move(injection.warnings)};
  }

  [[nodiscard]] Result<injector::PodRequest> request_for(const json& pod,
                                                         const kube::ObjectName& name,
                                                         bool is_pod) const {
    injector::PodRequest request;
    request.pod = pod;
    if (!request.pod.contains("metadata") || request.pod["metadata"].is_null()) {
      request.pod["metadata"] = json::object();
    }
    request.namespace_name = name.namespace_name;
    // A Pod's owner is found from what it says of itself, as for the webhook.
    if (!is_pod) {
      request.owner = {name.api_version, name.kind, name.name, name.namespace_name};
    }
    ASSIGN_OR_RETURN(request.namespace_object, rules_.namespace_object(name.namespace_name));
    return request;
  }

  const InjectionRules& rules_;
  std::vector<Report> reports_;
};

}  // namespace

std::vector<Report> inject_document(json& document, const InjectionRules& rules) {
  Walk walk(rules);
  walk.visit(document, "", {});
  return walk.reports();
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::Injected:
      return "injected";
    case Outcome::Unchanged:
      return "already injected";
    case Outcome::LeftAlone:
      return "not injected";
    case Outcome::NoWorkload:
      return "left as it is";
    case Outcome::Refused:
      return "error";
  }
  return "";
}

}  // namespace sluice::cli
