#include "conf/kube/find_cluster.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <stdlib.h>

#include "conf/kube/error_of.h"

using namespace sluice;
using namespace sluice::kube;
namespace fs = std::filesystem;

namespace {

/// A home of its own, and an environment without a cluster.
struct Home {
  Home() {
    std::string name = fs::temp_directory_path() / "sluice-home-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
    ::setenv("HOME", path.c_str(), 1);
    ::unsetenv("KUBECONFIG");
    ::unsetenv("KUBERNETES_SERVICE_HOST");
  }
  ~Home() { fs::remove_all(path); }

  /// A kubeconfig with these contexts, each with a server of its name.
  [[nodiscard]] std::string config(const std::string& name, const std::string& current,
                                   const std::vector<std::string>& contexts) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream file(path / name);
    if (!current.empty()) file << "current-context: " << current << "\n";
    file << "contexts:\n";
    for (const auto& c : contexts)
      file << "- {name: " << c << ", context: {cluster: " << c << "}}\n";
    file << "clusters:\n";
    for (const auto& c : contexts) {
      file << "- {name: " << c << ", cluster: {server: 'https://" << c
           << "', certificate-authority-data: eA==}}\n";
    }
    return path / name;
  }
  fs::path path;
};

std::string host(const Result<ClusterAccess>& access) {
  return access ? access->host : access.error().message;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the file given counts, then KUBECONFIG, then the one at home, then the pod's own") {
  const Home home;
  const Error nothing = error_of(find_cluster("", {}));
  CHECK(nothing.code == Errc::Usage);
  CHECK(contains(nothing.message, "no kubeconfig"));

  ::setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
  CHECK(contains(error_of(find_cluster("", {})).message, "KUBERNETES_SERVICE_PORT"));
  static_cast<void>(home.config(".kube/config", "at-home", {"at-home"}));
  CHECK(host(find_cluster("", {})) == "at-home");
  ::setenv("KUBECONFIG", home.config("env", "in-env", {"in-env"}).c_str(), 1);
  CHECK(host(find_cluster("", {})) == "in-env");
  CHECK(host(find_cluster(home.config("given", "b", {"a", "b"}), {})) == "b");
  CHECK(host(find_cluster(home.path / "given", "a")) == "a");
  CHECK(error_of(find_cluster(home.path / "none", {})).code == Errc::Io);
}

TEST_CASE("of several files the first that has the context counts") {
  const Home home;
  const std::string both = home.config("1", "", {"a"}) + ":" + (home.path / "absent").string() +
                           "::" + home.config("2", "c", {"b", "c"});
  ::setenv("KUBECONFIG", both.c_str(), 1);
  CHECK(host(find_cluster("", {})) == "c");
  CHECK(host(find_cluster("", "a")) == "a");
  CHECK(host(find_cluster("", "b")) == "b");
  CHECK(contains(host(find_cluster("", "d")), "there is no context \"d\""));
  std::ofstream(home.path / "2") << "[";
  CHECK(contains(host(find_cluster("", "a")), "kubeconfig " + (home.path / "2").string()));
}
