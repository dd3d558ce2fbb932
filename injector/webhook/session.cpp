#include "injector/webhook/session.h"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace sluice::webhook {
namespace {

namespace http = boost::beast::http;
using asio::ip::tcp;
using TlsSocket = asio::ssl::stream<tcp::socket>;
using Parser = http::request_parser<http::string_body>;

constexpr auto kOutcome = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kPiece = 16384;                      // as much as a TLS record holds
constexpr std::size_t kKept = std::size_t{64} << 10;       // of a buffer, between requests
constexpr std::size_t kReadAhead = std::size_t{64} << 10;  // of what follows a header
constexpr std::chrono::milliseconds kLinger{1000};

tcp::socket& socket_of(tcp::socket& stream) {
  return stream;
}

tcp::socket& socket_of(TlsSocket& stream) {
  return stream.next_layer();
}

std::string_view view(boost::core::string_view text) {
  return {text.data(), text.size()};
}

enum class After { Continue, Close };
enum class Body { Send, Omit };

void append_head(std::string& out, const HttpReply& reply, After after) {
  out += "HTTP/1.1 ";
  out += std::to_string(reply.status);
  out += ' ';
  out += view(http::obsolete_reason(static_cast<http::status>(reply.status)));
  out += "\r\nContent-Type: ";
  out += reply.content_type;
  out += "\r\nContent-Length: ";
  out += std::to_string(reply.body.size());
  if (!reply.allow.empty()) out.append("\r\nAllow: ").append(reply.allow);
  if (after == After::Close) out += "\r\nConnection: close";
  out += "\r\n\r\n";
}

/// What to tell a client whose bytes are no request that can be read.
HttpReply parse_error_reply(const boost::system::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return error_reply(431, "the request's header is too large");
  }
  if (error == http::error::body_limit) return error_reply(413, "the request's body is too large");
  return error_reply(400, "not acceptable as HTTP: " + error.message());
}

bool is_http(const boost::system::error_code& error) {
  return error.category() == make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

template <class Stream>
class Connection final : public Session, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  template <class... Arguments>
  explicit Connection(Worker& worker, Arguments&&... arguments)
      : worker_(worker), stream_(std::forward<Arguments>(arguments)...), buffer_(new_buffer()) {
    worker_.sessions.insert(this);
    ++worker_.shared.counts.open;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override {
    release_body();
    worker_.sessions.erase(this);
    --worker_.shared.counts.open;
  }

  void close() override {
    boost::system::error_code ignored;
    socket_of(stream_).close(ignored);
  }

  void start() {
    asio::co_spawn(
        worker_.context, [self = this->shared_from_this()] { return self->run(); }, asio::detached);
  }

 private:
  using Flag = asio::awaitable<bool>;

  /// With an end: what precedes or follows a piece of a chunked body has none of its own.
  [[nodiscard]] boost::beast::flat_buffer new_buffer() const {
    return boost::beast::flat_buffer(worker_.shared.limits.header + kReadAhead);
  }

  void within(std::chrono::milliseconds time) {
    deadline = std::chrono::steady_clock::now() + time;
  }

  asio::awaitable<void> run() {
    const bool secured = co_await handshake();
    if (!secured) {
      worker_.shared.counts.handshake_failures.add();
      ERR_clear_error();
      co_return;
    }
    for (;;) {
      const bool more = co_await serve_one();
      ERR_clear_error();
      if (!more) break;
    }
    co_await say_goodbye();
    ERR_clear_error();
  }

  Flag handshake() {
    if constexpr (std::is_same_v<Stream, TlsSocket>) {
      within(worker_.shared.limits.handshake_time);
      const auto [error] = co_await stream_.async_handshake(TlsSocket::server, kOutcome);
      co_return !error;
    }
    co_return true;
  }

  /// Whether another request may follow on this connection.
  Flag serve_one() {
    const bool began = co_await first_bytes();
    if (!began) co_return false;
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(worker_.shared.limits.header));
    parser.body_limit(worker_.shared.limits.body);
    const bool read = co_await read_request(parser);
    if (!read) co_return false;
    const auto& message = parser.get();
    const HttpRequest request{view(message.method_string()), view(message.target()),
                              view(message[http::field::content_type]), message.body()};
    deadline = Time::max();
    const HttpReply reply = worker_.shared.answer(request);
    release_body();
    const bool last = !message.keep_alive() || message.version() < 11 || worker_.shared.draining ||
                      worker_.finishing;
    const Body body = request.method == "HEAD" ? Body::Omit : Body::Send;
    co_return co_await write(reply, last ? After::Close : After::Continue, body);
  }

  Flag first_bytes() {
    if (buffer_.size() > 0) co_return true;
    if (buffer_.capacity() > kKept) buffer_ = new_buffer();
    if (worker_.finishing) co_return false;
    within(worker_.shared.limits.idle_time);
    idle = true;
    const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(kPiece), kOutcome);
    idle = false;
    if (error) co_return false;
    buffer_.commit(size);
    co_return true;
  }

  Flag read_request(Parser& parser) {
    within(worker_.shared.limits.header_time);
    const auto [error, size] = co_await http::async_read_header(stream_, buffer_, parser, kOutcome);
    static_cast<void>(size);
    if (error) co_return co_await refuse(error);
    if (parser.is_done()) co_return true;
    const auto length = parser.content_length();
    if (!reserve_body(length ? *length : worker_.shared.limits.body)) {
      co_await write(error_reply(503, "too many large requests at once"), After::Close);
      co_return false;
    }
    within(worker_.shared.limits.body_time);
    if (view(parser.get()[http::field::expect]) == "100-continue") {
      const bool told = co_await send("HTTP/1.1 100 Continue\r\n\r\n");
      if (!told) co_return false;
    }
    const auto [body_error, body_size] =
        co_await http::async_read(stream_, buffer_, parser, kOutcome);
    static_cast<void>(body_size);
    if (body_error) co_return co_await refuse(body_error);
    co_return true;
  }

  /// Tells a client what was wrong with its bytes, if that was it.
  Flag refuse(const boost::system::error_code& error) {
    if (is_http(error)) co_await write(parse_error_reply(error), After::Close);
    co_return false;
  }

  Flag write(const HttpReply& reply, After after, Body body = Body::Send) {
    if (reply.status >= 400) {
      worker_.shared.counts.http_errors.add(std::to_string(reply.status));
    }
    out_.clear();
    append_head(out_, reply, after);
    if (body == Body::Send) out_ += reply.body;
    within(worker_.shared.limits.write_time);
    const bool sent = co_await send(out_);
    if (out_.capacity() > kKept) out_ = {};
    co_return sent&& after == After::Continue;
  }

  Flag send(std::string_view bytes) {
    const auto [error, size] =
        co_await asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()), kOutcome);
    static_cast<void>(size);
    co_return !error;
  }

  /// Closes so that the last answer arrives: a socket closed with unread bytes resets, and a reset
  /// overtakes the answer.
  asio::awaitable<void> say_goodbye() {
    boost::system::error_code ignored;
    if (!socket_of(stream_).is_open()) co_return;
    within(kLinger);
    if constexpr (std::is_same_v<Stream, TlsSocket>) {
      co_await stream_.async_shutdown(kOutcome);
    }
    socket_of(stream_).shutdown(tcp::socket::shutdown_send, ignored);
    std::array<char, 4096> waste{};
    for (;;) {
      const auto [error, size] =
          co_await socket_of(stream_).async_read_some(asio::buffer(waste), kOutcome);
      if (error || size == 0) break;
    }
  }

  /// Small bodies always have room, or a few clients that announce large ones and send nothing
  /// would keep everybody out.
  bool reserve_body(std::uint64_t length) {
    const ServerLimits& limits = worker_.shared.limits;
    if (length <= limits.small_body) return true;
    reserved_ = static_cast<std::size_t>(length);
    if (worker_.shared.body_bytes.fetch_add(reserved_) + reserved_ <= limits.bodies) return true;
    release_body();
    return false;
  }

  void release_body() { worker_.shared.body_bytes -= std::exchange(reserved_, 0); }

  Worker& worker_;
  Stream stream_;
  boost::beast::flat_buffer buffer_;
  std::string out_;
  std::size_t reserved_ = 0;  // of Shared::body_bytes
};

}  // namespace

Worker::Worker(Shared& sharing) : shared(sharing) {}

Worker::~Worker() = default;

void Worker::run() {
  tick();
  context.run();
}

void Worker::serve(tcp::socket socket, ssl_ctx_st* tls) {
  if (finishing) return;
  if (tls == nullptr) {
    std::make_shared<Connection<tcp::socket>>(*this, std::move(socket))->start();
    return;
  }
  SSL* const ssl = SSL_new(tls);
  if (ssl == nullptr) return;
  std::make_shared<Connection<TlsSocket>>(*this, std::move(socket), ssl)->start();
}

bool Worker::close_longest_idle() {
  Session* longest = nullptr;
  for (Session* const session : sessions) {
    if (!session->idle) continue;
    if (longest == nullptr || session->deadline < longest->deadline) longest = session;
  }
  if (longest == nullptr) return false;
  longest->idle = false;  // it still has to notice
  longest->close();
  return true;
}

void Worker::finish(std::chrono::milliseconds patience) {
  finishing = true;
  end_ = std::chrono::steady_clock::now() + patience;
  work_.reset();
  for (Session* const session : sessions) {
    if (session->idle) session->close();
  }
  ticker_.cancel();
}

/// Closes what is past its deadline. Goes on until the last connection has ended.
void Worker::tick() {
  const Time now = std::chrono::steady_clock::now();
  for (Session* const session : sessions) {
    if (now >= std::min(session->deadline, end_)) session->close();
  }
  if (finishing && sessions.empty()) return;
  ticker_.expires_after(kTick);
  ticker_.async_wait([this](const boost::system::error_code&) { tick(); });
}

}  // namespace sluice::webhook
