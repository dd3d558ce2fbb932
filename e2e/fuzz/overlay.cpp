// Any JSON as a pod under any JSON as a rendered template: refused with a message, or injected, and
// then the patch does it and the redirect's containers are gone. And so once more, with the result.
// The first line is the pod, what follows it the template.

#include "injector/pod/overlay.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "injector/pod/containers.h"
#include "injector/pod/patch.h"
#include "injector/pod/previous.h"
#include "injector/pod/strip.h"

using nlohmann::json;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sluice::injector;
  const std::string text(bytes, bytes + size);
  const auto end = text.find('\n');
  const json pod = json::parse(text.substr(0, end), nullptr, false);
  json rendered = json::parse(end == std::string::npos ? "" : text.substr(end + 1), nullptr, false);
  if (pod.is_discarded()) return 0;
  if (rendered.is_discarded()) rendered = json::object();
  if (!check_shape(pod) || !previous_faults(pod).empty()) return 0;
  static_cast<void>(strip_injected(pod));

  Configuration configuration;
  configuration.values = {{"sidecarInjectorWebhook", {{"rewriteAppHTTPProbe", true}}}};
  configuration.mesh.document = json::object();
  configuration.switches.platform = size % 2 == 0 ? "openshift" : "";
  const json proxy_config = {{"statusPort", 15020},
                             {"proxyMetadata", {{"IPTABLES_TRACE_LOGGING", "true"}}}};
  const std::vector<json> templates{std::move(rendered)};
  auto done = overlay({pod, templates, configuration, proxy_config, {{"A", "1"}}, "net"});
  if (!done) {
    if (done.error().message.empty()) std::abort();
    return 0;
  }
  const std::string patch = make_patch(pod, done->pod);
  const json operations = patch.empty() ? json::array() : json::parse(patch);
  if (pod.patch(operations) != done->pod) std::abort();
  for (const std::string_view name : kRedirectContainers) {
    if (find_container(done->pod, name) != nullptr) std::abort();
  }
  if (!previous_faults(done->pod).empty()) return 0;  // a template wrote a record of its own
  const auto again =
      overlay({done->pod, templates, configuration, proxy_config, {{"A", "1"}}, "net"});
  // A template's directives may fit a pod without what they are about, and not the same with it.
  if (!again && again.error().message.empty()) std::abort();
  return 0;
}
