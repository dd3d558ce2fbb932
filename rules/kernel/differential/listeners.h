#pragma once

// Who waits for packets: the proxy, the app and the peer's listener for everything.

#include <vector>

#include "rules/kernel/differential/landing.h"
#include "rules/kernel/differential/world.h"

namespace sluice::differential {

class Listeners {
 public:
  /// The peer's. `world` stays where it is.
  [[nodiscard]] static Result<Listeners> open(const World& world);

  /// Closes the pod's listeners and opens those of a policy's proxy.
  [[nodiscard]] Result<void> open_proxy(const RedirectPolicy& policy, Owner owner);
  void close_pod();
  /// The app's, where `packet` goes if it stays in the pod untouched.
  [[nodiscard]] Result<void> open_app(const Packet& packet);

  /// Waits for what comes from `client`, whose port nobody else has, and talks to it.
  [[nodiscard]] Landing await(const UniqueFd& client, const Packet& packet, Deadline deadline);

 private:
  struct Listener {
    UniqueFd fd;
    Place place;
    Family family;
    Protocol protocol;
    std::uint16_t port;
    Owner owner;
  };

  explicit Listeners(const World& world) : world_(&world) {}

  [[nodiscard]] Result<void> listen(Place place, Family family, Protocol protocol,
                                    std::uint16_t port, Owner owner);
  [[nodiscard]] bool listens_on(Family family, Protocol protocol, std::uint16_t port) const;
  [[nodiscard]] std::optional<Landing> take(const Listener& listener, const UniqueFd& client,
                                            const Packet& packet, Deadline deadline);
  [[nodiscard]] std::optional<Landing> take_connection(const Listener& listener,
                                                       const UniqueFd& client, Deadline deadline);
  [[nodiscard]] std::optional<Landing> take_datagram(const Listener& listener,
                                                     const UniqueFd& client, Deadline deadline);
  [[nodiscard]] Result<void> answer_datagram(const Listener& listener, const Endpoint& from,
                                             const Endpoint& to);

  const World* world_;
  std::vector<Listener> peer_;
  std::vector<Listener> pod_;
};

}  // namespace sluice::differential
