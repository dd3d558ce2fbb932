#include "conf/kube/server.h"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/kube/connect.h"
#include "conf/kube/http_read.h"
#include "conf/kube/tls.h"

namespace sluice::kube {
namespace {

namespace http = boost::beast::http;

constexpr auto Patience = std::chrono::minutes(10);  // for a client that a test keeps waiting

Result<HttpRequest> read_request(TlsStream& stream) {
  boost::beast::flat_buffer buffer;
  http::request_parser<http::string_body> parser;
  RETURN_IF_ERROR(read_message(
      parser, buffer, [&](std::span<char> into) { return stream.read_some(into, in(Patience)); }));
  auto message = parser.release();
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    request.headers[name] = std::string(field.value());
  }
  request.body = std::move(message.body());
  return request;
}

}  // namespace

/// The listening socket, the thread that accepts and one thread for each connection.
class Server::Loop {
 public:
  Loop(UniqueFd listener, std::uint16_t bound, SslContext context, Answer answer)
      : listener_(std::move(listener)),
        port_(bound),
        context_(std::move(context)),
        answer_(std::move(answer)),
        thread_([this] { accept_all(); }) {}

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  ~Loop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      for (const Connection& connection : connections_) ::shutdown(connection.fd, SHUT_RDWR);
    }
    woken_.notify_all();
    ::shutdown(listener_.get(), SHUT_RDWR);  // ends accept() with EINVAL
    thread_.join();
    for (Connection& connection : connections_) connection.thread.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int accepted() const { return accepted_; }

 private:
  struct Connection {
    int fd = -1;        // a duplicate, to shut it down; closed with the entry
    bool done = false;  // its thread is about to end
    std::thread thread;
  };
  class TlsReply;

  void accept_all() {
    for (;;) {
      UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!socket && (errno == EINTR || errno == ECONNABORTED)) continue;
      if (!socket) return;
      ++accepted_;
      start(std::move(socket));
    }
  }

  void start(UniqueFd socket) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    reap();
    Connection& connection = connections_.emplace_back();
    connection.fd = ::dup(socket.get());
    connection.thread = std::thread([this, &connection, fd = socket.release()] {
      serve(UniqueFd(fd));
      const std::lock_guard finished(mutex_);
      ::close(std::exchange(connection.fd, -1));
      connection.done = true;
    });
  }

  void reap() {
    connections_.remove_if([](Connection& connection) {
      if (connection.done) connection.thread.join();
      return connection.done;
    });
  }

  void serve(UniqueFd socket);

  UniqueFd listener_;
  std::uint16_t port_;
  SslContext context_;
  Answer answer_;
  std::atomic<int> accepted_ = 0;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  std::list<Connection> connections_;
  std::thread thread_;  // last: it uses everything above
};

class Server::Loop::TlsReply final : public Reply {
 public:
  TlsReply(Loop& loop, TlsStream& stream) : loop_(loop), stream_(stream) {}

  Result<void> write(std::string_view bytes) override {
    return stream_.write_all(bytes, in(Patience));
  }

  void cut() override { is_cut_ = true; }
  [[nodiscard]] bool is_cut() const { return is_cut_; }

  bool sleep(std::chrono::milliseconds time) override {
    std::unique_lock lock(loop_.mutex_);
    return !loop_.woken_.wait_for(lock, time, [&] { return loop_.stopping_; });
  }

 private:
  Loop& loop_;
  TlsStream& stream_;
  bool is_cut_ = false;
};

void Server::Loop::serve(UniqueFd socket) {
  auto stream = TlsStream::accept(*context_, std::move(socket), in(Patience));
  if (!stream) return;
  const auto request = read_request(*stream);
  if (!request) return;
  TlsReply reply(*this, *stream);
  answer_(*request, reply);
  if (!reply.is_cut()) stream->close_notify();
}

Result<Server> Server::start(const ServerOptions& options, Answer answer) {
  ASSIGN_OR_RETURN(SslContext context, server_context(options.identity, options.client_ca_pem));
  ASSIGN_OR_RETURN(Listener listener, listen_tcp(options.address, options.port));
  return Server(std::make_unique<Loop>(std::move(listener.socket), listener.port,
                                       std::move(context), std::move(answer)));
}

Server::Server(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

std::uint16_t Server::port() const {
  return loop_->port();
}

int Server::connections() const {
  return loop_->accepted();
}

void reply_json(Reply& reply, int status, std::string_view json, std::string_view more_headers) {
  std::string bytes = "HTTP/1.1 " + std::to_string(status) + " ";
  bytes += http::obsolete_reason(static_cast<http::status>(status));
  bytes += "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size());
  bytes += "\r\n";
  bytes += more_headers;
  bytes += "\r\n";
  bytes += json;
  // A client that has gone needs no answer.
  static_cast<void>(reply.write(bytes));
}

std::string status_json(int status, const std::string& reason, const std::string& message) {
  return nlohmann::json{{"kind", "Status"},    {"apiVersion", "v1"}, {"metadata", {}},
                        {"status", "Failure"}, {"reason", reason},   {"message", message},
                        {"code", status}}
      .dump();
}

}  // namespace sluice::kube
