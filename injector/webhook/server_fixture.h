#pragma once

// A server with TLS on loopback, and a client that can be as slow, as hasty and as wrong as a test
// needs.

#include <atomic>
#include <chrono>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "conf/kube/connect.h"
#include "conf/kube/error_of.h"
#include "conf/kube/pki.h"
#include "injector/webhook/server.h"

namespace sluice::webhook {

using namespace std::chrono_literals;

/// One authority for all tests: keys cost time.
inline const kube::Authority& authority() {
  static const kube::Authority made = kube::Authority::create("test authority").value();
  return made;
}

inline kube::Identity identity(const std::string& name = "injector") {
  return authority().issue({name, {"127.0.0.1"}}).value();
}

inline std::shared_ptr<const Serving> certificate(const std::string& client_ca = {}) {
  static const kube::Identity made = identity();
  return serving(made, client_ca).value();
}

/// Answers what it was asked: "METHOD TARGET SIZE-OF-BODY".
inline HttpReply echo(const HttpRequest& request) {
  HttpReply reply;
  reply.content_type = "text/plain";
  reply.body = std::string(request.method) + " " + std::string(request.target) + " " +
               std::to_string(request.body.size());
  return reply;
}

struct TestServer {
  explicit TestServer(ServerLimits limits = {}, Answer answer = echo, unsigned threads = 2,
                      const std::string& client_ca = {})
      : server(start(limits, std::move(answer), threads, client_ca)) {}

  Server start(const ServerLimits& limits, Answer answer, unsigned threads,
               const std::string& client_ca) {
    tls.set(certificate(client_ca));
    ServerOptions options;
    options.threads = threads;
    options.limits = limits;
    options.tls = &tls;
    return Server::start(options, std::move(answer), counts).value();
  }

  ConnectionCounts counts;
  Current<Serving> tls;
  Server server;
};

struct Answered {
  int status = 0;
  std::string head;
  std::string body;
};

/// A TLS connection on which requests and answers are bytes.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port, const std::optional<kube::Identity>& shown = std::nullopt,
                      const std::string& trusted = authority().certificate_pem())
      : context_(kube::client_context(trusted, shown).value()),
        stream_(kube::TlsStream::connect(
            *context_, kube::connect_tcp("127.0.0.1", port, 5s, kube::in(10s)).value(), "127.0.0.1",
            kube::in(10s))) {}

  [[nodiscard]] bool connected() const { return stream_.has_value(); }
  [[nodiscard]] std::string why() const { return stream_ ? "" : stream_.error().message; }
  [[nodiscard]] Result<void> send(std::string_view bytes) {
    return stream_->write_all(bytes, kube::in(10s));
  }

  [[nodiscard]] Result<Answered> receive(std::chrono::milliseconds time = 10s) {
    constexpr std::string_view Length = "Content-Length: ";
    Answered answered;
    std::size_t end = std::string::npos;
    while ((end = held_.find("\r\n\r\n")) == std::string::npos) RETURN_IF_ERROR(more(time));
    answered.head = held_.substr(0, end);
    answered.status = std::stoi(answered.head.substr(9, 3));
    held_.erase(0, end + 4);
    const std::size_t at = answered.head.find(Length);
    const std::size_t size =
        at == std::string::npos ? 0 : std::stoul(answered.head.substr(at + Length.size()));
    while (held_.size() < size) RETURN_IF_ERROR(more(time));
    answered.body = held_.substr(0, size);
    held_.erase(0, size);
    return answered;
  }

  [[nodiscard]] Result<Answered> ask(std::string_view bytes) {
    RETURN_IF_ERROR(send(bytes));
    return receive();
  }

  /// Whether the server ends the connection, with a close_notify or without, within `time`.
  [[nodiscard]] bool ends_within(std::chrono::milliseconds time) {
    const auto got = more(time);
    return !got && got.error().sys_errno != ETIMEDOUT;
  }

 private:
  Result<void> more(std::chrono::milliseconds time) {
    std::array<char, 16384> piece{};
    ASSIGN_OR_RETURN(const std::size_t size, stream_->read_some(piece, kube::in(time)));
    if (size == 0) return fail(Errc::TryAgain, "closed", ECONNRESET);
    held_.append(piece.data(), size);
    return {};
  }

  kube::SslContext context_;
  Result<kube::TlsStream> stream_;
  std::string held_;
};

inline std::string get(const std::string& target, const std::string& more = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
}

inline std::string post(const std::string& target, const std::string& body,
                        const std::string& more = {}) {
  return "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace sluice::webhook
