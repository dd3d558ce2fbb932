// sluice lab: a pod's redirect, tried out with a real CNI chain and real connections.

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "conf/kube/pki.h"
#include "conf/kube/server.h"
#include "plugin/cli/command.h"
#include "plugin/cli/lab/chain.h"
#include "plugin/cli/lab/probes.h"
#include "plugin/cli/lab/sandbox.h"
#include "plugin/cli/lab/subject.h"

namespace sluice::cli {
namespace {

using nlohmann::json;
using namespace lab;

struct Options {
  std::string pod_file;
  bool keep = false;
  bool as_json = false;
  Sources sources;
};

/// Serves the one pod, to whoever shows the token.
Result<kube::Server> serve_pod(const Subject& subject, const kube::Authority& authority) {
  ASSIGN_OR_RETURN(kube::Identity identity, authority.issue({"lab API server", {"127.0.0.1"}}));
  const std::string path =
      "/api/v1/namespaces/" + subject.facts.namespace_name + "/pods/" + subject.facts.name;
  const std::string body = subject.document.dump();
  kube::ServerOptions options;
  options.identity = std::move(identity);
  return kube::Server::start(
      options, [path, body](const kube::HttpRequest& request, kube::Reply& reply) {
        const auto authorization = request.headers.find("authorization");
        if (authorization == request.headers.end() || authorization->second != "Bearer lab") {
          kube::reply_json(reply, 401, kube::status_json(401, "Unauthorized", "no valid token"));
        } else if (request.target != path) {
          kube::reply_json(reply, 404, kube::status_json(404, "NotFound", "no such pod"));
        } else {
          kube::reply_json(reply, 200, body);
        }
      });
}

Result<std::string> write_kubeconfig(const Workspace& workspace, const kube::Authority& authority,
                                     std::uint16_t port) {
  const std::string ca = workspace.path() + "/ca.pem";
  const std::string path = workspace.path() + "/kubeconfig";
  std::ofstream(ca) << authority.certificate_pem();
  std::ofstream(path) << json{
      {"current-context", "lab"},
      {"contexts", {{{"name", "lab"}, {"context", {{"cluster", "lab"}, {"user", "lab"}}}}}},
      {"clusters",
       {{{"name", "lab"},
         {"cluster",
          {{"server", "https://127.0.0.1:" + std::to_string(port)},
           {"certificate-authority", ca}}}}}},
      {"users", {{{"name", "lab"}, {"user", {{"token", "lab"}}}}}}};
  return path;
}

std::vector<std::string> plugin_directories() {
  std::array<char, 4096> self{};
  const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size() - 1);
  std::vector<std::string> out;
  if (size > 0) out.push_back(std::filesystem::path(self.data()).parent_path().string());
  if (const char* path = std::getenv("CNI_PATH")) {
    for (std::string_view rest = path; !rest.empty();) {
      const auto colon = rest.find(':');
      out.emplace_back(rest.substr(0, colon));
      rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    }
  }
  out.emplace_back("/opt/cni/bin");
  out.emplace_back("/usr/lib/cni");
  return out;
}

Chain make_chain(const Subject& subject, const Workspace& workspace, const std::string& netns,
                 const std::string& kubeconfig) {
  json routes = json::array();
  for (const char* everywhere : {"0.0.0.0/0", "::/0"}) routes.push_back({{"dst", everywhere}});
  json ranges = json::array();
  for (const char* subnet : {"10.88.0.0/24", "fd88::/64"}) {
    ranges.push_back(json::array({{{"subnet", subnet}}}));
  }
  const json bridge = {{"type", "bridge"},
                       {"bridge", "cni0"},
                       {"isGateway", true},
                       {"ipam",
                        {{"type", "host-local"},
                         {"dataDir", workspace.path() + "/ipam"},
                         {"ranges", ranges},
                         {"routes", routes}}}};
  const json sluice = {{"type", "sluice-cni"},
                       {"podSource", "api"},
                       {"kubeconfig", kubeconfig},
                       {"logLevel", "warn"},
                       {"stateDir", workspace.path() + "/state"}};
  return {{bridge, sluice}, plugin_directories(), netns, subject.facts};
}

/// Where the world must answer for calls that pass, and which addresses it must therefore have.
std::vector<Endpoint> world_endpoints(const std::vector<Probe>& probes, const Cast& cast) {
  std::set<Endpoint> out;
  for (const Probe& probe : probes) {
    const Packet& packet = probe.packet;
    const bool own =
        std::find(cast.addresses.begin(), cast.addresses.end(), packet.dst) != cast.addresses.end();
    if (own || packet.dst.is_loopback()) continue;
    out.insert({packet.protocol, packet.dst, packet.dst_port});
  }
  return {out.begin(), out.end()};
}

std::vector<Endpoint> everywhere(const std::set<Port>& ports) {
  std::vector<Endpoint> out;
  for (const Port port : ports) {
    out.push_back({Protocol::Tcp, IpAddress::parse("0.0.0.0").value(), port});
    out.push_back({Protocol::Tcp, IpAddress::parse("::").value(), port});
  }
  return out;
}

std::vector<Endpoint> dns_endpoints(Port port) {
  std::vector<Endpoint> out;
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
    out.push_back({protocol, IpAddress::loopback_v4(), port});
    out.push_back({protocol, IpAddress::loopback_v6(), port});
  }
  return out;
}

/// Everybody who listens, in the pod and outside.
Result<std::vector<Child>> start_cast(const Subject& subject, const std::vector<Probe>& probes,
                                      int pod_ns, int world_ns) {
  const Cast& cast = subject.cast;
  const ProxyPorts& ports = subject.policy.ports;
  const Place proxy{pod_ns, cast.proxy_uid.number, cast.proxy_gid.number};
  const auto inbound =
      subject.policy.mode == Mode::Tproxy ? Transparency::Tproxy : Transparency::None;
  std::set<Port> app(cast.app_ports.begin(), cast.app_ports.end());
  for (const Probe& probe : probes) {
    if (probe.packet.direction == Direction::In) app.insert(probe.packet.dst_port);
  }
  const std::vector<Endpoint> world = world_endpoints(probes, cast);
  std::vector<IpAddress> addresses;
  for (const Endpoint& endpoint : world) addresses.push_back(endpoint.address);
  RETURN_IF_ERROR(own_addresses(addresses));

  std::vector<Child> children;
  const auto add = [&](const char* who, const Place& place, const std::vector<Endpoint>& endpoints,
                       Transparency transparency) -> Result<void> {
    ASSIGN_OR_RETURN(Child child, listen_as(who, place, endpoints, transparency));
    children.push_back(std::move(child));
    return {};
  };
  RETURN_IF_ERROR(add("outbound", proxy, everywhere({ports.outbound}), Transparency::None));
  RETURN_IF_ERROR(add("inbound", proxy, everywhere({ports.inbound}), inbound));
  RETURN_IF_ERROR(add("dns", proxy, dns_endpoints(ports.dns), Transparency::None));
  RETURN_IF_ERROR(add("app", {pod_ns, cast.app_uid.number, cast.app_gid.number}, everywhere(app),
                      Transparency::None));
  RETURN_IF_ERROR(add("world", {world_ns, 0, 0}, world, Transparency::None));
  return children;
}

struct Row {
  Probe probe;
  Decision expected;
  Sighting seen;
  [[nodiscard]] bool agrees() const {
    return expected.verdict == seen.verdict && seen.destination_kept;
  }
};

Result<std::vector<Row>> try_out(const Subject& subject, const std::vector<Probe>& probes,
                                 int pod_ns, int world_ns) {
  std::vector<Row> rows;
  for (const Probe& probe : probes) {
    const Place place{probe.caller == Caller::World ? world_ns : pod_ns, probe.packet.uid.number,
                      probe.packet.gid.number};
    ASSIGN_OR_RETURN(Sighting seen, send_probe(probe, place));
    rows.push_back({probe, decide(subject.policy, probe.packet), std::move(seen)});
  }
  return rows;
}

void print_table(const std::vector<Row>& rows, const std::vector<PluginCall>& calls) {
  std::printf("%-32s %-4s %-32s %-9s %-9s %s\n", "probe", "", "to", "expected", "seen", "by");
  for (const Row& row : rows) {
    const Packet& packet = row.probe.packet;
    std::printf("%-32s %-4s %-32s %-9s %-9s %s%s\n", row.probe.name.c_str(),
                packet.protocol == Protocol::Tcp ? "tcp" : "udp",
                lab::to_string(packet.dst, packet.dst_port).c_str(),
                std::string(to_string(row.expected.verdict)).c_str(),
                std::string(to_string(row.seen.verdict)).c_str(), row.seen.words.c_str(),
                row.agrees() ? "" : "   <== DISAGREES");
  }
  std::printf("\n");
  for (const PluginCall& call : calls) {
    std::printf("%-12s %-6s %8.1f ms\n", call.plugin.c_str(), call.verb.c_str(), call.milliseconds);
  }
}

void print_json(const std::vector<Row>& rows, const std::vector<PluginCall>& calls) {
  nlohmann::ordered_json out = {{"probes", nlohmann::ordered_json::array()},
                                {"calls", nlohmann::ordered_json::array()}};
  for (const Row& row : rows) {
    out["probes"].push_back(
        {{"name", row.probe.name},
         {"to", lab::to_string(row.probe.packet.dst, row.probe.packet.dst_port)},
         {"expected", to_string(row.expected.verdict)},
         {"step", row.expected.step},
         {"seen", to_string(row.seen.verdict)},
         {"by", row.seen.words},
         {"agrees", row.agrees()}});
  }
  for (const PluginCall& call : calls) {
    out["calls"].push_back(
        {{"plugin", call.plugin}, {"verb", call.verb}, {"ms", call.milliseconds}});
  }
  print(out.dump() + "\n");
}

/// Leaves the pod up until the caller has seen enough.
void keep_up(const std::string& netns) {
  std::printf(
      "\nThe lab stays up until you press Enter. From another terminal:\n"
      "  nsenter --target %d --user --mount --preserve-credentials nsenter --net=%s\n",
      static_cast<int>(::getpid()), netns.c_str());
  std::fflush(stdout);
  while (true) {
    const int c = std::getchar();
    if (c == '\n' || c == EOF) return;
  }
}

Ended run_lab(const Options& options) {
  ASSIGN_OR_RETURN(Subject subject, read_subject(options.pod_file, options.sources));
  RETURN_IF_ERROR(enter_sandbox());
  ASSIGN_OR_RETURN(Workspace workspace, Workspace::create());
  RETURN_IF_ERROR(own_addresses({}));
  static_cast<void>(set_sysctl("net/ipv6/conf/default/accept_dad", "0"));  // absent without IPv6
  ASSIGN_OR_RETURN(const UniqueFd world_ns, current_namespace());
  ASSIGN_OR_RETURN(const std::string netns, workspace.add_namespace("pod"));
  const UniqueFd pod_ns(::open(netns.c_str(), O_RDONLY | O_CLOEXEC));

  ASSIGN_OR_RETURN(const kube::Authority authority, kube::Authority::create("lab authority"));
  std::optional<kube::Server> server;
  ASSIGN_OR_RETURN(server, serve_pod(subject, authority));
  ASSIGN_OR_RETURN(const std::string kubeconfig,
                   write_kubeconfig(workspace, authority, server->port()));
  Chain chain = make_chain(subject, workspace, netns, kubeconfig);
  RETURN_IF_ERROR(chain.complete());
  RETURN_IF_ERROR(chain.add());
  server.reset();  // CHECK and DEL must do without; and no thread lives on when the cast is forked

  subject.cast.addresses = chain.addresses();
  const std::vector<Probe> probes = standard_probes(subject.policy, subject.cast);
  ASSIGN_OR_RETURN(std::vector<Child> cast,
                   start_cast(subject, probes, pod_ns.get(), world_ns.get()));
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   try_out(subject, probes, pod_ns.get(), world_ns.get()));
  RETURN_IF_ERROR(chain.check());
  if (options.keep) keep_up(netns);
  RETURN_IF_ERROR(chain.del());
  options.as_json ? print_json(rows, chain.calls()) : print_table(rows, chain.calls());
  const auto wrong =
      std::count_if(rows.begin(), rows.end(), [](const Row& r) { return !r.agrees(); });
  if (!options.as_json) {
    std::printf("\n%zu connections, %ld not where they should be\n", rows.size(),
                static_cast<long>(wrong));
  }
  return wrong == 0 ? Exit::Done : Exit::Different;
}

}  // namespace

void add_lab(CLI::App& app, Ended& ended) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "lab",
      "Tries a pod's redirect out on this machine, without a cluster: a real CNI chain makes the "
      "pod's network, real connections show where its traffic goes. Leaves nothing behind.");
  command->footer(
      "Example: sluice lab app.yaml\n"
      "Without root it needs the package uidmap and subordinate ids (subuid(5)).");
  command
      ->add_option(
          "WORKLOAD", options->pod_file,
          "a Pod, a Deployment or another workload as YAML or JSON; the first in the file. "
          "Without an istio-proxy it is injected first")
      ->required();
  command->add_flag("--keep", options->keep, "leave it up and say how to enter it");
  command->add_flag("--json", options->as_json, "print JSON");
  options->sources.add_file_options(*command);
  command->callback([options, &ended] {
    Sources& sources = options->sources;
    sources.builtin = sources.builtin || sources.inject_config_file.empty();
    ended = run_lab(*options);
  });
}

}  // namespace sluice::cli
