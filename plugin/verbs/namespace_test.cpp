// ADD, CHECK and DEL in a real network namespace, with everything else faked: what happens in which
// order, and what is left when something fails.

#include <csignal>
#include <filesystem>
#include <functional>

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/verbs/attachments.h"
#include "plugin/verbs/fakes.h"
#include "plugin/verbs/verbs.h"

using namespace sluice;
using fake::answer;
using fake::World;

namespace {

/// A network namespace of its own, kept by a process; needs root or user namespaces.
class Namespace {
 public:
  Namespace() {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      const bool made =
          ::unshare(CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
      const ssize_t told = ::write(ready[1], made ? "y" : "n", 1);
      if (told != 1) ::_exit(1);
      for (;;) ::pause();
    }
    char made = 'n';
    REQUIRE(::read(ready[0], &made, 1) == 1);
    ::close(ready[0]);
    ::close(ready[1]);
    REQUIRE(made == 'y');
  }
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;
  ~Namespace() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  [[nodiscard]] std::string path() const { return "/proc/" + std::to_string(child_) + "/ns/net"; }

 private:
  pid_t child_ = -1;
};

struct Subject {
  fake::Directory directory;
  Namespace netns;
  World world;
  cni::Config config;
  cni::Call call{cni::Verb::Add, {"c1", "eth0"}, netns.path(), {"default", "details", "uid-1"}};
  AttachmentStore store{directory.path()};

  explicit Subject(const nlohmann::json& pod = fake::pod_json()) {
    config.network = "podnet";
    config.state_dir = directory.path();
    config.prev_result = R"({"cniVersion":"1.1.0"})";
    world.answers = {answer(200, pod.dump())};
  }
  Result<std::string> add_now() { return sluice::add(call, config, world.ports()); }
  Result<std::string> del_now() { return sluice::del(call, config, world.ports()); }
  Result<std::string> check_now() { return sluice::check(call, config, world.ports()); }
  std::optional<AttachmentRecord> record() { return store.load(call.attachment).value(); }
};

}  // namespace

TEST_CASE("the record is there before the redirect is") {
  Subject s;
  bool recorded = false;
  s.world.while_applying = [&] { recorded = s.record().has_value(); };
  CHECK(s.add_now().value() == s.config.prev_result);
  CHECK(recorded);
  REQUIRE(s.world.applied.size() == 1);
  CHECK(s.record()->policy == s.world.applied.front());
  CHECK(s.record()->network == "podnet");
  CHECK(s.record()->netns == s.netns.path());
  CHECK(s.record()->netns_inode > 0);
}

TEST_CASE("what the kernel refused leaves no record") {
  Subject s;
  s.world.applying = fail(Errc::Kernel, "chain output: no");
  CHECK(s.add_now().error().code == Errc::Kernel);
  CHECK_FALSE(s.record().has_value());
}

TEST_CASE("without a record there is no redirect") {
  Subject s;
  std::filesystem::remove_all(s.directory.path() + "/attachments");
  s.config.state_dir = "/proc/nowhere";
  CHECK(s.add_now().error().code == Errc::Io);
  CHECK(s.world.applied.empty());
}

TEST_CASE("a pod that is left alone has a record that says why") {
  nlohmann::json plain = fake::pod_json();
  plain["spec"]["containers"].erase(1);
  Subject s(plain);
  CHECK(s.add_now().value() == s.config.prev_result);
  CHECK(s.world.applied.empty());
  CHECK_FALSE(s.record()->policy.has_value());
  CHECK(s.record()->passed_because.find("istio-proxy") != std::string::npos);
  CHECK(s.check_now().has_value());
}

TEST_CASE("a bad annotation leaves nothing") {
  nlohmann::json pod = fake::pod_json();
  pod["metadata"]["annotations"]["traffic.sidecar.istio.io/excludeOutboundPorts"] = "70000";
  Subject s(pod);
  CHECK(s.add_now().error().code == Errc::Invalid);
  CHECK(s.world.applied.empty());
  CHECK_FALSE(s.record().has_value());
}

TEST_CASE("mode NONE is applied, for it takes an earlier table away") {
  nlohmann::json pod = fake::pod_json();
  pod["metadata"]["annotations"]["sidecar.istio.io/interceptionMode"] = "NONE";
  Subject s(pod);
  CHECK(s.add_now().has_value());
  REQUIRE(s.world.applied.size() == 1);
  CHECK(s.world.applied.front().mode == Mode::None);
}

TEST_CASE("the runtime's policy spares the API, only where it is asked for") {
  Subject s;
  s.config.runtime_annotations["redirect.sluice.dev/policy"] = R"({"ports":{"outbound":16001}})";
  s.config.pod_source = cni::PodSource::Runtime;
  CHECK(s.add_now().has_value());
  CHECK(s.world.requests.empty());
  CHECK(s.world.applied.back().ports.outbound == Port(16001));
  CHECK(s.record()->pod_uid == "uid-1");
  for (const auto source : {cni::PodSource::Api, cni::PodSource::Auto}) {
    s.config.pod_source = source;
    s.world.requests.clear();
    CHECK(s.add_now().has_value());
    CHECK(s.world.requests.size() == 1);
    CHECK(s.world.applied.back().ports.outbound == Port(15001));
  }
  s.config.pod_source = cni::PodSource::Runtime;
  s.config.runtime_annotations["redirect.sluice.dev/policy"] = R"({"ports":{"outbound":0}})";
  CHECK(s.add_now().error().code == Errc::Invalid);
  s.config.runtime_annotations = {{"other", "x"}};
  CHECK(s.add_now().has_value());
  CHECK(s.world.requests.size() == 2);
}

TEST_CASE("CHECK tells all that differs, and another namespace from that of the ADD") {
  Subject s;
  REQUIRE(s.add_now().has_value());
  s.world.requests.clear();
  CHECK(s.check_now().value().empty());
  s.world.differing = std::vector<std::string>{"rule a is missing", "rule b is new"};
  CHECK(s.check_now().error().code == Errc::Different);
  CHECK(s.check_now().error().message == "rule a is missing; rule b is new");
  CHECK(s.world.requests.empty());
  const Namespace other;
  s.call.netns = other.path();
  CHECK(s.check_now().error().message.find("not the namespace of the ADD") != std::string::npos);
}

TEST_CASE("DEL takes the redirect out, before it forgets it, as often as it is told") {
  Subject s;
  REQUIRE(s.add_now().has_value());
  const ino_t inode = s.record()->netns_inode;
  CHECK(s.del_now().value().empty());
  CHECK_FALSE(s.record().has_value());
  CHECK(s.del_now().value().empty());
  CHECK(s.world.removed == std::vector<ino_t>{inode, inode});
}

TEST_CASE("DEL is not held up by a kernel that will not let go") {
  Subject s;
  REQUIRE(s.add_now().has_value());
  s.world.removing = fail(Errc::Denied, "no");
  CHECK(s.del_now().value().empty());
  CHECK_FALSE(s.record().has_value());
}

TEST_CASE("DEL leaves alone what is not its attachment's") {
  SUBCASE("a namespace that is by now another's") {
    Subject s;
    REQUIRE(s.add_now().has_value());
    const Namespace other;
    s.call.netns = other.path();
    CHECK(s.del_now().has_value());
    CHECK(s.world.removed.empty());
  }
  SUBCASE("a pod that was left alone") {
    nlohmann::json plain = fake::pod_json();
    plain["spec"]["containers"].erase(1);
    Subject s(plain);
    REQUIRE(s.add_now().has_value());
    CHECK(s.del_now().has_value());
    CHECK(s.world.removed.empty());
  }
  SUBCASE("a sandbox that another network still holds") {
    Subject s;
    REQUIRE(s.add_now().has_value());
    s.call.attachment.ifname = "net1";
    REQUIRE(s.add_now().has_value());
    CHECK(s.del_now().has_value());
    CHECK(s.world.removed.empty());
    s.call.attachment.ifname = "eth0";
    CHECK(s.del_now().has_value());
    CHECK(s.world.removed.size() == 1);
  }
}
