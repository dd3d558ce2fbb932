#include "conf/kube/find_cluster.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "conf/kube/kubeconfig.h"
#include "conf/kube/place.h"
#include "conf/kube/read_file.h"
#include "conf/kube/yaml.h"

namespace sluice::kube {
namespace {

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// Files that are not there do not count, as for kubectl.
std::vector<std::string> files_of(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const auto colon = list.find(':');
    std::string file(list.substr(0, colon));
    if (!file.empty() && exists(file)) out.push_back(std::move(file));
    list.remove_prefix(colon == std::string_view::npos ? list.size() : colon + 1);
  }
  return out;
}

/// What a kubeconfig says of contexts.
struct Contexts {
  std::string current;
  std::vector<std::string> names;
};

Result<Contexts> contexts_in(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, read_file(file));
  ASSIGN_OR_RETURN(const nlohmann::json document, json_or_yaml(text));
  const Place config(document);
  Contexts out;
  ASSIGN_OR_RETURN(out.current, config.string_at("current-context"));
  ASSIGN_OR_RETURN(const Place list, config.at("contexts"));
  ASSIGN_OR_RETURN(const auto entries, list.elements());
  for (const Place& entry : entries) {
    ASSIGN_OR_RETURN(std::string name, entry.string_at("name"));
    out.names.push_back(std::move(name));
  }
  return out;
}

Result<ClusterAccess> first_that_fits(const std::vector<std::string>& files,
                                      std::optional<std::string> context) {
  std::vector<Contexts> read;
  for (const std::string& file : files) {
    auto contexts = contexts_in(file);
    if (!contexts) return fail(std::move(contexts).error().wrap("kubeconfig " + file));
    if (!context && !contexts->current.empty()) context = contexts->current;
    read.push_back(std::move(*contexts));
  }
  for (std::size_t i = 0; context && i < files.size(); ++i) {
    const auto& names = read[i].names;
    if (std::find(names.begin(), names.end(), *context) != names.end()) {
      return load_kubeconfig(files[i], context);
    }
  }
  return load_kubeconfig(files.front(), context);  // says what is missing
}

}  // namespace

Result<ClusterAccess> find_cluster(const std::string& path,
                                   const std::optional<std::string>& context) {
  if (!path.empty()) return load_kubeconfig(path, context);
  const std::string list = variable("KUBECONFIG");
  std::vector<std::string> files = files_of(list);
  if (list.empty()) files = files_of(variable("HOME") + "/.kube/config");
  if (!files.empty()) return first_that_fits(files, context);
  if (!variable("KUBERNETES_SERVICE_HOST").empty()) return in_cluster();
  return fail(Errc::Usage,
              "no kubeconfig: none was given, and neither $KUBECONFIG nor "
              "~/.kube/config names one that exists");
}

}  // namespace sluice::kube
