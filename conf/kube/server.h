#pragma once

// A small HTTPS server on loopback, one thread per connection: the API server of tests and of
// `sluice lab`. Whoever uses it writes the bytes of the answer, so that an answer can be as wrong,
// as slow or as large as a test needs. The plugin does not link it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "conf/kube/access.h"
#include "rules/base/result.h"

namespace sluice::kube {

struct HttpRequest {
  std::string method;
  std::string target;                          ///< as sent: path and query
  std::map<std::string, std::string> headers;  ///< names in lower case; the last of a name wins
  std::string body;
};

/// The connection that a request came on. It is closed when the answering function returns.
class Reply {
 public:
  virtual ~Reply() = default;
  /// Sends bytes as they are. An error means that the client has gone, or the server is stopping.
  [[nodiscard]] virtual Result<void> write(std::string_view bytes) = 0;
  /// Closes without TLS's close_notify, as a crash or a middlebox would.
  virtual void cut() = 0;
  /// False as soon as the server is stopping.
  [[nodiscard]] virtual bool sleep(std::chrono::milliseconds time) = 0;
};

/// Writes a whole JSON response; `more_headers` are lines that end in "\r\n".
void reply_json(Reply& reply, int status, std::string_view json,
                std::string_view more_headers = {});

/// The Status object with which the Kubernetes API explains an error.
[[nodiscard]] std::string status_json(int status, const std::string& reason,
                                      const std::string& message);

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  Identity identity;
  std::string client_ca_pem;  ///< when set, a client must show a certificate signed by it
};

class Server {
 public:
  /// Called from many threads at once; must not throw.
  using Answer = std::function<void(const HttpRequest&, Reply&)>;

  /// Listens and serves until destroyed, which ends and joins every thread, also ones that are
  /// in the middle of an answer. Invalid for a certificate, Io for the socket.
  [[nodiscard]] static Result<Server> start(const ServerOptions& options, Answer answer);

  [[nodiscard]] std::uint16_t port() const;
  /// How many connections it has accepted, whatever became of them.
  [[nodiscard]] int connections() const;

  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

 private:
  class Loop;
  explicit Server(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace sluice::kube
