#pragma once

// One packet against one policy: what decide() says, and what the kernel does.

#include <functional>
#include <memory>

#include "rules/kernel/differential/landing.h"
#include "rules/kernel/differential/listeners.h"
#include "rules/kernel/differential/world.h"

namespace sluice::differential {

struct Outcome {
  Packet packet;  ///< complete
  Decision decision;
  Landing expected;
  Landing seen;
  bool agreed;
};

class Trial {
 public:
  [[nodiscard]] static Result<Trial> open();

  using Commit = std::function<Result<void>(const World&, const RedirectPolicy&)>;

  /// Puts `policy` into the pod by `commit`, and its proxy there as `owner`. Connections of before
  /// are forgotten.
  [[nodiscard]] Result<void> begin(const RedirectPolicy& policy, Owner owner, Proxy proxy,
                                   const Commit& commit);

  /// Sends `packet` as begin()'s policy is in force. Takes a fresh source port where the packet has
  /// none.
  [[nodiscard]] Result<Outcome> send(Packet packet);

  /// How long to wait for a packet that is expected somewhere. By default all the time that a busy
  /// machine may need.
  void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }

 private:
  Trial(std::unique_ptr<World> world, Listeners listeners)
      : world_(std::move(world)), listeners_(std::move(listeners)) {}

  [[nodiscard]] const Namespace& origin(const Packet& packet) const;
  [[nodiscard]] Result<UniqueFd> make_client(const Packet& packet) const;
  [[nodiscard]] Port fresh_port(const Packet& packet);
  [[nodiscard]] Result<UniqueFd> bound_client(Packet& packet);
  [[nodiscard]] Result<Landing> send_valid(const UniqueFd& client, const Packet& packet,
                                           Deadline deadline);
  [[nodiscard]] Deadline deadline_for(const Landing& expected) const;

  std::unique_ptr<World> world_;  ///< where listeners_ looks for it
  Listeners listeners_;
  RedirectPolicy policy_;
  Proxy proxy_ = Proxy::Listens;
  std::chrono::milliseconds patience_ = std::chrono::seconds(4);
  std::uint16_t next_port_ = kFirstPort;
  std::uint16_t next_guarded_port_ = kFirstGuardedPort;

  static constexpr std::uint16_t kFirstPort = 20000;
  static constexpr std::uint16_t kLastPort = 59999;
};

}  // namespace sluice::differential
