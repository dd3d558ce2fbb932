#include "plugin/cli/lab/chain.h"

#include <chrono>

#include <unistd.h>

#include "plugin/cli/lab/process.h"

namespace sluice::lab {

using nlohmann::json;

Chain::Chain(std::vector<json> plugins, std::vector<std::string> paths, std::string netns,
             const PodFacts& pod)
    : plugins_(std::move(plugins)), paths_(std::move(paths)), netns_(std::move(netns)), pod_(pod) {}

Result<std::string> Chain::binary(const std::string& type) const {
  for (const std::string& directory : paths_) {
    std::string path = directory + "/" + type;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return fail(Errc::Unavailable, "CNI plugin " + type + " is not in the directories of CNI_PATH");
}

Result<void> Chain::complete() const {
  for (const json& plugin : plugins_) {
    RETURN_IF_ERROR(binary(plugin["type"].get<std::string>()));
    if (plugin.contains("ipam")) RETURN_IF_ERROR(binary(plugin["ipam"]["type"].get<std::string>()));
  }
  return {};
}

void Chain::begin_with(json result, PluginCall by) {
  result_ = std::move(result);
  calls_.push_back(std::move(by));
}

Result<json> Chain::call(const json& plugin, const std::string& verb) {
  const auto type = plugin["type"].get<std::string>();
  ASSIGN_OR_RETURN(const std::string path, binary(type));
  json conf = plugin;
  conf["cniVersion"] = "1.0.0";
  conf["name"] = "lab";
  if (!result_.is_null()) conf["prevResult"] = result_;
  std::string cni_path;
  for (const std::string& directory : paths_) cni_path += (cni_path.empty() ? "" : ":") + directory;
  const std::vector<std::string> environment{
      "CNI_COMMAND=" + verb,
      "CNI_CONTAINERID=lab",
      "CNI_NETNS=" + netns_,
      "CNI_IFNAME=eth0",
      "CNI_PATH=" + cni_path,
      "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=" + pod_.namespace_name +
          ";K8S_POD_NAME=" + pod_.name + ";K8S_POD_INFRA_CONTAINER_ID=lab;K8S_POD_UID=" + pod_.uid};
  const auto start = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(const Finished done, run_program({path}, environment, conf.dump()));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  calls_.push_back({type, verb, took.count()});
  json out = json::parse(done.out, nullptr, false);
  if (done.status == 0) return out;
  const std::string said = out.is_object() ? out.value("msg", done.out) : done.out;
  return fail(Errc::Different, type + " " + verb + ": " + said);
}

Result<void> Chain::add() {
  for (const json& plugin : plugins_) {
    ASSIGN_OR_RETURN(json result, call(plugin, "ADD"));
    result_ = std::move(result);
  }
  return {};
}

Result<void> Chain::check() {
  for (const json& plugin : plugins_) RETURN_IF_ERROR(call(plugin, "CHECK"));
  return {};
}

Result<void> Chain::del() {
  for (auto plugin = plugins_.rbegin(); plugin != plugins_.rend(); ++plugin) {
    RETURN_IF_ERROR(call(*plugin, "DEL"));
  }
  return {};
}

std::vector<IpAddress> Chain::addresses() const {
  std::vector<IpAddress> out;
  for (const json& ip : result_.value("ips", json::array())) {
    const auto text = ip.value("address", std::string());
    if (auto address = IpAddress::parse(text.substr(0, text.find('/')))) out.push_back(*address);
  }
  return out;
}

}  // namespace sluice::lab
