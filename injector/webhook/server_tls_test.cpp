// Which TLS is spoken, with whom, and how a certificate changes under load.

#include <atomic>
#include <thread>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "injector/webhook/server_fixture.h"

using namespace sluice;
using namespace sluice::webhook;

namespace {

struct Spoken {
  bool accepted = false;
  std::string version;
  std::string protocol;  // by ALPN
  bool resumed = false;
};

/// One handshake with OpenSSL itself, so that the client can be set as old as wanted.
Spoken handshake(std::uint16_t port, int version, const std::string& protocols) {
  const std::unique_ptr<SSL_CTX, kube::SslFree> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  SSL_CTX_ctrl(context.get(), SSL_CTRL_SET_MIN_PROTO_VERSION, version, nullptr);
  SSL_CTX_ctrl(context.get(), SSL_CTRL_SET_MAX_PROTO_VERSION, version, nullptr);
  const std::unique_ptr<SSL, kube::SslFree> ssl(SSL_new(context.get()));
  const auto* offered = reinterpret_cast<const unsigned char*>(protocols.data());
  SSL_set_alpn_protos(ssl.get(), offered, static_cast<unsigned int>(protocols.size()));
  const auto fd = kube::connect_tcp("127.0.0.1", port, 5s, kube::in(5s)).value();
  SSL_set_fd(ssl.get(), fd.get());
  int done = -1;
  while ((done = SSL_connect(ssl.get())) < 0) {
    const int error = SSL_get_error(ssl.get(), done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) break;
    const short events = error == SSL_ERROR_WANT_READ ? 1 : 4;  // POLLIN, POLLOUT
    if (!kube::wait_for(fd.get(), events, kube::in(5s))) break;
  }
  ERR_clear_error();
  const unsigned char* chosen = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl.get(), &chosen, &size);
  return {done == 1, SSL_get_version(ssl.get()),
          std::string(reinterpret_cast<const char*>(chosen), size)};
}

}  // namespace

TEST_CASE("TLS 1.2 and 1.3 are spoken, nothing older") {
  TestServer test;
  CHECK(handshake(test.server.port(), TLS1_3_VERSION, "").version == "TLSv1.3");
  CHECK(handshake(test.server.port(), TLS1_2_VERSION, "").version == "TLSv1.2");
  CHECK(handshake(test.server.port(), TLS1_2_VERSION, "").accepted);
  CHECK_FALSE(handshake(test.server.port(), TLS1_1_VERSION, "").accepted);
  CHECK_FALSE(handshake(test.server.port(), TLS1_VERSION, "").accepted);
  // Counted when the server's side has ended, which may be after the client's.
  const auto patience = kube::in(5s);
  while (test.counts.handshake_failures.value() < 2 &&
         std::chrono::steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  CHECK(test.counts.handshake_failures.value() == 2);
}

TEST_CASE("by ALPN it is HTTP/1.1 or nothing") {
  TestServer test;
  CHECK(handshake(test.server.port(), TLS1_3_VERSION, "\x02h2\x08http/1.1").protocol == "http/1.1");
  CHECK(handshake(test.server.port(), TLS1_3_VERSION, "\x08http/1.1").protocol == "http/1.1");
  CHECK(handshake(test.server.port(), TLS1_3_VERSION, "").accepted);
  CHECK_FALSE(handshake(test.server.port(), TLS1_3_VERSION, "\x02h2").accepted);
}

TEST_CASE("with a client authority, only its clients are served") {
  const auto others = kube::Authority::create("others").value();
  TestServer test({}, echo, 1, authority().certificate_pem());
  TestClient known(test.server.port(), identity("api server"));
  CHECK(known.ask(get("/a")).value().status == 200);
  // In TLS 1.3 a client hears of a refusal only after its own handshake.
  TestClient nobody(test.server.port());
  CHECK_FALSE((nobody.connected() && nobody.ask(get("/a")).has_value()));
  TestClient stranger(test.server.port(), others.issue({"stranger", {"x"}}).value());
  CHECK_FALSE((stranger.connected() && stranger.ask(get("/a")).has_value()));
}

TEST_CASE("a certificate that cannot serve is refused with the reason") {
  const kube::Identity good = identity();
  const kube::Identity expired = authority().issue({"x", {"127.0.0.1"}, -7200s, -3600s}).value();
  struct Row {
    kube::Identity identity;
    std::string client_ca;
    const char* message;
  };
  for (const Row& row : std::initializer_list<Row>{
           {{good.certificate_pem, identity().key_pem}, "", "it is not the key of the certificate"},
           {{"", good.key_pem}, "", "not a PEM certificate"},
           {{good.certificate_pem, "x"}, "", "not a PEM private key"},
           {good, "x", "certificate authority"},
           {expired, "", "it expired 20"}}) {
    CAPTURE(row.message);
    const auto made = serving(row.identity, row.client_ca);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().message.find(row.message) != std::string::npos);
  }
}

TEST_CASE("a certificate changes under load, and no request fails") {
  TestServer test;
  std::atomic<bool> over = false;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      while (!over) {
        TestClient client(test.server.port());
        for (int j = 0; j < 5; ++j) {
          const bool good = client.connected() && client.ask(post("/", "body")).has_value();
          ++(good ? answered : failed);
        }
      }
    });
  }
  const auto replacement = kube::Authority::create("replacement").value();
  const kube::Identity next = replacement.issue({"next", {"127.0.0.1"}}).value();
  for (int i = 0; i < 10; ++i) {
    const int before = answered;
    test.tls.set(i % 2 == 0 ? serving(identity("next"), "").value() : certificate());
    while (answered < before + 5 && failed == 0) std::this_thread::yield();
  }
  over = true;
  for (std::thread& client : clients) client.join();
  CHECK(failed == 0);
  CHECK(answered >= 50);
  TestClient kept(test.server.port());
  test.tls.set(serving(next, "").value());
  TestClient fresh(test.server.port(), std::nullopt, replacement.certificate_pem());
  CHECK(fresh.ask(get("/a")).value().status == 200);
  CHECK(kept.ask(get("/a")).value().status == 200);
  CHECK_FALSE(TestClient(test.server.port()).connected());
}
