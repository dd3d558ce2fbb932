#include "injector/webhook/server.h"

#include <atomic>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include "injector/webhook/session.h"

namespace sluice::webhook {
namespace {

using asio::ip::tcp;

const asio::ip::address kAnyV6 = asio::ip::address_v6::any();

Error listen_error(const ServerOptions& options, const boost::system::error_code& error) {
  return {Errc::Io,
          "cannot listen on " + options.address + " port " + std::to_string(options.port) + ": " +
              error.message(),
          error.value()};
}

}  // namespace

/// The threads, each with its event loop and its connections, and the socket that listens.
class Server::Loops {
 public:
  Loops(const ServerOptions& options, Answer answer, ConnectionCounts& counts)
      : shared_{options.limits, std::move(answer), counts, {}, {}}, tls_(options.tls) {
    for (unsigned i = 0; i < std::max(options.threads, 1U); ++i) workers_.emplace_back(shared_);
  }
  Loops(const Loops&) = delete;
  Loops& operator=(const Loops&) = delete;
  ~Loops() { stop(std::chrono::milliseconds(0)); }

  Result<void> listen(const ServerOptions& options) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) return fail(listen_error(options, error));
    acceptor_.emplace(workers_.front().context);
    tcp::endpoint endpoint(address, options.port);
    acceptor_->open(endpoint.protocol(), error);
    if (error == asio::error::address_family_not_supported && address == kAnyV6) {
      // "Every address" on a host whose kernel has no IPv6.
      endpoint = {asio::ip::address_v4::any(), options.port};
      acceptor_->open(endpoint.protocol(), error);
    }
    if (!error) acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail(listen_error(options, error));
    port_ = acceptor_->local_endpoint().port();
    return {};
  }

  void run() {
    accept_next();
    for (Worker& worker : workers_) {
      worker.thread = std::thread([&worker] { worker.run(); });
    }
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void drain() { shared_.draining = true; }

  void stop(std::chrono::milliseconds patience) {
    if (std::exchange(stopped_, true)) return;
    shared_.draining = true;
    asio::post(workers_.front().context, [this] { acceptor_.reset(); });
    for (Worker& worker : workers_) {
      asio::post(worker.context, [&worker, patience] { worker.finish(patience); });
    }
    for (Worker& worker : workers_) {
      if (worker.thread.joinable()) worker.thread.join();
    }
  }

 private:
  void accept_next() {
    Worker& worker = workers_.size() == 1 ? workers_.front() : *next_worker();
    acceptor_->async_accept(worker.context, [this, &worker](const boost::system::error_code& error,
                                                            tcp::socket socket) {
      if (!acceptor_ || error == asio::error::operation_aborted) return;
      if (!error) take(worker, std::move(socket));
      if (error == asio::error::no_descriptors) {
        pause();
      } else {
        accept_next();
      }
    });
  }

  /// Without descriptors, accepting again at once would spin.
  void pause() {
    auto timer = std::make_shared<asio::steady_timer>(workers_.front().context, kTick);
    timer->async_wait([this, timer](const boost::system::error_code&) {
      if (acceptor_) accept_next();
    });
  }

  std::list<Worker>::iterator next_worker() {
    if (next_ == workers_.end() || ++next_ == workers_.end()) next_ = workers_.begin();
    return next_;
  }

  void take(Worker& worker, tcp::socket socket) {
    shared_.counts.accepted.add();
    const std::int64_t open = shared_.counts.open.load();
    if (open + 1 >= shared_.limits.connections) make_room(workers_.begin());
    if (open >= shared_.limits.connections) {
      shared_.counts.refused.add();
      return;
    }
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto held = std::make_shared<tcp::socket>(std::move(socket));
    const auto serving = tls_ == nullptr ? nullptr : tls_->get();
    if (tls_ != nullptr && serving == nullptr) return;  // nothing to show to a client yet
    asio::post(worker.context, [&worker, held, serving] {
      worker.serve(std::move(*held), serving == nullptr ? nullptr : serving->context.get());
    });
  }

  /// When the last place is taken, the connection that asked nothing for longest gives up its own,
  /// for the next one: else whoever can connect could keep API servers out. Of the first worker
  /// that has an idle one, which is as good as any: connections are dealt out evenly.
  void make_room(std::list<Worker>::iterator worker) {
    if (worker == workers_.end()) return;
    asio::post(worker->context, [this, worker] {
      if (!worker->close_longest_idle()) make_room(std::next(worker));
    });
  }

  Shared shared_;
  const Current<Serving>* tls_;
  std::list<Worker> workers_;
  std::list<Worker>::iterator next_ = workers_.end();
  std::optional<tcp::acceptor> acceptor_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
};

Server::Server(std::unique_ptr<Loops> loops) : loops_(std::move(loops)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::start(const ServerOptions& options, Answer answer,
                             ConnectionCounts& counts) {
  auto loops = std::make_unique<Loops>(options, std::move(answer), counts);
  RETURN_IF_ERROR(loops->listen(options));
  loops->run();
  return Server(std::move(loops));
}

std::uint16_t Server::port() const {
  return loops_->port();
}

void Server::drain() {
  loops_->drain();
}

void Server::stop(std::chrono::milliseconds patience) {
  loops_->stop(patience);
}

}  // namespace sluice::webhook
