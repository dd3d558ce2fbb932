#pragma once

// What the tests of the client share: an authority, a server on loopback, one GET.

#include <chrono>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "conf/kube/client.h"
#include "conf/kube/error_of.h"
#include "conf/kube/pki.h"
#include "conf/kube/server.h"

namespace sluice::kube {

using namespace std::chrono_literals;

inline constexpr auto Path = "/api/v1/namespaces/a/pods/b";

/// One authority for all tests: keys cost time.
inline const Authority& authority() {
  static const Authority made = Authority::create("test authority").value();
  return made;
}

inline Identity issue(const CertificateRequest& request) {
  return authority().issue(request).value();
}

inline const Identity& server_identity() {
  static const Identity made = issue({"server", {"127.0.0.1", "::1", "localhost"}});
  return made;
}

inline Server serve(Server::Answer answer, ServerOptions options = {}) {
  if (options.identity.key_pem.empty()) options.identity = server_identity();
  return Server::start(options, std::move(answer)).value();
}

inline ClusterAccess access_to(std::uint16_t port, const std::string& host = "127.0.0.1") {
  ClusterAccess access;
  access.origin = "test";
  access.host = host;
  access.port = port;
  access.ca_pem = authority().certificate_pem();
  return access;
}

inline Result<Response> get(const ClusterAccess& access, std::chrono::milliseconds time = 10s,
                            ClientLimits limits = {}) {
  return Client::create(access, limits).value().get(Path, in(time));
}

/// The error of a GET that must fail.
inline Error failure(const ClusterAccess& access, std::chrono::milliseconds time = 10s) {
  return error_of(get(access, time));
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace sluice::kube
