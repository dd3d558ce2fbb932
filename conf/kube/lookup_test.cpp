#include "conf/kube/lookup.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <thread>

#include <doctest/doctest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules/base/unique_fd.h"
#include "rules/kernel/socket_address.h"

using namespace sluice;
using namespace std::chrono_literals;

namespace {

using Bytes = std::vector<std::uint8_t>;
using Datagrams = std::vector<Bytes>;

constexpr std::uint8_t kA = 1;
constexpr std::uint8_t kCname = 5;
constexpr std::uint8_t kAaaa = 28;

std::uint8_t type_of(const Bytes& query) {
  return query[query.size() - 3];  // ... type, class
}

/// The labels of the name that is asked for.
std::string name_of(const Bytes& query) {
  std::string name;
  for (std::size_t at = 12; query[at] != 0; at += query[at] + 1U) {
    if (!name.empty()) name += '.';
    name.append(reinterpret_cast<const char*>(&query[at + 1]), query[at]);
  }
  return name;
}

struct Record {
  std::uint8_t type;
  Bytes value;
};

Bytes reply(Bytes query, const std::vector<Record>& records, std::uint8_t code = 0) {
  query[2] |= 0x80;
  query[3] = static_cast<std::uint8_t>(0x80 | code);
  query[7] = static_cast<std::uint8_t>(records.size());
  for (const Record& record : records) {
    const auto size = static_cast<std::uint8_t>(record.value.size());
    const Bytes head{0xC0, 12, 0, record.type, 0, 1, 0, 0, 0, 60, 0, size};
    query.insert(query.end(), head.begin(), head.end());
    query.insert(query.end(), record.value.begin(), record.value.end());
  }
  return query;
}

/// 10.0.0.7 and fd00::7.
Bytes good(const Bytes& query) {
  if (type_of(query) == kA) return reply(query, {{kCname, {0}}, {kA, {10, 0, 0, 7}}});
  return reply(query, {{kAaaa, {0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}}});
}

using Answers = std::function<Datagrams(const Bytes& query)>;
const Answers kGood = [](const Bytes& query) { return Datagrams{good(query)}; };
const Answers kDead = [](const Bytes&) { return Datagrams{}; };

void serve(int socket, const Answers& answers) {
  for (;;) {
    Bytes query(512);
    SocketAddress from;
    const ssize_t size = ::recvfrom(socket, query.data(), query.size(), 0, from.get(), &from.size);
    if (size < 12) return;
    query.resize(static_cast<std::size_t>(size));
    for (const Bytes& answer : answers(query)) {
      if (::sendto(socket, answer.data(), answer.size(), 0, from.get(), from.size) < 0) return;
    }
  }
}

/// A network and files of its own for the calling process.
bool settle(const std::string& directory) {
  const bool alone = ::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 ||
                     ::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) == 0;
  const UniqueFd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq lo{"lo", {}};
  lo.ifr_flags = IFF_UP;
  if (!alone || !any || ::ioctl(any.get(), SIOCSIFFLAGS, &lo) != 0 ||
      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return false;
  }
  for (const char* name : {"/resolv.conf", "/hosts"}) {
    const std::string file = directory + name;
    const std::string target = std::string("/etc") + name;
    if (::mount(file.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0) return false;
  }
  return true;
}

struct Servers {
  std::vector<Answers> answers;  ///< of 127.0.0.1, 127.0.0.2, ...; nothing: nobody listens there
  std::string search;
};

std::string looked_up(const std::string& host, const Servers& servers,
                      std::chrono::milliseconds time) {
  for (std::size_t i = 0; i < servers.answers.size(); ++i) {
    if (!servers.answers[i]) continue;
    const SocketAddress at =
        socket_address(IpAddress::parse("127.0.0." + std::to_string(i + 1)).value(), 53);
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (::bind(socket, at.get(), at.size) != 0) return "bind failed";
    std::thread(serve, socket, servers.answers[i]).detach();
  }
  const auto found = kube::look_up(host, kube::in(time));
  if (!found) return found.error().message;
  std::string text;
  for (const IpAddress& address : *found) text += (text.empty() ? "" : " ") + address.to_string();
  return text;
}

/// Looks `host` up among these servers, in a process and a network of its own.
std::string outcome(const std::string& host, const Servers& servers,
                    std::chrono::milliseconds time = 2s) {
  std::string directory = "/tmp/sluice-lookup-XXXXXX";
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  std::ofstream resolv(directory + "/resolv.conf");
  for (std::size_t i = 0; i < servers.answers.size(); ++i) {
    resolv << "nameserver 127.0.0." << i + 1 << "\n";
  }
  resolv << "search " << servers.search << "\n" << std::flush;
  std::ofstream(directory + "/hosts") << "10.0.0.9 known.example\n";
  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string text =
        settle(directory) ? looked_up(host, servers, time) : "no namespace of our own";
    ::_exit(::write(pipe[1], text.data(), text.size()) < 0);
  }
  ::close(pipe[1]);
  std::array<char, 1024> buffer{};
  const ssize_t size = ::read(pipe[0], buffer.data(), buffer.size());
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  for (const char* name : {"/resolv.conf", "/hosts", ""}) ::remove((directory + name).c_str());
  return {buffer.data(), static_cast<std::size_t>(size < 0 ? 0 : size)};
}

bool possible() {
  if (outcome("known.example", {{kGood}, ""}) != "no namespace of our own") return true;
  MESSAGE("skipped: namespaces are not allowed here");
  return false;
}

struct Stopwatch {
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  [[nodiscard]] auto operator()() const { return std::chrono::steady_clock::now() - start; }
};

}  // namespace

TEST_CASE("dead DNS servers, however many, take no more than the time there is") {
  if (!possible()) return;
  const Servers dead{{kDead, kDead, kDead}, "a.example b.example c.example d.example"};
  const Stopwatch took;
  CHECK(outcome("api", dead, 400ms) == "cannot look up \"api\": no DNS server answered in time");
  CHECK(took() >= 400ms);
  CHECK(took() < 4s);  // on a busy machine; a second for each question would make it fifteen
}

TEST_CASE("a name is looked up where its addresses are") {
  if (!possible()) return;
  const auto only = [](const std::string& known) {
    return [known](const Bytes& query) {
      return Datagrams{name_of(query) == known ? good(query) : reply(query, {}, 3)};
    };
  };
  const auto failing = [](const Bytes& query) { return Datagrams{reply(query, {}, 2)}; };
  const std::string both = "10.0.0.7 fd00::7";
  struct Row {
    const char* what;
    const char* host;
    Servers servers;
    std::string expected;
  };
  const Row rows[] = {
      {"both families", "api.example", {{kGood}, ""}, both},
      {"in the hosts file", "known.example", {{kGood}, ""}, "10.0.0.9"},
      {"the first server is dead", "api.example", {{kDead, kGood}, ""}, both},
      {"nobody is at the first server", "api.example", {{Answers(), kGood}, ""}, both},
      {"the first server fails", "api.example", {{failing, kGood}, ""}, both},
      {"the first server knows better than the second",
       "api.example",
       {{kGood, only("nothing")}, ""},
       both},
      {"in a domain of the search list",
       "api",
       {{only("api.b.example")}, "a.example b.example"},
       both},
      {"whole before the search list", "api.b", {{only("api.b")}, "a.example b.example"}, both},
      {"the search list after all", "api.b", {{only("api.b.a.example")}, "a.example"}, both},
      {"a dot at the end: no search list",
       "api.",
       {{only("api.a.example")}, "a.example"},
       "cannot look up \"api.\": it has no address"},
      {"nowhere",
       "api.example",
       {{only("x")}, "a.example"},
       "cannot look up \"api.example\": it has no address"},
      {"all fail",
       "api.example",
       {{failing, failing}, ""},
       "cannot look up \"api.example\": no DNS server can answer: DNS error 2"},
      {"nobody is there",
       "api.example",
       {{Answers()}, ""},
       "cannot look up \"api.example\": no DNS server can answer: connection refused"},
      {"no name", "a..b", {{kGood}, ""}, "cannot look up \"a..b\": it is no name"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(outcome(row.host, row.servers) == row.expected);
  }
}

TEST_CASE("a server that never answers for one family holds nobody up") {
  if (!possible()) return;
  const Stopwatch took;
  const Answers one = [](const Bytes& query) {
    return type_of(query) == kA ? Datagrams{good(query)} : Datagrams{};
  };
  CHECK(outcome("api.example", {{one}, ""}, 10s) == "10.0.0.7");
  CHECK(took() < 5s);
}

TEST_CASE("what answers no question of ours is not believed") {
  if (!possible()) return;
  const Answers noise = [](const Bytes& query) {
    Bytes other_id = reply(query, {{kA, {10, 6, 6, 6}}});
    other_id[0] ^= 1;
    Bytes other_name = reply(query, {{kA, {10, 6, 6, 6}}});
    other_name[13] ^= 1;
    Bytes no_answer = query;
    Bytes cut = good(query);
    cut.resize(cut.size() / 2);
    return Datagrams{{}, {1, 2}, Bytes(512, 0xFF), other_id, other_name, no_answer, cut};
  };
  const Answers then_good = [noise](const Bytes& query) {
    Datagrams all = noise(query);
    all.push_back(good(query));
    return all;
  };
  CHECK(outcome("api.example", {{then_good}, ""}) == "10.0.0.7 fd00::7");
  CHECK(outcome("api.example", {{noise}, ""}, 300ms) ==
        "cannot look up \"api.example\": no DNS server answered in time");
}
