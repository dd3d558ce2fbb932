#pragma once

// HTTP/1.1 over TLS or plain TCP: keep-alive, pipelining, and a limit or a deadline on everything
// that a client can send, hold or omit. One event loop per thread; a connection stays on its own.
// Knows no Kubernetes: bytes in, Answer, bytes out.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "injector/webhook/http.h"
#include "injector/webhook/metrics.h"
#include "injector/webhook/tls.h"
#include "injector/webhook/world.h"
#include "rules/base/result.h"

namespace sluice::webhook {

struct ServerLimits {
  std::size_t header = std::size_t{16} << 10;
  std::size_t body = std::size_t{7} << 20;      ///< a review may carry two objects of etcd's size
  std::size_t bodies = std::size_t{128} << 20;  ///< of all requests that are being received,
  std::size_t small_body = std::size_t{64} << 10;  ///< but for those up to this
  int connections = 1024;
  std::chrono::milliseconds handshake_time{5'000};
  std::chrono::milliseconds header_time{5'000};
  std::chrono::milliseconds body_time{10'000};
  std::chrono::milliseconds write_time{10'000};
  /// Longer than the 90 s after which API servers close idle connections themselves, so that none
  /// is closed under a request.
  std::chrono::milliseconds idle_time{120'000};
};

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< literal
  std::uint16_t port = 0;             ///< 0: any free one
  unsigned threads = 1;
  ServerLimits limits;
  const Current<Serving>* tls = nullptr;  ///< must outlive the server; null: plain HTTP
};

class Server {
 public:
  /// Listens and serves until stopped. Io for the socket. `counts` must outlive the server.
  [[nodiscard]] static Result<Server> start(const ServerOptions& options, Answer answer,
                                            ConnectionCounts& counts);

  [[nodiscard]] std::uint16_t port() const;

  /// From now on every answer ends its connection, so that clients look for another server; new
  /// connections are still served.
  void drain();

  /// Accepts no more, closes idle connections, gives requests in flight `patience` to end, and
  /// joins every thread.
  void stop(std::chrono::milliseconds patience);

  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();  ///< stops, without patience

 private:
  class Loops;
  explicit Server(std::unique_ptr<Loops> loops);
  std::unique_ptr<Loops> loops_;
};

}  // namespace sluice::webhook
