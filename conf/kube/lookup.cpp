#include "conf/kube/lookup.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

#include <arpa/nameser.h>
#include <netdb.h>
#include <nss.h>
#include <poll.h>
#include <resolv.h>
#include <strings.h>
#include <sys/socket.h>

#include "rules/base/unique_fd.h"
#include "rules/kernel/socket_address.h"

namespace sluice::kube {
namespace {

using std::chrono::milliseconds;
using Addresses = std::vector<IpAddress>;

/// How long an answer for the second family may be awaited once there is an address of the first.
constexpr milliseconds kForTheOtherFamily{100};

tl::unexpected<Error> unknown(const std::string& why, int error) {
  return fail(Errc::TryAgain, why, error);
}

/// From /etc/hosts, which takes no time.
Addresses from_hosts_file(const std::string& host) {
  static const int configured = __nss_configure_lookup("hosts", "files");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (configured != 0 || ::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    if (const auto ip = address.address()) addresses.push_back(*ip);
  }
  return addresses;
}

/// What /etc/resolv.conf says.
class Resolver {
 public:
  Resolver() : usable_(res_ninit(&state_) == 0) {}
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  Resolver(Resolver&&) = delete;
  Resolver& operator=(Resolver&&) = delete;
  ~Resolver() {
    if (usable_) res_nclose(&state_);
  }

  [[nodiscard]] std::vector<SocketAddress> servers() const {
    std::vector<SocketAddress> out;
    for (int i = 0; usable_ && i < state_.nscount; ++i) {
      const sockaddr_in& v4 = state_.nsaddr_list[i];
      const sockaddr_in6* v6 = state_._u._ext.nsaddrs[i];
      SocketAddress server;
      if (v4.sin_family == AF_INET) {
        std::memcpy(&server.storage, &v4, server.size = sizeof v4);
      } else if (v6 != nullptr) {
        std::memcpy(&server.storage, v6, server.size = sizeof *v6);
      } else {
        continue;
      }
      out.push_back(server);
    }
    return out;
  }

  /// The full names that `host` may stand for, the likeliest first.
  [[nodiscard]] std::vector<std::string> names(const std::string& host) const {
    if (host.ends_with('.')) return {host.substr(0, host.size() - 1)};
    std::vector<std::string> out;
    for (char* const* domain = state_.dnsrch; usable_ && *domain != nullptr; ++domain) {
      if (**domain != '\0' && **domain != '.') out.push_back(host + "." + *domain);
    }
    const auto dots = std::count(host.begin(), host.end(), '.');
    const bool whole = dots >= static_cast<std::ptrdiff_t>(state_.ndots);
    out.insert(whole ? out.begin() : out.end(), host);
    return out;
  }

  /// A query as it is sent; empty for what is no name.
  [[nodiscard]] std::vector<std::uint8_t> query(const std::string& name, ns_type type) {
    std::vector<std::uint8_t> message(NS_PACKETSZ);
    const int size = res_nmkquery(&state_, ns_o_query, name.c_str(), ns_c_in, type, nullptr, 0,
                                  nullptr, message.data(), static_cast<int>(message.size()));
    message.resize(static_cast<std::size_t>(std::max(size, 0)));
    return message;
  }

 private:
  struct __res_state state_{};
  bool usable_;
};

/// The question for one family, and what came of it.
struct Question {
  ns_type type;
  std::vector<std::uint8_t> message;
  bool answered = false;
};

/// What one datagram says.
struct Answer {
  ns_type type;
  ns_rcode code;
  Addresses addresses;
};

/// Reads an answer to a question about `name`; nothing for anything else. A truncated one counts
/// for what it holds: each of its addresses is the server's as well.
std::optional<Answer> read_answer(std::span<const std::uint8_t> datagram, const std::string& name,
                                  std::span<const Question> questions) {
  ns_msg message{};
  ns_rr record{};
  if (ns_initparse(datagram.data(), static_cast<int>(datagram.size()), &message) != 0 ||
      ns_msg_getflag(message, ns_f_qr) == 0 || ns_parserr(&message, ns_s_qd, 0, &record) != 0 ||
      ::strcasecmp(record.name, name.c_str()) != 0) {
    return std::nullopt;
  }
  const auto asked = std::find_if(questions.begin(), questions.end(), [&](const Question& q) {
    return q.type == record.type && std::equal(datagram.data(), datagram.data() + 2,
                                               q.message.data());  // the message's id
  });
  if (asked == questions.end()) return std::nullopt;
  Answer answer{asked->type, static_cast<ns_rcode>(ns_msg_getflag(message, ns_f_rcode)), {}};
  const std::size_t size = asked->type == ns_t_a ? 4 : 16;
  for (int i = 0; ns_parserr(&message, ns_s_an, i, &record) == 0; ++i) {
    if (record.type != asked->type || record.rdlength != size) continue;  // an alias, or other
    answer.addresses.push_back(IpAddress::from_bytes({record.rdata, size}));
  }
  return answer;
}

/// Asks the servers for one name, both families at once: the first server, and the next when the
/// one before has not answered for a while or cannot, for the first may know what others do not.
class Inquiry {
 public:
  Inquiry(Resolver& resolver, const std::vector<SocketAddress>& servers, std::string name,
          Deadline deadline)
      : servers_(servers), sockets_(servers.size()), name_(std::move(name)), deadline_(deadline) {
    for (const ns_type type : {ns_t_a, ns_t_aaaa}) {
      questions_.push_back({type, resolver.query(name_, type)});
    }
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - now());
    patience_ = std::clamp(left / static_cast<int>(2 * servers.size()), milliseconds(20),
                           milliseconds(1000));
  }

  /// Empty where the name has none, or does not exist.
  Result<Addresses> addresses() {
    if (questions_[0].message.empty()) return unknown("it is no name", EHOSTUNREACH);
    while (!settled()) {
      if (now() >= deadline_) {
        if (!found_.empty()) break;
        return unknown("no DNS server answered in time", ETIMEDOUT);
      }
      if (now() >= next_turn_ && !ask_next()) {
        return unknown("no DNS server can answer: " + problem_, EHOSTUNREACH);
      }
      listen();
    }
    std::stable_sort(found_.begin(), found_.end(), [](const IpAddress& a, const IpAddress& b) {
      return a.family() == Family::V4 && b.family() == Family::V6;
    });
    return std::move(found_);
  }

 private:
  static Deadline now() { return std::chrono::steady_clock::now(); }

  [[nodiscard]] bool settled() const {
    return std::all_of(questions_.begin(), questions_.end(),
                       [](const Question& question) { return question.answered; });
  }

  /// Sends what is unanswered to the server whose turn it is; false when all have failed twice.
  bool ask_next() {
    if (failures_ >= 2 * questions_.size() * servers_.size()) return false;
    const std::size_t index = turn_++ % servers_.size();
    next_turn_ = now() + patience_;
    UniqueFd& socket = sockets_[index];
    const SocketAddress& server = servers_[index];
    if (!socket) {
      socket.reset(
          ::socket(server.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      // Connected, so that only this server's answers come in, and its refusal does.
      if (!socket || ::connect(socket.get(), server.get(), server.size) != 0) {
        failed(describe_errno(errno));
        socket.reset();
        return true;
      }
    }
    for (const Question& question : questions_) {
      if (question.answered) continue;
      if (::send(socket.get(), question.message.data(), question.message.size(), 0) < 0) {
        failed(describe_errno(errno));
      }
    }
    return true;
  }

  /// The server that was asked last is of no use: on to the next.
  void failed(std::string problem) {
    ++failures_;
    problem_ = std::move(problem);
    next_turn_ = now();
  }

  void listen() {
    std::vector<pollfd> waiting;
    for (const UniqueFd& socket : sockets_) waiting.push_back({socket.get(), POLLIN, 0});
    const auto until = std::min(deadline_, next_turn_);
    const auto left = std::chrono::ceil<milliseconds>(until - now()).count();
    if (::poll(waiting.data(), waiting.size(),
               static_cast<int>(std::max(left, decltype(left){}))) <= 0) {
      return;
    }
    for (const pollfd& ready : waiting) {
      if (ready.revents != 0) receive(ready.fd);
    }
  }

  /// A server that has had its turn may still answer; that it cannot is no news by then, and says
  /// nothing about the one that was asked since.
  void receive(int socket) {
    const bool its_turn = socket == sockets_[(turn_ - 1) % servers_.size()].get();
    std::array<std::uint8_t, 4096> buffer;  // NOLINT(*-init*): recv() fills it
    const ssize_t size = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (size < 0) return its_turn ? failed(describe_errno(errno)) : void();
    const auto answer =
        read_answer({buffer.data(), static_cast<std::size_t>(size)}, name_, questions_);
    if (!answer) return;
    if (answer->code != ns_r_noerror && answer->code != ns_r_nxdomain) {
      return its_turn ? failed("DNS error " + std::to_string(answer->code)) : void();
    }
    Question& question = questions_[answer->type == ns_t_a ? 0 : 1];
    if (question.answered) return;
    question.answered = true;
    found_.insert(found_.end(), answer->addresses.begin(), answer->addresses.end());
    // Some servers never answer for a family that a name lacks.
    if (!found_.empty()) deadline_ = std::min(deadline_, now() + kForTheOtherFamily);
  }

  const std::vector<SocketAddress>& servers_;
  std::vector<UniqueFd> sockets_;
  std::string name_;
  Deadline deadline_;
  milliseconds patience_{};
  Deadline next_turn_{};
  std::size_t turn_ = 0;
  std::size_t failures_ = 0;
  std::string problem_;
  std::vector<Question> questions_;
  Addresses found_;
};

Result<Addresses> from_dns(const std::string& host, Deadline deadline) {
  Resolver resolver;
  const auto servers = resolver.servers();
  if (servers.empty()) return unknown("there is no DNS server in /etc/resolv.conf", EHOSTUNREACH);
  for (const std::string& name : resolver.names(host)) {
    ASSIGN_OR_RETURN(Addresses found, Inquiry(resolver, servers, name, deadline).addresses());
    if (!found.empty()) return found;
  }
  return unknown("it has no address", EHOSTUNREACH);
}

}  // namespace

Result<Addresses> look_up(const std::string& host, Deadline deadline) {
  Addresses found = from_hosts_file(host);
  if (!found.empty()) return found;
  auto answered = from_dns(host, deadline);
  if (answered) return answered;
  return fail(std::move(answered).error().wrap("cannot look up \"" + host + "\""));
}

}  // namespace sluice::kube
