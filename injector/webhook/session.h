#pragma once

// One event loop with its connections, for server.cpp alone: Asio and Beast are dear to compile.

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "injector/webhook/server.h"

struct ssl_ctx_st;

namespace sluice::webhook {

namespace asio = boost::asio;

using Time = std::chrono::steady_clock::time_point;

/// How often deadlines are looked at: a request sets a time and nothing else, where a timer of its
/// own would cost it two queues.
inline constexpr std::chrono::milliseconds kTick{100};

/// What all connections of a server share.
struct Shared {
  ServerLimits limits;
  Answer answer;
  ConnectionCounts& counts;
  std::atomic<bool> draining{false};
  std::atomic<std::size_t> body_bytes{0};  ///< of requests that are being received
};

/// A connection, as its loop sees it.
class Session {
 public:
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  virtual ~Session() = default;
  /// Ends whatever it waits for.
  virtual void close() = 0;

  Time deadline = Time::max();
  bool idle = false;  ///< between requests, all for the same time until their deadline
};

class Worker {
 public:
  explicit Worker(Shared& sharing);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  void run();
  /// Serves a connection until its end; with TLS when `tls` is not null.
  void serve(asio::ip::tcp::socket socket, ssl_ctx_st* tls);
  /// False when none is idle.
  bool close_longest_idle();
  /// Ends run(): idle connections at once, the others within `patience`.
  void finish(std::chrono::milliseconds patience);

  Shared& shared;
  std::unordered_set<Session*> sessions;  // each takes itself out, at the latest with the context
  asio::io_context context{1};
  std::thread thread;
  bool finishing = false;

 private:
  void tick();
  asio::steady_timer ticker_{context};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context.get_executor()};
  Time end_ = Time::max();
};

}  // namespace sluice::webhook
