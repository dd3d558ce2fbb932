// Configuration and certificate as they come and go: from files, and from a cluster.

#include "injector/webhook/state.h"

#include <atomic>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "conf/kube/eventually.h"
#include "conf/kube/pki.h"
#include "injector/webhook/files.h"
#include "injector/webhook/review_fixture.h"

using namespace sluice;
using namespace sluice::webhook;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const std::string kConfig =
    "policy: enabled\ndefaultTemplates: [sidecar]\ntemplates:\n  sidecar: |\n"
    "    spec:\n      containers:\n      - name: istio-proxy\n"
    "        image: proxy:1\n";

struct Fixture {
  std::vector<std::string> lines;
  Log log{Level::Info, [this](const std::string& line) { lines.push_back(line); }};
  State state{{}, NativeSidecars::Never, log};

  [[nodiscard]] bool said(const std::string& text) const {
    for (const std::string& line : lines) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }
  [[nodiscard]] std::string metrics() { return state.metrics().text(); }
  [[nodiscard]] bool counted(const std::string& what, const std::string& result, int times) {
    return metrics().find("sluice_reloads_total{source=\"" + what + "\",result=\"" + result +
                          "\"} " + std::to_string(times) + "\n") != std::string::npos;
  }
};

/// A directory as the kubelet lays one out for a ConfigMap, and changes it.
class Mount {
 public:
  Mount() : path_(fs::temp_directory_path() / ("sluice-mount-" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
  ~Mount() { fs::remove_all(path_); }

  void publish(const std::string& name, const std::string& text) {
    const std::string version = "..v" + std::to_string(++version_);
    fs::create_directory(path_ / version);
    std::ofstream(path_ / version / name) << text;
    fs::create_directory_symlink(version, path_ / "..data_tmp");
    fs::rename(path_ / "..data_tmp", path_ / "..data");
    if (!fs::exists(path_ / name)) fs::create_symlink("..data/" + name, path_ / name);
    if (version_ > 1) fs::remove_all(path_ / ("..v" + std::to_string(version_ - 1)));
  }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
  int version_ = 0;
};

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("a configuration is taken once, and said") {
  Fixture fixture;
  CHECK_FALSE(fixture.state.health().ready());
  CHECK(fixture.state.health().text() ==
        "[-] certificate: none yet\n[-] configuration: none yet\n");
  fixture.state.configure({kConfig, {}, {}}, "a file");
  CHECK(fixture.state.world().get()->native);
  CHECK(fixture.state.world().get()->root_namespace == "istio-system");
  CHECK(fixture.said("configuration taken"));
  CHECK(fixture.counted("configuration", "success", 1));
  fixture.state.configure({kConfig, {}, {}}, "a file");
  CHECK(fixture.counted("configuration", "success", 1));
}

TEST_CASE(
    "a bad configuration keeps the old one whole, is said, counted and shown, until it is mended") {
  Fixture fixture;
  fixture.state.configure({kConfig, {}, "rootNamespace: mesh-root"}, "a file");
  const auto before = fixture.state.world().get();
  fixture.state.configure({"policy: [", {}, "rootNamespace: other"}, "a file");
  CHECK(fixture.state.world().get() == before);
  CHECK(fixture.state.world().get()->root_namespace == "mesh-root");
  CHECK(fixture.said("new configuration not taken, the old one stays"));
  CHECK(fixture.counted("configuration", "failure", 1));
  CHECK(fixture.state.health().text().find("[!] configuration-reload: the old one stays, since ") !=
        std::string::npos);
  fixture.state.configure({kConfig, "x: [", {}}, "a file");
  CHECK(fixture.state.health().text().find("values") != std::string::npos);
  fixture.state.cannot_configure({Errc::Io, "cannot read it"});
  fixture.state.cannot_configure({Errc::Io, "cannot read it"});
  CHECK(fixture.counted("configuration", "failure", 3));
  fixture.state.configure({kConfig, {}, "rootNamespace: other"}, "a file");
  CHECK(fixture.state.world().get()->root_namespace == "other");
  CHECK(fixture.state.health().text().find("reload") == std::string::npos);
}

TEST_CASE("a first configuration that is bad leaves the injector not ready") {
  Fixture fixture;
  fixture.state.configure({"policy: [", {}, {}}, "a file");
  CHECK_FALSE(fixture.state.world().get()->native);
  CHECK(fixture.state.health().text().find("[-] configuration: injection configuration: ") !=
        std::string::npos);
}

TEST_CASE("a bad certificate keeps the old one") {
  Fixture fixture;
  const auto authority = kube::Authority::create("test").value();
  const kube::Identity first = authority.issue({"a", {"a"}}).value();
  fixture.state.certify({first, ""}, "files");
  const auto before = fixture.state.serving().get();
  REQUIRE(before != nullptr);
  CHECK(fixture.state.metrics().certificate_expiry == before->expires);
  fixture.state.certify({{first.certificate_pem, "x"}, ""}, "files");
  CHECK(fixture.state.serving().get() == before);
  CHECK(fixture.counted("certificate", "failure", 1));
  CHECK(fixture.state.health().text().find("[!] certificate-reload") != std::string::npos);
  fixture.state.certify({authority.issue({"b", {"b"}}).value(), ""}, "files");
  CHECK(fixture.state.serving().get() != before);
  fixture.state.configure({kConfig, {}, {}}, "a file");
  CHECK(fixture.state.health().ready());
}

TEST_CASE("what the cluster says of nodes and namespaces leaves the rest as it is") {
  Fixture fixture;
  fixture.state.configure({kConfig, {}, {}}, "a file");
  fixture.state.set_nodes({true, {{"a", true}}});
  fixture.state.set_namespaces({{"x", {}}});
  fixture.state.set_proxy_configs({{"ns", "name", "", {}}});
  const auto world = fixture.state.world().get();
  CHECK(world->native);
  CHECK(world->native_by_node.everywhere);
  CHECK(world->namespaces.count("x") == 1);
  CHECK(world->proxy_configs.size() == 1);
}

TEST_CASE("files are read again when the kubelet swaps their directory, and when a person writes") {
  Mount mount;
  mount.publish("config", "one");
  std::atomic<int> calls = 0;
  std::string seen;
  std::mutex mutex;
  const auto now_seen = [&] {
    const std::lock_guard lock(mutex);
    return seen;
  };
  const auto watch = FileWatch::start(
      {mount.file("config")},
      [&] {
        const std::lock_guard lock(mutex);
        seen = content(mount.file("config"));
        ++calls;
      },
      5ms);
  REQUIRE(watch.has_value());
  CHECK(eventually([&] { return now_seen() == "one"; }));
  mount.publish("config", "two");
  CHECK(eventually([&] { return now_seen() == "two"; }));
  mount.publish("config", "three");
  CHECK(eventually([&] { return now_seen() == "three"; }));
  std::ofstream(mount.file("config")) << "four";  // through the symlinks: no event, but a new file
  fs::remove(mount.file("config"));
  std::ofstream(mount.file("config")) << "five";
  CHECK(eventually([&] { return now_seen() == "five"; }));
}

TEST_CASE("many changes at once are one, and a directory that is not there is an error") {
  Mount mount;
  mount.publish("config", "x");
  std::atomic<int> calls = 0;
  const auto watch = FileWatch::start({mount.file("config")}, [&] { ++calls; }, 50ms);
  REQUIRE(watch.has_value());
  CHECK(eventually([&] { return calls == 1; }));
  for (int i = 0; i < 100; ++i) std::ofstream(mount.file("other")) << i;
  CHECK(eventually([&] { return calls == 2; }));
  const auto nowhere = FileWatch::start({mount.file("a/b")}, [] {});
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().message.find("cannot watch " + mount.file("a")) != std::string::npos);
}
