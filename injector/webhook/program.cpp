#include "injector/webhook/program.h"

#include <csignal>
#include <optional>
#include <thread>

#include "conf/kube/read_file.h"
#include "injector/webhook/cluster.h"
#include "injector/webhook/files.h"
#include "injector/webhook/server.h"
#include "injector/webhook/state.h"

namespace sluice::webhook {
namespace {

using std::chrono::milliseconds;

constexpr const char* kServing = "serving";
constexpr milliseconds kPatience{10'000};  // for requests in flight, at the end

/// SIGTERM and SIGINT wait until they are asked for; SIGPIPE never comes.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

/// A file's text; nothing for a path that was not given.
Result<std::optional<std::string>> text_of(const std::string& path) {
  if (path.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(std::string text, kube::read_file(path));
  return text;
}

Result<Texts> read_texts(const Options& options) {
  Texts texts;
  ASSIGN_OR_RETURN(texts.inject, text_of(options.inject_config));
  ASSIGN_OR_RETURN(texts.values, text_of(options.values));
  ASSIGN_OR_RETURN(texts.mesh, text_of(options.mesh_config));
  return texts;
}

Result<Certificate> read_certificate(const Options& options) {
  Certificate certificate;
  ASSIGN_OR_RETURN(certificate.identity.certificate_pem, kube::read_file(options.tls_cert));
  ASSIGN_OR_RETURN(certificate.identity.key_pem, kube::read_file(options.tls_key));
  if (!options.client_ca.empty()) {
    ASSIGN_OR_RETURN(certificate.client_ca_pem, kube::read_file(options.client_ca));
  }
  return certificate;
}

void reload_files(State& state, const Options& options) {
  if (!options.tls_cert.empty()) {
    if (const auto certificate = read_certificate(options)) {
      state.certify(*certificate, options.tls_cert);
    } else {
      state.cannot_certify(certificate.error());
    }
  }
  if (!options.inject_config.empty() || options.builtin) {
    if (const auto texts = read_texts(options)) {
      state.configure(*texts, options.builtin ? "--builtin" : options.inject_config);
    } else {
      state.cannot_configure(texts.error());
    }
  }
}

std::vector<std::string> watched_files(const Options& options) {
  std::vector<std::string> paths;
  for (const std::string* const path :
       {&options.tls_cert, &options.tls_key, &options.client_ca, &options.inject_config,
        &options.values, &options.mesh_config}) {
    if (!path->empty()) paths.push_back(*path);
  }
  return paths;
}

/// Nothing where there is no cluster and none is needed.
Result<std::unique_ptr<Cluster>> reach_cluster(const Options& options, State& state) {
  auto access = cluster_access(options);
  if (access) return Cluster::start(options, std::move(*access), state);
  if (needs_cluster(options)) return fail(std::move(access).error());
  state.log().info("no cluster: nodes, ProxyConfigs and other injectors are not looked at",
                   {{"reason", access.error().message}});
  return nullptr;
}

Result<Server> serve(const Endpoint& endpoint, ServerOptions options, Answer answer,
                     ConnectionCounts& counts) {
  options.address = endpoint.address;
  options.port = endpoint.port;
  return Server::start(options, std::move(answer), counts);
}

}  // namespace

Result<void> run(const Options& options) {
  const sigset_t signals = block_signals();
  const Log log(options.log_level);
  State state(options.switches, options.native_sidecars, log);
  state.health().set(kServing, Health::State::Bad, "not listening yet");
  const Service service(state.world(), state.metrics(), state.health(), log);

  ConnectionCounts probe_counts;
  ServerOptions probe_options;
  probe_options.limits.connections = 64;
  probe_options.limits.body = 4096;
  ASSIGN_OR_RETURN(
      Server probes,
      serve(
          options.metrics_listen, probe_options,
          [&](const HttpRequest& request) { return service.answer_probe(request); }, probe_counts));

  reload_files(state, options);
  if ((options.builtin || !options.inject_config.empty()) && !state.world().get()->native) {
    return fail(Errc::Invalid, "no configuration to start with: see the log");
  }
  if (!options.tls_cert.empty() && !state.serving().get()) {
    return fail(Errc::Invalid, "no certificate to start with: see the log");
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Cluster> cluster, reach_cluster(options, state));
  ASSIGN_OR_RETURN(const FileWatch watch,
                   FileWatch::start(watched_files(options), [&] { reload_files(state, options); }));

  ServerOptions review_options;
  review_options.tls = &state.serving();
  review_options.threads =
      options.threads != 0 ? options.threads : std::max(std::thread::hardware_concurrency(), 1U);
  ASSIGN_OR_RETURN(Server reviews,
                   serve(
                       options.listen, review_options,
                       [&](const HttpRequest& request) { return service.answer_review(request); },
                       state.metrics().connections));
  state.health().set(kServing, Health::State::Good, "port " + std::to_string(reviews.port()));
  log.info("serving", {{"port", reviews.port()},
                       {"metricsPort", probes.port()},
                       {"threads", review_options.threads}});

  int signal = 0;
  sigwait(&signals, &signal);
  log.info("draining", {{"signal", signal}, {"milliseconds", options.drain.count()}});
  state.health().set(kServing, Health::State::Bad, "draining");
  reviews.drain();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options.drain);
  const timespec grace{seconds.count(), (options.drain - seconds).count() * 1'000'000};
  static_cast<void>(sigtimedwait(&signals, nullptr, &grace));
  reviews.stop(kPatience);
  log.info("stopped");
  return {};
}

}  // namespace sluice::webhook
