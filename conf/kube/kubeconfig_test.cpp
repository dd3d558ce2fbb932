#include "conf/kube/kubeconfig.h"

#include <cstdlib>
#include <fstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/kube/error_of.h"
#include "conf/kube/read_file.h"

using namespace sluice;
using namespace sluice::kube;
using nlohmann::json;

namespace {

/// A kubeconfig with one of each; the texts inside are not looked at before Client::create().
json config() {
  return {{"apiVersion", "v1"},
          {"kind", "Config"},
          {"current-context", "c"},
          {"contexts", {{{"name", "c"}, {"context", {{"cluster", "k"}, {"user", "u"}}}}}},
          {"clusters",
           {{{"name", "k"},
             {"cluster",
              {{"server", "https://10.0.0.1:6443"}, {"certificate-authority-data", "Q0E="}}}}}},
          {"users", {{{"name", "u"}, {"user", {{"token", "t"}}}}}}};
}

json& cluster_of(json& document) {
  return document["clusters"][0]["cluster"];
}

json& user_of(json& document) {
  return document["users"][0]["user"];
}

Result<ClusterAccess> parse(const json& document, const std::optional<std::string>& context = {}) {
  return parse_kubeconfig(document.dump(), "k.conf", "/etc/k", context);
}

std::string refusal(const json& document) {
  const Error error = error_of(parse(document));
  CHECK(error.code == Errc::Invalid);
  return error.message;
}

/// A directory that is removed with the files that were written into it.
class Directory {
 public:
  Directory() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
  ~Directory() {
    for (const std::string& file : files_) ::unlink(file.c_str());
    ::rmdir(path_.c_str());
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) {
    files_.push_back(path_ + "/" + name);
    std::ofstream(files_.back()) << text;
    return files_.back();
  }

 private:
  std::string path_ = "/tmp/sluice-kube-XXXXXX";
  std::vector<std::string> files_;
};

}  // namespace

TEST_CASE("JSON and YAML kubeconfigs say the same") {
  const auto from_json = parse(config());
  REQUIRE(from_json.has_value());
  CHECK(from_json->host == "10.0.0.1");
  CHECK(from_json->port == 6443);
  CHECK(from_json->path_prefix.empty());
  CHECK(from_json->ca_pem == "CA");
  CHECK(from_json->token == "t");
  CHECK(from_json->origin == "kubeconfig k.conf");
  const auto from_yaml = parse_kubeconfig(R"(
apiVersion: v1
kind: Config
current-context: c
preferences: {}
contexts:
- name: c
  context: {cluster: k, user: u}
clusters:
- name: k
  cluster:
    server: https://10.0.0.1:6443
    certificate-authority-data: |
      Q0
      E=
users:
- name: u
  user:
    token: t
)",
                                          "k.conf", "/etc/k", {});
  REQUIRE(from_yaml.has_value());
  CHECK(*from_yaml == *from_json);
}

TEST_CASE("the context asked for wins over current-context, and a missing one is named") {
  json document = config();
  document["contexts"].push_back({{"name", "d"}, {"context", {{"cluster", "k"}}}});
  CHECK(parse(document, "d").value().token.empty());
  CHECK(error_of(parse(document, "x")).message == "kubeconfig k.conf: there is no context \"x\"");
  document["current-context"] = "";
  CHECK(refusal(document) == "kubeconfig k.conf: there is no current-context");
  document = config();
  document["users"] = nullptr;
  CHECK(refusal(document) == "kubeconfig k.conf: there is no user \"u\"");
  document = config();
  document["clusters"][0]["name"] = "other";
  CHECK(refusal(document) == "kubeconfig k.conf: there is no cluster \"k\"");
}

TEST_CASE("a server is an https URL with a host, maybe a port and a prefix") {
  const struct {
    const char* url;
    const char* host;
    int port;
    const char* prefix;
  } rows[] = {
      {"https://10.0.0.1:6443", "10.0.0.1", 6443, ""},
      {"https://10.0.0.1", "10.0.0.1", 443, ""},
      {"https://[::1]:6443", "::1", 6443, ""},
      {"https://[fd00::1]", "fd00::1", 443, ""},
      {"https://api.example.com/", "api.example.com", 443, ""},
      {"https://rancher/k8s/clusters/c-1/", "rancher", 443, "/k8s/clusters/c-1"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.url);
    ClusterAccess access;
    REQUIRE(set_server(access, row.url).has_value());
    CHECK(access.host == row.host);
    CHECK(access.port == row.port);
    CHECK(access.path_prefix == row.prefix);
  }
  for (const char* url :
       {"http://10.0.0.1",   "10.0.0.1:6443",  "https://",           "https:///x",
        "https://:443",      "https://a:",     "https://a:0",        "https://a:65536",
        "https://a:1:2",     "https://[::1",   "https://[10.0.0.1]", "https://::1:6443",
        "https://[::1]6443", "https://user@a", "https://a?b",        "https://a/x?b",
        "https://a#b",       "https://a b",    "https://a\r\nX: y",  "unix:///x"}) {
    CAPTURE(url);
    ClusterAccess access;
    CHECK_FALSE(set_server(access, url).has_value());
  }
  json document = config();
  cluster_of(document)["server"] = "http://10.0.0.1";
  CHECK(refusal(document) ==
        "kubeconfig k.conf: clusters[0].cluster.server: \"http://10.0.0.1\" is not https: "
        "credentials go over TLS only");
}

TEST_CASE("what this client does not follow is refused by name") {
  for (const char* key : {"exec", "auth-provider", "username", "as", "as-groups"}) {
    json document = config();
    user_of(document)[key] = {{"command", "x"}};
    CHECK(refusal(document).starts_with(std::string("kubeconfig k.conf: users[0].user.") + key +
                                        " is not supported: "));
  }
  json document = config();
  cluster_of(document)["insecure-skip-tls-verify"] = true;
  CHECK(refusal(document).starts_with(
      "kubeconfig k.conf: clusters[0].cluster.insecure-skip-tls-verify"));
  cluster_of(document)["insecure-skip-tls-verify"] = false;
  CHECK(parse(document).has_value());
  cluster_of(document)["proxy-url"] = "http://p";
  CHECK(refusal(document).starts_with(
      "kubeconfig k.conf: clusters[0].cluster.proxy-url is not supported"));
  document = config();
  cluster_of(document).erase("certificate-authority-data");
  CHECK(refusal(document).find("certificate-authority and -data are both absent") !=
        std::string::npos);
}

TEST_CASE("values of the wrong kind are refused with their path") {
  const struct {
    const char* pointer;
    json value;
    const char* message;
  } rows[] = {
      {"/clusters", "x", "clusters is not an array"},
      {"/clusters/0", "x", "clusters[0] is not an object"},
      {"/clusters/0/cluster/server", 5, "clusters[0].cluster.server is not a string"},
      {"/clusters/0/cluster/certificate-authority-data", "!",
       "clusters[0].cluster.certificate-authority-data: not base64"},
      {"/users/0/user/token", true, "users[0].user.token is not a string"},
      {"/users/0/user/client-key-data", "S0VZ",
       "users[0].user has only one of client-certificate and client-key"},
      {"/contexts/0/context/cluster", nullptr, "contexts[0].context.cluster is not there"},
  };
  for (const auto& row : rows) {
    json document = config();
    document[json::json_pointer(row.pointer)] = row.value;
    CHECK(refusal(document) == std::string("kubeconfig k.conf: ") + row.message);
  }
  for (const char* text : {"", "[]", "5", "{", "a: [", "a: b: c", "--- {}\n--- {}\n", "\xff\xfe"}) {
    CAPTURE(text);
    CHECK(error_of(parse_kubeconfig(text, "k.conf", "", {})).code == Errc::Invalid);
  }
}

TEST_CASE("files are looked for beside the kubeconfig, and inline values win over them") {
  Directory directory;
  directory.write("ca.pem", "CA file");
  directory.write("cert.pem", "CERT");
  directory.write("key.pem", "KEY");
  json document = config();
  cluster_of(document) = {{"server", "https://a"}, {"certificate-authority", "ca.pem"}};
  user_of(document) = {{"client-certificate", "cert.pem"},
                       {"client-key", directory.path() + "/key.pem"},
                       {"token", "inline"},
                       {"tokenFile", "token"}};
  const std::string path = directory.write("config", document.dump());
  const auto access = load_kubeconfig(path);
  REQUIRE(access.has_value());
  CHECK(access->ca_pem == "CA file");
  CHECK(access->client_certificate == Identity{"CERT", "KEY"});
  CHECK(access->token_file == directory.path() + "/token");
  CHECK(access->token.empty());

  cluster_of(document)["certificate-authority-data"] = "Q0E=";
  directory.write("config", document.dump());
  CHECK(load_kubeconfig(path).value().ca_pem == "CA");

  user_of(document)["client-key"] = "absent.pem";
  directory.write("config", document.dump());
  const Error missing = error_of(load_kubeconfig(path));
  CHECK(missing.code == Errc::Io);
  CHECK(missing.message == "kubeconfig " + path + ": users[0].user.client-key: cannot read " +
                               directory.path() + "/absent.pem: no such file or directory");
}

TEST_CASE("a kubeconfig that cannot be read is named") {
  CHECK(error_of(load_kubeconfig("/nowhere/k")).message ==
        "kubeconfig: cannot read /nowhere/k: no such file or directory");
  CHECK(error_of(load_kubeconfig("/nowhere/k")).code == Errc::Io);
  CHECK(error_of(load_kubeconfig("/")).code == Errc::Io);
  CHECK(error_of(read_file("/dev/zero")).code == Errc::Invalid);
}

TEST_CASE("a service account's directory and two variables are access too") {
  Directory directory;
  directory.write("ca.crt", "CA");
  directory.write("token", "t");
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  ::setenv("KUBERNETES_SERVICE_PORT", "443", 1);
  CHECK(error_of(in_cluster(directory.path())).message ==
        "not in a cluster: KUBERNETES_SERVICE_HOST is not set");
  ::setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
  const auto access = in_cluster(directory.path());
  REQUIRE(access.has_value());
  CHECK(access->host == "fd00::1");
  CHECK(access->port == 443);
  CHECK(access->ca_pem == "CA");
  CHECK(access->token_file == directory.path() + "/token");
  CHECK(error_of(in_cluster("/nowhere")).code == Errc::Io);
  ::setenv("KUBERNETES_SERVICE_PORT", "x", 1);
  CHECK(error_of(in_cluster(directory.path())).code == Errc::Invalid);
  ::setenv("KUBERNETES_SERVICE_PORT", "443", 1);
  ::setenv("KUBERNETES_SERVICE_HOST", "a/b", 1);
  CHECK(error_of(in_cluster(directory.path())).code == Errc::Invalid);
}

TEST_CASE("base64 is read as Go writes and reads it") {
  const struct {
    const char* encoded;
    const char* decoded;
  } rows[] = {{"", ""}, {"QQ==", "A"}, {"QUI=", "AB"}, {"QUJD", "ABC"}, {"Q\nUJ\r\nD", "ABC"}};
  for (const auto& row : rows) CHECK(decode_base64(row.encoded).value() == row.decoded);
  for (const char* bad : {"Q", "QQ", "QQ=", "QQ===", "====", "=QQ=", "QQ==QQ==", "Q Q=", "-_=="}) {
    CAPTURE(bad);
    CHECK_FALSE(decode_base64(bad).has_value());
  }
}
