// Every way a request can end, over real sockets and real TLS on loopback.

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include "conf/kube/client_fixture.h"
#include "conf/kube/connect.h"

using namespace sluice;
using namespace sluice::kube;

namespace {

/// What the client makes of raw bytes that a server sends before it closes properly.
Result<Response> answered_with(const std::string& bytes) {
  const Server server =
      serve([&](const HttpRequest&, Reply& reply) { static_cast<void>(reply.write(bytes)); });
  return get(access_to(server.port()));
}

class Stopwatch {
 public:
  [[nodiscard]] std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

TEST_CASE("a GET sends what an API server needs and nothing of the environment") {
  ::setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  std::mutex mutex;
  HttpRequest seen;
  const Server server = serve([&](const HttpRequest& request, Reply& reply) {
    const std::lock_guard lock(mutex);
    seen = request;
    reply_json(reply, 200, R"({"kind":"Pod"})");
  });
  ClusterAccess access = access_to(server.port());
  access.path_prefix = "/k8s/c1";
  access.token = "secret";
  const Response response = get(access).value();
  CHECK(response.status == 200);
  CHECK(response.reason == "OK");
  CHECK(response.body == R"({"kind":"Pod"})");
  const std::string host = "127.0.0.1:" + std::to_string(server.port());
  CHECK(response.request == "GET https://" + host + "/k8s/c1" + Path);
  const std::lock_guard lock(mutex);
  CHECK(seen.method == "GET");
  CHECK(seen.target == std::string("/k8s/c1") + Path);
  CHECK(seen.headers["host"] == host);
  CHECK(seen.headers["authorization"] == "Bearer secret");
  CHECK(seen.headers["accept"] == "application/json");
  CHECK(seen.headers["connection"] == "close");
}

TEST_CASE("IPv6 literals and names are connected to as well") {
  ServerOptions options;
  options.address = "::1";
  const auto answer = [](const HttpRequest& request, Reply& reply) {
    reply_json(reply, 200, request.headers.at("host"));
  };
  SUBCASE("a literal") {
    const Server server = serve(answer, options);
    CHECK(get(access_to(server.port(), "::1")).value().body ==
          "[::1]:" + std::to_string(server.port()));
  }
  SUBCASE("a name, found in /etc/hosts") {
    options.address = "127.0.0.1";
    const Server server = serve(answer, options);
    const auto response = get(access_to(server.port(), "localhost"));
    REQUIRE(response.has_value());
    CHECK(response->body == "localhost:" + std::to_string(server.port()));
  }
  SUBCASE("a name that does not exist") {
    const Error error = failure(access_to(1, "no-such-name.invalid"), 3s);
    CHECK(contains(error.message, "cannot look up \"no-such-name.invalid\""));
    CHECK(network_failed(error));
  }
}

TEST_CASE("whatever its framing, a whole answer is taken") {
  const std::string rows[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n{}",
      "HTTP/1.0 200 OK\r\n\r\n{}",
      "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 500 Smuggled\r\n\r\n",
  };
  for (const std::string& row : rows) {
    CAPTURE(row);
    const auto response = answered_with(row);
    REQUIRE(response.has_value());
    CHECK(response->status == 200);
    CHECK(response->body == "{}");
  }
}

TEST_CASE("an answer that arrives byte by byte within the deadline is taken") {
  const Server server = serve([](const HttpRequest&, Reply& reply) {
    for (const char c : std::string("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")) {
      if (!reply.write(std::string_view(&c, 1))) return;
    }
  });
  CHECK(get(access_to(server.port())).value().body == "abc");
}

TEST_CASE("an answer that is no whole HTTP is refused, with the reason") {
  const struct {
    std::string bytes;
    const char* message;
    bool network;
  } rows[] = {
      {"", "closed before the first byte", true},
      {"HTTP/1.1 200 OK\r\nContent-Le", "cut off", true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a\"", "after 4 bytes", true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "after 2 bytes", true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", "bad chunk", false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n", "bad chunk", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "bad Content-Length", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n{", "body limit exceeded", false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n{", "body limit", false},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(40000, 'x') + "\r\n\r\n", "header limit", false},
      {"HTTP/1.1 2x0 OK\r\n\r\n", "bad status", false},
      {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "bad version", false},
      {"HTTP/2 200\r\n\r\n", "bad version", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.bytes.substr(0, 80));
    const auto response = answered_with(row.bytes);
    REQUIRE_FALSE(response.has_value());
    CAPTURE(response.error().message);
    CHECK(response.error().code == Errc::TryAgain);
    CHECK(contains(response.error().message, row.message));
    CHECK(contains(response.error().message, "GET https://127.0.0.1:"));
    CHECK(network_failed(response.error()) == row.network);
  }
}

TEST_CASE("interim answers do not go on for ever") {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += "HTTP/1.1 103 Early Hints\r\n\r\n";
  CHECK(contains(error_of(answered_with(bytes)).message, "too many interim"));
}

TEST_CASE("a connection that ends without close_notify cuts the answer, whatever its framing") {
  for (const char* bytes :
       {"HTTP/1.1 200 OK\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"}) {
    const Server server = serve([&](const HttpRequest&, Reply& reply) {
      static_cast<void>(reply.write(bytes));
      reply.cut();
    });
    const Error error = failure(access_to(server.port()));
    CHECK(error.code == Errc::TryAgain);
    CHECK(network_failed(error));
    CHECK(contains(error.message, "connection closed by the other end"));
  }
}

TEST_CASE("a body of 50 MB without a length is refused at the limit") {
  std::size_t sent = 0;
  {
    const Server server = serve([&](const HttpRequest&, Reply& reply) {
      const std::string piece(std::size_t{1} << 20, 'x');
      if (!reply.write("HTTP/1.1 200 OK\r\n\r\n")) return;
      for (; sent < 50 && reply.write(piece); ++sent) continue;
    });
    const Error error = failure(access_to(server.port()));
    CHECK(error.code == Errc::TryAgain);
    CHECK(contains(error.message, "body limit exceeded"));
  }
  CHECK(sent < 50);
}

TEST_CASE("a body may be as large as its limit and no larger") {
  ClientLimits limits;
  limits.http.body = 1000;
  for (const std::size_t size : {1000U, 1001U}) {
    const Server server = serve(
        [&](const HttpRequest&, Reply& reply) { reply_json(reply, 200, std::string(size, ' ')); });
    CHECK(get(access_to(server.port()), 10s, limits).has_value() == (size == 1000));
  }
}

TEST_CASE("a status other than success keeps its Retry-After and tells the Status' message") {
  const struct {
    int status;
    Errc code;
    const char* reason;
  } rows[] = {
      {301, Errc::TryAgain, "Moved Permanently"},
      {401, Errc::TryAgain, "Unauthorized"},
      {403, Errc::TryAgain, "Forbidden"},
      {404, Errc::NotFound, "Not Found"},
      {409, Errc::TryAgain, "Conflict"},
      {429, Errc::TryAgain, "Too Many Requests"},
      {500, Errc::TryAgain, "Internal Server Error"},
      {503, Errc::TryAgain, "Service Unavailable"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status);
    const Server server = serve([&](const HttpRequest&, Reply& reply) {
      reply_json(reply, row.status, status_json(row.status, "R", "pods \"b\" is\nso\x1b[1m"),
                 "Retry-After: 7\r\n");
    });
    Response response = get(access_to(server.port())).value();
    CHECK(response.status == row.status);
    CHECK(response.retry_after == 7s);
    const std::string request = response.request;
    const auto body = body_of(std::move(response));
    REQUIRE_FALSE(body.has_value());
    CHECK(body.error().code == row.code);
    CHECK(body.error().message == request + ": " + std::to_string(row.status) + " " + row.reason +
                                      ": pods \"b\" is so [1m");
  }
}

TEST_CASE("only seconds count as Retry-After, and a strange error is shown without its body") {
  for (const char* value : {"Fri, 31 Dec 1999 23:59:59 GMT", "-1", "", "1e3", "99999999999999"}) {
    CHECK_FALSE(answered_with("HTTP/1.1 429 Slow\xfc Down\r\nContent-Length: 0\r\nRetry-After: " +
                              std::string(value) + "\r\n\r\n")
                    .value()
                    .retry_after.has_value());
  }
  const Response html{"GET x", 502, "Bad Gateway", {}, "<html>kind: Status</html>"};
  CHECK(error_of(body_of(html)).message == "GET x: 502 Bad Gateway");
  const Response list{"GET x", 502, "", {}, R"([{"kind":"Status"}])"};
  CHECK(error_of(body_of(list)).message == "GET x: 502");
  const Response odd{"GET x", 500, "E", {}, R"({"kind":"Status","message":{"a":1}})"};
  CHECK(error_of(body_of(odd)).message == "GET x: 500 E");
  const Response endless{
      "", 500, "", {}, R"({"kind":"Status","message":")" + std::string(5000, 'x') + "\"}"};
  CHECK(error_of(body_of(endless)).message.size() < 600);
}

TEST_CASE("nobody listens") {
  const std::uint16_t port = listen_tcp("127.0.0.1", 0).value().port;
  const Error error = failure(access_to(port));
  CHECK(error.message == "GET https://127.0.0.1:" + std::to_string(port) + Path +
                             ": cannot connect: connection refused");
  CHECK(error.sys_errno == ECONNREFUSED);
}

TEST_CASE("an address without a route fails at once") {
  // The kernel refuses to send to an address of the future use class.
  const Error error = failure(access_to(443, "255.255.255.255"));
  CHECK(error.code == Errc::TryAgain);
  CHECK(contains(error.message, "cannot connect: "));
  CHECK(network_failed(error));
}

TEST_CASE("servers that do not answer cost no more than the deadline") {
  const auto gave_up = [](const ClusterAccess& access, const char* during) {
    const Stopwatch watch;
    const Error error = failure(access, 300ms);
    CAPTURE(error.message);
    CHECK(watch.elapsed() >= 290ms);
    CHECK(watch.elapsed() < 3s);
    CHECK(error.code == Errc::TryAgain);
    CHECK(error.sys_errno == ETIMEDOUT);
    CHECK(contains(error.message, during));
  };
  SUBCASE("accepted by the kernel, and then nothing") {
    const Listener silent = listen_tcp("127.0.0.1", 0).value();
    gave_up(access_to(silent.port), "TLS handshake: no time left");
  }
  SUBCASE("the connection itself is not answered") {
    // A listener whose queue is full lets further connections wait.
    const Listener full = listen_tcp("127.0.0.1", 0).value();
    REQUIRE(::listen(full.socket.get(), 0) == 0);
    std::vector<UniqueFd> waiting;
    for (int i = 0; i < 4; ++i) {
      auto fd = connect_tcp("127.0.0.1", full.port, 100ms, in(100ms));
      if (fd) waiting.push_back(std::move(*fd));
    }
    gave_up(access_to(full.port), "cannot connect: connection timed out");
  }
  SUBCASE("a request without an answer") {
    const Server server =
        serve([](const HttpRequest&, Reply& reply) { static_cast<void>(reply.sleep(1h)); });
    gave_up(access_to(server.port()), "answer: no time left");
  }
  SUBCASE("one byte a second") {
    const Server server = serve([](const HttpRequest&, Reply& reply) {
      bool going = reply.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").has_value();
      while (going) going = reply.write("x").has_value() && reply.sleep(1s);
    });
    gave_up(access_to(server.port()), "answer: no time left");
  }
  SUBCASE("the deadline has passed before it begins") {
    const Server server = serve([](const HttpRequest&, Reply&) {});
    CHECK(failure(access_to(server.port()), -1s).sys_errno == ETIMEDOUT);
  }
}

TEST_CASE("one address has no longer than its part of the deadline") {
  const Listener full = listen_tcp("127.0.0.1", 0).value();
  REQUIRE(::listen(full.socket.get(), 0) == 0);
  std::vector<UniqueFd> waiting;
  for (int i = 0; i < 4; ++i) {
    auto fd = connect_tcp("127.0.0.1", full.port, 100ms, in(100ms));
    if (fd) waiting.push_back(std::move(*fd));
  }
  ClientLimits limits;
  limits.connect = 200ms;
  const Stopwatch watch;
  CHECK(error_of(get(access_to(full.port), 1h, limits)).sys_errno == ETIMEDOUT);
  CHECK(watch.elapsed() < 5s);
}

TEST_CASE("the token's file is read for each request") {
  std::string directory = "/tmp/sluice-token-XXXXXX";
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  const std::string file = directory + "/token";
  const auto write = [&](const std::string& text) { std::ofstream(file) << text; };
  const Server server = serve([](const HttpRequest& request, Reply& reply) {
    const auto header = request.headers.find("authorization");
    reply_json(reply, 200, header == request.headers.end() ? "none" : header->second);
  });
  ClusterAccess access = access_to(server.port());
  access.token = "inline";
  access.token_file = file;
  const Client client = Client::create(access).value();
  write("first\n");
  CHECK(client.get(Path, in(10s)).value().body == "Bearer first");
  write("second");
  CHECK(client.get(Path, in(10s)).value().body == "Bearer second");
  for (const char* bad : {"", "\n", "a\r\nX-Admin: 1", "a b"}) {
    write(bad);
    const Error error = error_of(client.get(Path, in(10s)));
    CHECK(error.code == Errc::Invalid);
    CHECK(contains(error.message, file));
  }
  ::unlink(file.c_str());
  const Error missing = error_of(client.get(Path, in(10s)));
  CHECK(missing.code == Errc::Io);
  CHECK(missing.sys_errno == ENOENT);
  ::rmdir(directory.c_str());
}

TEST_CASE("a path that would end the request line is not sent") {
  const Client client = Client::create(access_to(1)).value();
  for (const char* path : {"", "api", "/a b", "/a\r\nX: y", "/\x7f"}) {
    CHECK(error_of(client.get(path, in(1s))).code == Errc::Invalid);
  }
}

TEST_CASE("a server stops at once, whatever its connections are doing") {
  const Stopwatch watch;
  std::thread client;
  {
    std::atomic<bool> answering = false;
    const Server server = serve([&](const HttpRequest&, Reply& reply) {
      answering = true;
      static_cast<void>(reply.sleep(1h));
    });
    const UniqueFd idle = connect_tcp("127.0.0.1", server.port(), 5s, in(5s)).value();
    client = std::thread([access = access_to(server.port())] { static_cast<void>(get(access)); });
    while (!answering) std::this_thread::yield();
    CHECK(server.connections() == 2);
  }
  client.join();
  CHECK(watch.elapsed() < 5s);
}
