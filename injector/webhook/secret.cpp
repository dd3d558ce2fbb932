#include "injector/webhook/secret.h"

#include <array>
#include <ctime>
#include <mutex>
#include <optional>
#include <utility>

#include "conf/kube/api.h"
#include "conf/kube/kubeconfig.h"
#include "conf/kube/watch.h"
#include "injector/webhook/base64.h"
#include "injector/webhook/repeater.h"
#include "rules/base/json.h"

namespace sluice::webhook {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kCallTime{10'000};
constexpr int kRounds = 5;  // against other replicas that write at the same time

/// Each key of the data, and where it belongs.
auto fields_of(OwnCertificate& certificate) {
  return std::array<std::pair<const char*, std::string*>, 6>{
      {{"ca.crt", &certificate.trusted},
       {"ca.key", &certificate.signing_key},
       {"next-ca.crt", &certificate.successor.certificate_pem},
       {"next-ca.key", &certificate.successor.key_pem},
       {"tls.crt", &certificate.serving.certificate_pem},
       {"tls.key", &certificate.serving.key_pem}}};
}

}  // namespace

OwnCertificate certificate_in(const json& secret) {
  OwnCertificate certificate;
  for (const auto& [key, text] : fields_of(certificate)) {
    const std::string* value = string_at(secret, {"data", key});
    if (value == nullptr) continue;
    if (auto decoded = kube::decode_base64(*value)) *text = *decoded;
  }
  return certificate;
}

json with_certificate(json secret, const OwnCertificate& certificate) {
  OwnCertificate copy = certificate;
  if (!secret["data"].is_object()) secret["data"] = json::object();
  for (const auto& [key, text] : fields_of(copy)) {
    if (text->empty()) {
      secret["data"].erase(key);
      continue;
    }
    std::string encoded;
    append_base64(encoded, *text);
    secret["data"][key] = std::move(encoded);
  }
  return secret;
}

class SecretKeeper::Loop {
 public:
  Loop(std::shared_ptr<const kube::Client> client, SecretOptions options, Listener listener)
      : client_(std::move(client)),
        options_(std::move(options)),
        listener_(std::move(listener)),
        collection_("/api/v1/namespaces/" + options_.namespace_name + "/secrets"),
        repeater_(
            options_.interval, [this] { return look(); }, listener_.trouble),
        watch_(kube::Watch::start(client_, watch_options(),
                                  {[this](const kube::Objects&) { repeater_.poke(); },
                                   [this](const std::optional<Error>& error) {
                                     if (error) listener_.trouble(*error);
                                   }})) {}

 private:
  [[nodiscard]] kube::WatchOptions watch_options() const {
    kube::WatchOptions watched;
    watched.path = collection_;
    watched.query = "fieldSelector=metadata.name%3D" + kube::query_escaped(options_.name);
    return watched;
  }

  /// Reads the Secret, and renews what is in it until nobody else got in between.
  Result<void> look() {
    for (int round = 0; round < kRounds; ++round) {
      auto secret =
          kube::read_object(*client_, collection_ + "/" + options_.name, kube::in(kCallTime));
      const bool absent = !secret && secret.error().code == Errc::NotFound;
      if (!secret && !absent) return fail(std::move(secret).error());
      const OwnCertificate held = absent ? OwnCertificate() : certificate_in(*secret);
      ASSIGN_OR_RETURN(const auto next,
                       renewed(held, options_.names, std::time(nullptr), options_.lifetimes));
      if (!next) {
        listener_.held(held);
        return {};
      }
      auto written = absent ? create(*next) : replace(std::move(*secret), *next);
      if (!written && written.error().code != Errc::Exists) {
        return fail(std::move(written).error());
      }
      // Read again, also after a success: what counts is what everybody reads.
    }
    return fail(Errc::TryAgain, "Secret " + options_.name + ": others change it all the time");
  }

  Result<json> create(const OwnCertificate& certificate) {
    const json secret{{"apiVersion", "v1"},
                      {"kind", "Secret"},
                      {"type", "kubernetes.io/tls"},
                      {"metadata",
                       {{"name", options_.name},
                        {"namespace", options_.namespace_name},
                        {"labels", {{"app.kubernetes.io/name", "sluice-injector"}}}}}};
    return kube::create_object(*client_, collection_, with_certificate(secret, certificate),
                               kube::in(kCallTime));
  }

  Result<json> replace(json secret, const OwnCertificate& certificate) {
    return kube::replace_object(*client_, collection_ + "/" + options_.name,
                                with_certificate(std::move(secret), certificate),
                                kube::in(kCallTime));
  }

  std::shared_ptr<const kube::Client> client_;
  SecretOptions options_;
  Listener listener_;
  std::string collection_;
  Repeater repeater_;
  kube::Watch watch_;
};

SecretKeeper::SecretKeeper(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
SecretKeeper::~SecretKeeper() = default;

std::unique_ptr<SecretKeeper> SecretKeeper::start(std::shared_ptr<const kube::Client> client,
                                                  SecretOptions options, Listener listener) {
  return std::unique_ptr<SecretKeeper>(new SecretKeeper(
      std::make_unique<Loop>(std::move(client), std::move(options), std::move(listener))));
}

}  // namespace sluice::webhook
