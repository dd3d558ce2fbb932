// The server over real sockets: who is served, how long it waits, what it refuses.

#include <map>
#include <thread>
#include <vector>

#include <sys/socket.h>

#include "injector/webhook/server_fixture.h"

using namespace sluice;
using namespace sluice::webhook;

using Statuses = std::map<CounterBy::Key, std::uint64_t>;

namespace {

/// A client whose request the server is reading: two bytes of its body are to come.
TestClient busy_client(const Server& server) {
  TestClient client(server.port());
  const std::string head = post("/busy", "ab", "Expect: 100-continue\r\n");
  CHECK(client.ask(head.substr(0, head.size() - 2)).value().status == 100);
  return client;
}

}  // namespace

TEST_CASE("one connection carries many requests, one after the other or all at once") {
  TestServer test;
  TestClient client(test.server.port());
  REQUIRE(client.connected());
  for (int i = 0; i < 20; ++i) {
    const std::string target = "/" + std::to_string(i);
    const auto answered = client.ask(get(target)).value();
    CHECK(answered.status == 200);
    CHECK(answered.body == "GET " + target + " 0");
    CHECK(answered.head.find("Connection: close") == std::string::npos);
  }
  std::string all;
  for (int i = 0; i < 20; ++i) all += post("/" + std::to_string(i), std::string(1000, 'x'));
  REQUIRE(client.send(all).has_value());
  for (int i = 0; i < 20; ++i) {
    CHECK(client.receive().value().body == "POST /" + std::to_string(i) + " 1000");
  }
  CHECK(test.counts.accepted.value() == 1);
  CHECK(test.counts.open == 1);
}

TEST_CASE("bodies come in one piece, in many, in chunks, or after a 100") {
  TestServer test;
  TestClient client(test.server.port());
  const std::string large(3'000'000, 'x');
  CHECK(client.ask(post("/large", large)).value().body == "POST /large 3000000");

  const std::string request = post("/slow", std::string(100, 'x'));
  for (const char c : request) REQUIRE(client.send({&c, 1}).has_value());
  CHECK(client.receive().value().body == "POST /slow 100");

  CHECK(client
            .ask("POST /chunks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n")
            .value()
            .body == "POST /chunks 8");

  const auto interim = client.ask(
      "POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(interim.value().status == 100);
  CHECK(client.ask("ok").value().body == "POST /e 2");
}

TEST_CASE("a client that asks for it, or speaks HTTP/1.0, is answered and left") {
  TestServer test;
  for (const char* request :
       {"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n"}) {
    TestClient client(test.server.port());
    const auto answered = client.ask(request).value();
    CHECK(answered.body == "GET /a 0");
    CHECK(answered.head.find("Connection: close") != std::string::npos);
    CHECK(client.ends_within(5s));
  }
}

TEST_CASE("a HEAD is answered without a body") {
  TestServer test;
  TestClient client(test.server.port());
  REQUIRE(client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + get("/b")).has_value());
  const auto head = client.receive(2s);
  // The body that the length announces is not there: the next answer begins at once.
  REQUIRE(head.has_value());
  CHECK(head->body.starts_with("HTTP/1.1"));
}

TEST_CASE("what is too large is refused, and the refusal arrives") {
  ServerLimits limits;
  limits.header = 2048;
  limits.body = 10'000;
  TestServer test(limits);
  struct Row {
    std::string request;
    int status;
  };
  for (const Row& row : std::initializer_list<Row>{
           {post("/a", std::string(10'001, 'x')), 413},
           {post("/a", std::string(2'000'000, 'x')), 413},
           {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n" +
                std::string(20'000, 'x') + "\r\n0\r\n\r\n",
            413},
           {get("/" + std::string(3000, 'a')), 431},
           {get("/", "X: " + std::string(3000, 'a') + "\r\n"), 431}}) {
    TestClient client(test.server.port());
    static_cast<void>(client.send(row.request));  // the server may close before it has all
    const auto answered = client.receive();
    REQUIRE(answered.has_value());
    CHECK(answered->status == row.status);
    CHECK(answered->head.find("Connection: close") != std::string::npos);
    CHECK(client.ends_within(5s));
  }
  TestClient client(test.server.port());
  CHECK(client.ask(post("/a", std::string(10'000, 'x'))).value().status == 200);
  CHECK(test.counts.http_errors.values() == Statuses{{{"413", ""}, 3}, {{"431", ""}, 2}});
}

TEST_CASE("every answer that is an error is counted, whoever gave it") {
  ServerLimits limits;
  limits.body = 10;
  limits.bodies = 5;
  limits.small_body = 0;
  TestServer test(limits, [](const HttpRequest& request) {
    return request.target == "/fine" ? echo(request) : error_reply(404, "nothing here");
  });
  const auto ask = [&](const std::string& request) {
    return TestClient(test.server.port()).ask(request).value().status;
  };
  CHECK(ask(get("/fine")) == 200);
  CHECK(ask(get("/other")) == 404);
  CHECK(ask(get("/other")) == 404);
  CHECK(ask("GET / HTTP/9.9\r\n\r\n") == 400);
  CHECK(ask(post("/fine", "twenty bytes or more")) == 413);
  CHECK(ask(post("/fine", "7 bytes")) == 503);
  CHECK(test.counts.http_errors.values() ==
        Statuses{{{"400", ""}, 1}, {{"404", ""}, 2}, {{"413", ""}, 1}, {{"503", ""}, 1}});
}

TEST_CASE("around the pieces of a chunked body nothing is without end") {
  TestServer test;
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string endless(1'000'000, 'x');
  for (const std::string& body : {"5;" + endless, "5\r\nabcde\r\n0\r\nX: " + endless}) {
    TestClient client(test.server.port());
    static_cast<void>(client.send(head + body));
    const auto answered = client.receive();
    REQUIRE(answered.has_value());
    CHECK(answered->status == 431);
    CHECK(client.ends_within(5s));
  }
}

TEST_CASE("all bodies together have a limit as well") {
  ServerLimits limits;
  limits.bodies = 15'000;
  limits.small_body = 9'000;
  TestServer test(limits);
  TestClient first(test.server.port());
  REQUIRE(first.send(post("/a", std::string(10'000, 'x')).substr(0, 5'000)).has_value());
  TestClient probe(test.server.port());
  // Until the first one's header has been read, there is room.
  int status = 200;
  for (int i = 0; i < 1000 && status == 200; ++i) {
    TestClient client(test.server.port());
    status = client.ask(post("/b", std::string(10'000, 'x'))).value().status;
  }
  CHECK(status == 503);
  CHECK(probe.ask(post("/small", std::string(9'000, 'x'))).value().status == 200);
  CHECK(probe.ask(get("/c")).value().status == 200);
  REQUIRE(first.send(std::string(10'000, 'x').substr(0, 10'000)).has_value());
  CHECK(first.receive().value().status == 200);
}

TEST_CASE("garbage is answered 400 where it can be, and never more") {
  TestServer test;
  for (const char* request :
       {"hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\r\n\r\n",
        "GET / HTTP/1.1\r\nBad Header: x\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length : 3\r\n\r\nabc"}) {
    CAPTURE(request);
    TestClient client(test.server.port());
    const auto answered = client.ask(request);
    REQUIRE(answered.has_value());
    CHECK(answered->status == 400);
    CHECK(client.ends_within(5s));
  }
}

TEST_CASE("whoever is slow is left alone after its time") {
  ServerLimits limits;
  limits.handshake_time = limits.header_time = limits.body_time = limits.idle_time = 300ms;
  TestServer test(limits);
  const auto silent = kube::connect_tcp("127.0.0.1", test.server.port(), 5s, kube::in(5s)).value();
  TestClient idle(test.server.port());
  TestClient in_header(test.server.port());
  TestClient in_body(test.server.port());
  CHECK(idle.ask(get("/a")).value().status == 200);
  REQUIRE(in_header.send("GET / HT").has_value());
  const std::string whole = post("/", "abcdef");
  REQUIRE(in_body.send(whole.substr(0, whole.size() - 3)).has_value());
  CHECK(idle.ends_within(5s));
  CHECK(in_header.ends_within(5s));
  CHECK(in_body.ends_within(5s));
  char byte = 0;
  REQUIRE(kube::wait_for(silent.get(), 1 /* POLLIN */, kube::in(5s)).has_value());
  CHECK(::recv(silent.get(), &byte, 1, 0) <= 0);
}

TEST_CASE("connections beyond the limit are closed at once, and make room when they end") {
  ServerLimits limits;
  limits.connections = 3;
  TestServer test(limits);
  std::vector<TestClient> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(busy_client(test.server));
  CHECK_FALSE(TestClient(test.server.port()).connected());
  CHECK(test.counts.refused.value() == 1);
  for (TestClient& client : clients) {
    REQUIRE(client.send("ab").has_value());
    CHECK(client.receive().value().body == "POST /busy 2");
  }
  clients.clear();
  bool again = false;
  for (int i = 0; i < 1000 && !again; ++i) again = TestClient(test.server.port()).connected();
  CHECK(again);
}

TEST_CASE("whoever is idle for longest makes room, so that strangers keep nobody out") {
  ServerLimits limits;
  limits.connections = 3;
  TestServer test(limits, echo, 1);
  std::vector<TestClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(test.server.port());
    REQUIRE(clients.back().connected());
    REQUIRE(clients.back().ask(get("/a")).has_value());
  }
  CHECK(test.counts.refused.value() == 0);
  for (std::size_t i = 0; i + 2 < clients.size(); ++i) CHECK(clients[i].ends_within(5s));
  CHECK(clients[18].ask(get("/b")).value().status == 200);
  CHECK(clients[19].ask(get("/b")).value().status == 200);
}

TEST_CASE("who is idle makes room on whichever thread, and who is not stays") {
  ServerLimits limits;
  limits.connections = 3;
  TestServer test(limits);
  TestClient busy = busy_client(test.server);
  TestClient idle(test.server.port());
  REQUIRE(idle.ask(get("/a")).has_value());
  TestClient last = busy_client(test.server);
  // It need not be idle yet when the last one comes: then the next one makes room.
  bool ended = false;
  for (int next = 0; next < 50 && !ended; ++next) {
    const TestClient stranger(test.server.port());
    ended = idle.ends_within(100ms);
  }
  CHECK(ended);
  for (TestClient* client : {&busy, &last}) {
    REQUIRE(client->send("ab").has_value());
    CHECK(client->receive().value().body == "POST /busy 2");
  }
}

TEST_CASE("a port that is taken is an error that names it") {
  TestServer test;
  ServerOptions options;
  options.port = test.server.port();
  ConnectionCounts counts;
  const auto second = Server::start(options, echo, counts);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().message.find(std::to_string(options.port)) != std::string::npos);
  options.address = "localhost";
  CHECK_FALSE(Server::start(options, echo, counts).has_value());
}

TEST_CASE("a draining server still answers everybody, once") {
  TestServer test;
  TestClient kept(test.server.port());
  CHECK(kept.ask(get("/a")).value().head.find("Connection: close") == std::string::npos);
  test.server.drain();
  const auto last = kept.ask(get("/b")).value();
  CHECK(last.status == 200);
  CHECK(last.head.find("Connection: close") != std::string::npos);
  CHECK(kept.ends_within(5s));
  TestClient late(test.server.port());
  REQUIRE(late.connected());
  CHECK(late.ask(get("/c")).value().head.find("Connection: close") != std::string::npos);
}

TEST_CASE("a stopping server closes who is idle, and lets a request in flight end") {
  std::atomic<bool> asked = false;
  std::atomic<bool> go_on = false;
  TestServer test({}, [&](const HttpRequest& request) {
    if (request.target == "/wait") {
      asked = true;
      asked.notify_all();
      go_on.wait(false);
    }
    return echo(request);
  });
  TestClient idle(test.server.port());
  TestClient busy(test.server.port());
  CHECK(idle.ask(get("/a")).value().status == 200);
  REQUIRE(busy.send(get("/wait")).has_value());
  asked.wait(false);
  std::thread stopping([&] { test.server.stop(10s); });
  go_on = true;
  go_on.notify_all();
  CHECK(busy.receive().value().status == 200);
  CHECK(idle.ends_within(5s));
  stopping.join();
  CHECK_FALSE(kube::connect_tcp("127.0.0.1", test.server.port(), 1s, kube::in(1s)).has_value());
}

TEST_CASE("without TLS the same server speaks plain HTTP") {
  ConnectionCounts counts;
  const Server server = Server::start({}, echo, counts).value();
  const auto fd = kube::connect_tcp("127.0.0.1", server.port(), 5s, kube::in(5s)).value();
  const std::string request = get("/a", "Connection: close\r\n");
  REQUIRE(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) > 0);
  std::string text;
  std::array<char, 1024> piece{};
  for (;;) {
    REQUIRE(kube::wait_for(fd.get(), 1 /* POLLIN */, kube::in(5s)).has_value());
    const ssize_t size = ::recv(fd.get(), piece.data(), piece.size(), 0);
    if (size <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
  CHECK(text.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(text.ends_with("GET /a 0"));
}
