#include "injector/webhook/own_certificate.h"

#include <ctime>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "conf/kube/certificate.h"
#include "conf/kube/pki.h"
#include "injector/webhook/base64.h"
#include "injector/webhook/ca_bundle.h"
#include "injector/webhook/secret.h"
#include "injector/webhook/tls.h"

using namespace sluice;
using namespace sluice::webhook;
using nlohmann::json;

namespace {

const std::vector<std::string> kNames{"sluice-injector.sluice-system.svc"};
const std::int64_t kNow = std::time(nullptr);
constexpr std::int64_t kDay = 86400;

std::optional<OwnCertificate> after(const OwnCertificate& held, std::int64_t days) {
  return renewed(held, kNames, kNow + days * kDay, {}).value();
}

OwnCertificate first() {
  return after({}, 0).value();
}

/// Whether somebody who trusts `trusted` accepts what `certificate` shows.
bool is_accepted(const OwnCertificate& certificate, const std::string& trusted) {
  for (const std::string& one : kube::certificates_in(trusted)) {
    if (kube::is_signed_by(certificate.serving.certificate_pem, one)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("an empty Secret gets an authority and a certificate that serves") {
  const OwnCertificate made = first();
  CHECK(kube::certificates_in(made.trusted).size() == 1);
  CHECK(is_accepted(made, made.trusted));
  CHECK(kube::is_for(made.serving.certificate_pem, kNames[0]));
  CHECK_FALSE(kube::is_for(made.serving.certificate_pem, "other.sluice-system.svc"));
  CHECK(serving(made.serving, "").has_value());
  CHECK(kube::Authority::load({made.trusted, made.signing_key}).has_value());
  CHECK(made.successor.certificate_pem.empty());
  const auto validity = kube::validity_of(made.serving.certificate_pem).value();
  CHECK(validity.begins < kNow);
  CHECK(validity.ends > kNow + 89 * kDay);
}

TEST_CASE("what is well is left alone, whoever looks") {
  const OwnCertificate made = first();
  CHECK_FALSE(after(made, 0).has_value());
  CHECK_FALSE(after(made, 59).has_value());
}

TEST_CASE("a serving certificate is renewed in the last third of its life, by the same authority") {
  const OwnCertificate made = first();
  const auto next = after(made, 61);
  REQUIRE(next.has_value());
  CHECK(next->trusted == made.trusted);
  CHECK(next->signing_key == made.signing_key);
  CHECK(next->serving != made.serving);
  CHECK(is_accepted(*next, made.trusted));
}

TEST_CASE("what is broken or for others is replaced, and no more than that") {
  const OwnCertificate made = first();
  OwnCertificate cut = made;
  cut.serving.key_pem.resize(40);
  OwnCertificate foreign = made;
  foreign.serving = first().serving;
  for (const OwnCertificate& held : {cut, foreign}) {
    const auto next = after(held, 0);
    REQUIRE(next.has_value());
    CHECK(next->trusted == made.trusted);
    CHECK(is_accepted(*next, made.trusted));
  }
  const auto renamed = renewed(made, {"other.ns.svc"}, kNow, {}).value();
  REQUIRE(renamed.has_value());
  CHECK(kube::is_for(renamed->serving.certificate_pem, "other.ns.svc"));
  OwnCertificate headless = made;
  headless.signing_key = first().signing_key;
  const auto anew = after(headless, 0);
  REQUIRE(anew.has_value());
  CHECK(anew->trusted != made.trusted);
  CHECK(is_accepted(*anew, anew->trusted));
  CHECK(after(made, 6 * 365).value().trusted != made.trusted);
}

TEST_CASE("an authority changes in two steps, and is trusted everywhere before it signs") {
  Lifetimes brief;
  brief.authority = std::chrono::hours(24 * 100);
  const OwnCertificate old = renewed({}, kNames, kNow, brief).value().value();
  const auto spreading = renewed(old, kNames, kNow, brief).value();
  REQUIRE(spreading.has_value());
  CHECK(kube::certificates_in(spreading->trusted).size() == 2);
  CHECK(spreading->serving == old.serving);
  CHECK(is_accepted(*spreading, old.trusted));

  const Lifetimes usual;
  CHECK_FALSE(renewed(*spreading, kNames, kNow + 3000, usual).value().has_value());
  const auto changed = renewed(*spreading, kNames, kNow + 3700, usual).value();
  REQUIRE(changed.has_value());
  CHECK(changed->successor.certificate_pem.empty());
  CHECK(changed->serving != old.serving);
  CHECK(is_accepted(*changed, spreading->trusted));
  CHECK_FALSE(is_accepted(*changed, old.trusted));
  CHECK(is_accepted(old, changed->trusted));
  CHECK(kube::certificates_in(changed->trusted).size() == 2);
}

TEST_CASE("a Secret keeps what is not ours, and gives back what it was given") {
  const OwnCertificate made = first();
  const json secret{{"metadata", {{"resourceVersion", "7"}}}, {"data", {{"other", "eA=="}}}};
  const json with = with_certificate(secret, made);
  CHECK(with["data"]["other"] == "eA==");
  CHECK(with["metadata"] == secret["metadata"]);
  CHECK_FALSE(with["data"].contains("next-ca.crt"));
  CHECK(certificate_in(with) == made);
  for (const json& empty :
       {json(), json::object(), json{{"data", nullptr}}, json{{"data", {{"tls.crt", 1}}}},
        json{{"data", {{"tls.crt", "???"}}}}}) {
    CHECK(certificate_in(empty) == OwnCertificate());
  }
}

TEST_CASE("only our own webhooks get the caBundle, and nothing else of them changes") {
  json configuration{
      {"webhooks",
       {{{"name", "namespace.injector.sluice.dev"},
         {"clientConfig", {{"service", {{"name", "s"}}}}},
         {"failurePolicy", "Ignore"}},
        {{"name", "vault.example.com"}, {"clientConfig", {{"caBundle", "eA=="}}}},
        {{"name", "object.injector.sluice.dev"}, {"clientConfig", {{"caBundle", "eA=="}}}}}}};
  const json operations = ca_bundle_patch(configuration, "PEM");
  REQUIRE(operations.size() == 4);
  json expected = configuration;
  expected["webhooks"][0]["clientConfig"]["caBundle"] = "UEVN";
  expected["webhooks"][2]["clientConfig"]["caBundle"] = "UEVN";
  CHECK(configuration.patch(operations) == expected);
  CHECK(ca_bundle_patch(expected, "PEM").empty());

  json moved = configuration;
  std::swap(moved["webhooks"][0], moved["webhooks"][1]);
  CHECK_THROWS_AS(static_cast<void>(moved.patch(operations)), json::exception);
  for (const json& none : {json::object(), json{{"webhooks", nullptr}}, json{{"webhooks", {1}}}}) {
    CHECK(ca_bundle_patch(none, "PEM").empty());
  }
}

TEST_CASE("what cert-manager has merged with our authority is not taken away") {
  const std::string ours = first().trusted;
  std::string merged;
  append_base64(merged, first().trusted + ours);
  json configuration{
      {"webhooks",
       {{{"name", "namespace.injector.sluice.dev"}, {"clientConfig", {{"caBundle", merged}}}}}}};
  CHECK(ca_bundle_patch(configuration, ours).size() == 2);
  configuration["metadata"]["annotations"]["cert-manager.io/inject-ca-from"] = "a/b";
  CHECK(ca_bundle_patch(configuration, ours).empty());
  const std::string another = first().trusted;
  CHECK(ca_bundle_patch(configuration, another).size() == 2);
  CHECK(ca_bundle_patch(configuration, ours + another).size() == 2);
}
