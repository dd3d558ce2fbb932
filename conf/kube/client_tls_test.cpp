// Who may answer the client, and whom it says it is.

#include <atomic>
#include <thread>

#include <sys/socket.h>

#include "conf/kube/client_fixture.h"
#include "conf/kube/connect.h"

using namespace sluice;
using namespace sluice::kube;

namespace {

/// A plain TCP server for one connection.
class PlainServer {
 public:
  explicit PlainServer(const std::string& says)
      : listener_(listen_tcp("127.0.0.1", 0).value()), thread_([this, says] {
          const UniqueFd client(::accept(listener_.socket.get(), nullptr, nullptr));
          char request[4096];
          static_cast<void>(::recv(client.get(), request, sizeof request, 0));
          static_cast<void>(::send(client.get(), says.data(), says.size(), MSG_NOSIGNAL));
        }) {}
  ~PlainServer() { thread_.join(); }
  PlainServer(const PlainServer&) = delete;
  PlainServer& operator=(const PlainServer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return listener_.port; }

 private:
  Listener listener_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a server that does not speak TLS is named so") {
  for (const char* says : {"HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n"}) {
    const PlainServer server(says);
    const Error error = failure(access_to(server.port()));
    CHECK(error.code == Errc::TryAgain);
    CHECK(contains(error.message, "TLS handshake: TLS: the other end does not speak TLS"));
    CHECK_FALSE(network_failed(error));
  }
  const PlainServer server("");
  CHECK(network_failed(failure(access_to(server.port()))));
}

TEST_CASE("a certificate that does not prove who answers is refused before anything is sent") {
  std::atomic<int> asked = 0;
  const auto refused = [&](const Identity& identity, const ClusterAccess& as) {
    ServerOptions options;
    options.identity = identity;
    const Server server = serve([&](const HttpRequest&, Reply&) { ++asked; }, options);
    ClusterAccess access = as;
    access.port = server.port();
    access.token = "secret";
    const Error error = failure(access);
    CHECK(error.code == Errc::TryAgain);
    CHECK_FALSE(network_failed(error));
    CHECK(contains(error.message, "TLS handshake: TLS: certificate refused: "));
    return error.message;
  };
  ClusterAccess access = access_to(0);
  CHECK(contains(refused(issue({"x", {"127.0.0.2"}}), access), "it is not for \"127.0.0.1\""));
  CHECK(contains(refused(issue({"127.0.0.1", {}}), access), "it is not for \"127.0.0.1\""));
  CHECK(contains(refused(issue({"x", {"127.0.0.1"}, -7200s, -3600s}), access), "expired"));
  CHECK(contains(refused(issue({"x", {"127.0.0.1"}, 3600s, 7200s}), access), "not yet valid"));
  access.tls_server_name = "api.example";
  CHECK(contains(refused(server_identity(), access), "it is not for \"api.example\""));
  CHECK(contains(refused(issue({"api.example", {"127.0.0.1"}}), access), "api.example"));
  access = access_to(0);
  access.ca_pem = Authority::create("another").value().certificate_pem();
  CHECK(contains(refused(server_identity(), access), "unable to get local issuer certificate"));
  CHECK(asked == 0);
}

TEST_CASE("tls-server-name is who the certificate must be for, an address or a name") {
  ServerOptions options;
  options.identity = issue({"x", {"10.96.0.1", "kubernetes.default.svc", "*.example.com"}});
  const Server server =
      serve([](const HttpRequest&, Reply& reply) { reply_json(reply, 200, "{}"); }, options);
  ClusterAccess access = access_to(server.port());
  for (const char* name : {"10.96.0.1", "kubernetes.default.svc", "api.example.com"}) {
    access.tls_server_name = name;
    CHECK(get(access).has_value());
  }
}

TEST_CASE("an intermediate or the server's own certificate may be the one that is trusted") {
  const Server server =
      serve([](const HttpRequest&, Reply& reply) { reply_json(reply, 200, "{}"); });
  ClusterAccess access = access_to(server.port());
  access.ca_pem = server_identity().certificate_pem;
  CHECK(get(access).has_value());
  access.ca_pem =
      Authority::create("old").value().certificate_pem() + authority().certificate_pem();
  CHECK(get(access).has_value());
}

TEST_CASE("a server that asks for a client certificate is shown the one there is") {
  ServerOptions options;
  options.client_ca_pem = authority().certificate_pem();
  const Server server =
      serve([](const HttpRequest&, Reply& reply) { reply_json(reply, 200, "{}"); }, options);
  ClusterAccess access = access_to(server.port());
  SUBCASE("given") {
    access.client_certificate = issue({"node", {}});
    CHECK(get(access).has_value());
  }
  SUBCASE("not given") {
    const Error error = failure(access);
    CHECK(contains(error.message,
                   "TLS: refused by the other end: tlsv13 alert certificate required"));
    CHECK_FALSE(network_failed(error));
  }
  SUBCASE("signed by someone else") {
    access.client_certificate = Authority::create("another").value().issue({"node", {}}).value();
    CHECK(
        contains(failure(access).message, "TLS: refused by the other end: tlsv1 alert unknown ca"));
  }
}

TEST_CASE("certificates and keys that cannot be used are refused before any connection") {
  const auto error = [](const ClusterAccess& access) {
    const Error refusal = error_of(Client::create(access));
    CHECK(refusal.code == Errc::Invalid);
    return refusal.message;
  };
  ClusterAccess access = access_to(1);
  for (const char* pem :
       {"", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    access.ca_pem = pem;
    CHECK(error(access) == "test: certificate authority: not a list of PEM certificates");
  }
  access = access_to(1);
  const Identity one = issue({"one", {}});
  const Identity other = issue({"other", {}});
  access.client_certificate = Identity{"x", one.key_pem};
  CHECK(error(access) == "test: client: certificate: not a PEM certificate");
  access.client_certificate = Identity{one.certificate_pem, "x"};
  CHECK(error(access) == "test: client: key: not a PEM private key without passphrase");
  access.client_certificate = Identity{one.certificate_pem, other.key_pem};
  CHECK(error(access) == "test: client: key: it is not the key of the certificate");
}
