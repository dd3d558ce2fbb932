#include "injector/webhook/state.h"

#include <ctime>
#include <utility>

#include "conf/kube/certificate.h"

namespace sluice::webhook {
namespace {

constexpr const char* kConfiguration = "configuration";
constexpr const char* kCertificate = "certificate";

std::string now_text() {
  return kube::date_text(std::time(nullptr));
}

}  // namespace

State::State(injector::Switches switches, NativeSidecars native, const Log& log)
    : switches_(std::move(switches)), native_(native), log_(log) {
  World world;
  world.native_by_node.everywhere = native == NativeSidecars::Always;
  if (!switches_.revision.empty()) world.revision = switches_.revision;
  world_.set(std::make_shared<const World>(std::move(world)));
  health_.set(kConfiguration, Health::State::Bad, "none yet");
  health_.set(kCertificate, Health::State::Bad, "none yet");
}

template <class Change>
void State::change(Change change_world) {
  World world = *world_.get();
  change_world(world);
  world_.set(std::make_shared<const World>(std::move(world)));
}

void State::not_taken(const std::string& what, const Error& error, bool had_one) {
  metrics_.reloads.add(what, "failure");
  log_.error(had_one ? "new " + what + " not taken, the old one stays" : what + " not taken",
             {{"error", error.message}});
  health_.set(had_one ? what + "-reload" : what,
              had_one ? Health::State::Warning : Health::State::Bad,
              (had_one ? "the old one stays, since " + now_text() + ": " : "") + error.message);
}

void State::configure(const Texts& texts, const std::string& origin) {
  const std::lock_guard lock(mutex_);
  last_read_error_.clear();
  if (tried_texts_ == texts) return;
  tried_texts_ = texts;
  auto compiled = compile(texts, switches_, native_);
  if (!compiled) {
    not_taken(kConfiguration, compiled.error(), static_cast<bool>(world_.get()->native));
    return;
  }
  change([&](World& world) {
    world.native = std::move(compiled->native);
    world.ordinary = std::move(compiled->ordinary);
    world.root_namespace = compiled->root_namespace;
  });
  metrics_.reloads.add(kConfiguration, "success");
  metrics_.last_reload = std::time(nullptr);
  health_.set(kConfiguration, Health::State::Good, "of " + origin + ", read " + now_text());
  health_.forget(std::string(kConfiguration) + "-reload");
  log_.info("configuration taken", {{"from", origin}});
}

void State::cannot_configure(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(last_read_error_, error.message) == error.message) return;
  tried_texts_.reset();
  not_taken(kConfiguration, error, static_cast<bool>(world_.get()->native));
}

void State::certify(const Certificate& certificate, const std::string& origin) {
  const std::lock_guard lock(mutex_);
  if (tried_certificate_ == certificate) return;
  tried_certificate_ = certificate;
  auto made = webhook::serving(certificate.identity, certificate.client_ca_pem);
  if (!made) {
    not_taken(kCertificate, made.error(), serving_.get() != nullptr);
    return;
  }
  const std::string until = kube::date_text((*made)->expires);
  metrics_.certificate_expiry = (*made)->expires;
  serving_.set(std::move(*made));
  metrics_.reloads.add(kCertificate, "success");
  health_.set(kCertificate, Health::State::Good, "of " + origin + ", until " + until);
  health_.forget(std::string(kCertificate) + "-reload");
  log_.info("certificate taken", {{"from", origin}, {"until", until}});
}

void State::cannot_certify(const Error& error) {
  const std::lock_guard lock(mutex_);
  tried_certificate_.reset();
  not_taken(kCertificate, error, serving_.get() != nullptr);
}

void State::set_nodes(injector::NativeByNode nodes) {
  const std::lock_guard lock(mutex_);
  if (world_.get()->native_by_node == nodes) return;  // as after most changes to a node
  change([&](World& world) { world.native_by_node = std::move(nodes); });
}

void State::set_namespaces(std::map<std::string, nlohmann::json> namespaces) {
  const std::lock_guard lock(mutex_);
  if (world_.get()->namespaces == namespaces) return;
  change([&](World& world) { world.namespaces = std::move(namespaces); });
}

void State::set_proxy_configs(std::vector<mesh::ProxyConfigResource> resources) {
  const std::lock_guard lock(mutex_);
  change([&](World& world) { world.proxy_configs = std::move(resources); });
}

}  // namespace sluice::webhook
