// sluice lab: a pod's redirect, tried out with a real CNI chain and real connections.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "conf/kube/pki.h"
#include "conf/kube/server.h"
#include "plugin/cli/command.h"
#include "plugin/cli/lab/chain.h"
#include "plugin/cli/lab/links.h"
#include "plugin/cli/lab/report.h"
#include "plugin/cli/lab/sandbox.h"
#include "plugin/cli/lab/subject.h"
#include "plugin/cli/lab/supervisor.h"

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

/// Where it takes place: the pod's network namespace and, around it, the world's.
struct Scene {
  std::string directory;
  std::string netns;
  UniqueFd pod_ns;
  UniqueFd world_ns;
};

Result<Scene> set_scene(const Subject& subject, const std::string& directory) {
  RETURN_IF_ERROR(enter_sandbox(ids_of(subject)));
  RETURN_IF_ERROR(own_addresses({}));
  static_cast<void>(set_sysctl("net/ipv6/conf/default/accept_dad", "0"));  // absent without IPv6
  Scene scene{directory, directory + "/pod", {}, {}};
  ASSIGN_OR_RETURN(scene.world_ns, current_namespace());
  RETURN_IF_ERROR(make_namespace(scene.netns));
  scene.pod_ns.reset(::open(scene.netns.c_str(), O_RDONLY | O_CLOEXEC));
  return scene;
}

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

Result<std::string> write_kubeconfig(const std::string& directory, const kube::Authority& authority,
                                     std::uint16_t port) {
  const std::string ca = directory + "/ca.pem";
  const std::string path = directory + "/kubeconfig";
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

json bridge_conf(const std::string& directory) {
  json routes = json::array();
  for (const char* everywhere : {"0.0.0.0/0", "::/0"}) routes.push_back({{"dst", everywhere}});
  json ranges = json::array();
  for (const char* subnet : {"10.88.0.0/24", "fd88::/64"}) {
    ranges.push_back(json::array({{{"subnet", subnet}}}));
  }
  return {{"type", "bridge"},
          {"bridge", "cni0"},
          {"isGateway", true},
          {"ipam",
           {{"type", "host-local"},
            {"dataDir", directory + "/ipam"},
            {"ranges", ranges},
            {"routes", routes}}}};
}

/// What bridge would do, where it is not installed.
Result<void> attach_without_bridge(Chain& chain, const std::string& netns, const Error& why) {
  std::fprintf(stderr,
               "sluice: lab: %s: the lab attaches the pod itself, with a pair of links (package "
               "containernetworking-plugins has the plugin)\n",
               why.message.c_str());
  const auto start = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(json result, attach(netns));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  chain.begin_with(std::move(result), {"(the lab)", "ADD", took.count()});
  return {};
}

/// The chain, after its ADD.
Result<Chain> attached(const Subject& subject, const Scene& scene) {
  ASSIGN_OR_RETURN(const kube::Authority authority, kube::Authority::create("lab authority"));
  ASSIGN_OR_RETURN(const kube::Server server, serve_pod(subject, authority));
  ASSIGN_OR_RETURN(const std::string kubeconfig,
                   write_kubeconfig(scene.directory, authority, server.port()));
  const json bridge = bridge_conf(scene.directory);
  const json sluice = {{"type", "sluice-cni"},
                       {"podSource", "api"},
                       {"kubeconfig", kubeconfig},
                       {"logLevel", "warn"},
                       {"stateDir", scene.directory + "/state"}};
  const auto chain_of = [&](std::vector<json> plugins) {
    return Chain(std::move(plugins), plugin_directories(), scene.netns, subject.facts);
  };
  const auto bridged = chain_of({bridge}).complete();
  Chain chain = chain_of(bridged ? std::vector{bridge, sluice} : std::vector{sluice});
  RETURN_IF_ERROR(chain.complete());
  if (!bridged) RETURN_IF_ERROR(attach_without_bridge(chain, scene.netns, bridged.error()));
  RETURN_IF_ERROR(chain.add());
  // The server ends here: CHECK and DEL must do without, and no thread lives on when the cast
  // forks.
  return chain;
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

/// How to look at the pod from another terminal; `inside` is a process in it.
void tell_how_to_enter(const Cast& cast, pid_t inside, bool as_root) {
  const std::string pid = std::to_string(inside);
  const std::string enter =
      "nsenter --target " + pid + (as_root ? "" : " --user --preserve-credentials");
  const std::string until = ::isatty(STDIN_FILENO) == 1
                                ? "you press Enter or Ctrl-C"
                                : "SIGINT or SIGTERM (kill " + std::to_string(::getppid()) + ")";
  std::fprintf(stderr,
               "\nThe lab stays up until %s. From another terminal:\n"
               "  %s --net\n"
               "  %ssluice counters --netns /proc/%s/ns/net\n"
               "There the app is uid %u, gid %u (setpriv --reuid %u --regid %u --clear-groups "
               "COMMAND) and the proxy uid %u, gid %u.\n",
               until.c_str(), enter.c_str(), as_root ? "" : (enter + " ").c_str(), pid.c_str(),
               cast.app_uid.number, cast.app_gid.number, cast.app_uid.number, cast.app_gid.number,
               cast.proxy_uid.number, cast.proxy_gid.number);
}

Ended run_lab(const Options& options, Subject subject, const std::string& directory) {
  const bool as_root = ::geteuid() == 0;
  ASSIGN_OR_RETURN(const Scene scene, set_scene(subject, directory));
  ASSIGN_OR_RETURN(Chain chain, attached(subject, scene));
  subject.cast.addresses = chain.addresses();
  const std::vector<Probe> probes = standard_probes(subject.policy, subject.cast);
  ASSIGN_OR_RETURN(const std::vector<Child> cast,
                   start_cast(subject, probes, scene.pod_ns.get(), scene.world_ns.get()));
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   try_out(subject, probes, scene.pod_ns.get(), scene.world_ns.get()));
  RETURN_IF_ERROR(chain.check());
  const Form form = options.as_json ? Form::Json : Form::Table;
  if (!options.keep) RETURN_IF_ERROR(chain.del());
  const std::size_t wrong = report(rows, chain.calls(), form);
  if (options.keep) {
    tell_how_to_enter(subject.cast, cast.front().pid(), as_root);
    wait_until_told();
    RETURN_IF_ERROR(chain.del());
  }
  return wrong == 0 ? Exit::Done : Exit::Different;
}

Ended lab_of(const Options& options) {
  ASSIGN_OR_RETURN(Subject subject, read_subject(options.pod_file, options.sources));
  return supervise([&](const std::string& directory) {
    return run_lab(options, std::move(subject), directory);
  });
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
  command->add_flag("--keep", options->keep, "leave it up, and say how to enter and how to end it");
  command->add_flag("--json", options->as_json, "print JSON");
  add_source_options(*command, options->sources);
  command->callback([options, &ended] {
    Sources& sources = options->sources;
    sources.builtin = sources.builtin || sources.inject_config_file.empty();
    ended = lab_of(*options);
  });
}

}  // namespace sluice::cli
