#include "conf/kube/kubeconfig.h"

#include <cstdlib>

#include <nlohmann/json.hpp>

#include "conf/kube/base64.h"
#include "conf/kube/read_file.h"
#include "conf/kube/yaml.h"
#include "rules/base/decimal.h"

namespace sluice::kube {
namespace {

using nlohmann::json;

/// A kubeconfig being read; every error begins with its path.
class Kubeconfig {
 public:
  Kubeconfig(std::string path, json document)
      : path_(std::move(path)), document_(std::move(document)) {}

  Result<ClusterAccess> access(const std::optional<std::string>& wanted) const {
    ASSIGN_OR_RETURN(const std::string name, wanted ? Result<std::string>(*wanted)
                                                    : text(document_, "", "current-context"));
    if (name.empty()) return wrong("current-context", "is not set");
    ASSIGN_OR_RETURN(const json context, named("contexts", name, "context"));
    const std::string at = "context \"" + name + "\" ";
    ASSIGN_OR_RETURN(const std::string cluster_name, text(context, at, "cluster"));
    ASSIGN_OR_RETURN(const std::string user_name, text(context, at, "user"));
    ASSIGN_OR_RETURN(const json cluster, named("clusters", cluster_name, "cluster"));
    ClusterAccess access;
    access.origin = "kubeconfig " + path_;
    RETURN_IF_ERROR(read_cluster(cluster, "cluster \"" + cluster_name + "\" ", access));
    if (user_name.empty()) return access;
    ASSIGN_OR_RETURN(const json user, named("users", user_name, "user"));
    RETURN_IF_ERROR(read_user(user, "user \"" + user_name + "\" ", access));
    return access;
  }

 private:
  tl::unexpected<Error> wrong(const std::string& field, const std::string& offence) const {
    return fail(Errc::Invalid, "kubeconfig " + path_ + ": " + field + " " + offence);
  }

  /// A string field; empty where it is absent.
  Result<std::string> text(const json& object, const std::string& at, const char* field) const {
    const auto found = object.find(field);
    if (found == object.end() || found->is_null()) return std::string();
    if (!found->is_string()) return wrong(at + field, "is not a string");
    return found->get<std::string>();
  }

  /// The `kind` object of the entry called `name` in `list`.
  Result<json> named(const char* list, const std::string& name, const char* kind) const {
    const auto entries = document_.find(list);
    if (entries != document_.end() && entries->is_array()) {
      for (const json& entry : *entries) {
        if (!entry.is_object() || entry.value("name", json()) != json(name)) continue;
        const auto body = entry.find(kind);
        if (body == entry.end() || !body->is_object()) {
          return wrong(std::string(kind) + " \"" + name + "\"", "has no " + std::string(kind));
        }
        return *body;
      }
    }
    return wrong(list, "has no entry named \"" + name + "\"");
  }

  /// `field` as a file, or `field`-data as base64; empty where neither is set.
  Result<std::string> file_or_data(const json& object, const std::string& at,
                                   const std::string& field) const {
    const std::string data_field = field + "-data";
    ASSIGN_OR_RETURN(const std::string data, text(object, at, data_field.c_str()));
    if (!data.empty()) {
      auto decoded = decode_base64(data);
      if (!decoded) return wrong(at + data_field, "is not base64");
      return *decoded;
    }
    ASSIGN_OR_RETURN(const std::string file, text(object, at, field.c_str()));
    if (file.empty()) return std::string();
    auto bytes = read_file(beside(file));
    if (!bytes)
      return fail(std::move(bytes).error().wrap("kubeconfig " + path_ + ": " + at + field));
    return bytes;
  }

  std::string beside(const std::string& file) const {
    const auto slash = path_.rfind('/');
    if (file.starts_with('/') || slash == std::string::npos) return file;
    return path_.substr(0, slash + 1) + file;
  }

  Result<void> read_server(const std::string& url, const std::string& at,
                           ClusterAccess& access) const {
    const std::string field = at + "server";
    if (!url.starts_with("https://")) return wrong(field, "\"" + url + "\" is not an https:// URL");
    std::string_view rest = std::string_view(url).substr(8);
    const auto slash = rest.find('/');
    if (slash != std::string_view::npos) {
      access.path_prefix = rest.substr(slash);
      while (access.path_prefix.ends_with('/')) access.path_prefix.pop_back();
      rest = rest.substr(0, slash);
    }
    std::string_view port;
    if (rest.starts_with('[')) {
      const auto close = rest.find(']');
      if (close == std::string_view::npos)
        return wrong(field, "\"" + url + "\" has an open bracket");
      access.host = rest.substr(1, close - 1);
      port = rest.substr(close + 1);
    } else {
      access.host = rest.substr(0, rest.find(':'));
      port = rest.substr(access.host.size());
    }
    if (access.host.empty()) return wrong(field, "\"" + url + "\" names no host");
    if (port.empty()) return {};
    const auto number = parse_decimal(port.substr(1), 65535);
    if (port.front() != ':' || !number || *number == 0) {
      return wrong(field, "\"" + url + "\" has no valid port");
    }
    access.port = static_cast<std::uint16_t>(*number);
    return {};
  }

  Result<void> read_cluster(const json& cluster, const std::string& at,
                            ClusterAccess& access) const {
    ASSIGN_OR_RETURN(const std::string url, text(cluster, at, "server"));
    RETURN_IF_ERROR(read_server(url, at, access));
    if (cluster.value("insecure-skip-tls-verify", json()) == json(true)) {
      return wrong(at + "insecure-skip-tls-verify",
                   "is true, and servers are always verified here");
    }
    ASSIGN_OR_RETURN(access.ca_pem, file_or_data(cluster, at, "certificate-authority"));
    if (access.ca_pem.empty()) return wrong(at + "certificate-authority", "is not set");
    ASSIGN_OR_RETURN(access.tls_server_name, text(cluster, at, "tls-server-name"));
    return {};
  }

  Result<void> read_user(const json& user, const std::string& at, ClusterAccess& access) const {
    for (const char* plugin : {"exec", "auth-provider"}) {
      if (user.contains(plugin))
        return wrong(at + plugin, "is not supported: no program is started");
    }
    ASSIGN_OR_RETURN(access.token, text(user, at, "token"));
    ASSIGN_OR_RETURN(const std::string token_file, text(user, at, "tokenFile"));
    if (!token_file.empty()) access.token_file = beside(token_file);
    Identity identity;
    ASSIGN_OR_RETURN(identity.certificate_pem, file_or_data(user, at, "client-certificate"));
    ASSIGN_OR_RETURN(identity.key_pem, file_or_data(user, at, "client-key"));
    if (identity.certificate_pem.empty() != identity.key_pem.empty()) {
      return wrong(at + "client-certificate", "and client-key must be set together");
    }
    if (!identity.key_pem.empty()) access.client_certificate = std::move(identity);
    return {};
  }

  std::string path_;
  json document_;
};

Result<json> parse(const std::string& text) {
  // JSON is read as JSON: it is what our own installer writes, and much faster.
  json document = json::parse(text, nullptr, false);
  if (!document.is_discarded()) return document;
  return yaml_to_json(text);
}

}  // namespace

Result<ClusterAccess> load_kubeconfig(const std::string& path,
                                      const std::optional<std::string>& context) {
  auto text = read_file(path);
  if (!text) return fail(std::move(text).error().wrap("kubeconfig"));
  auto document = parse(*text);
  if (!document) return fail(std::move(document).error().wrap("kubeconfig " + path));
  if (!document->is_object()) {
    return fail(Errc::Invalid, "kubeconfig " + path + ": is not a mapping");
  }
  return Kubeconfig(path, std::move(*document)).access(context);
}

Result<ClusterAccess> in_cluster(const std::string& directory) {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (host == nullptr || port == nullptr) {
    return fail(Errc::Invalid,
                "not in a cluster: KUBERNETES_SERVICE_HOST and _PORT are not both set");
  }
  const auto number = parse_decimal(port, 65535);
  if (!number || *number == 0) {
    return fail(Errc::Invalid, std::string("KUBERNETES_SERVICE_PORT: \"") + port + "\" is no port");
  }
  ClusterAccess access;
  access.origin = "service account in " + directory;
  access.host = host;
  access.port = static_cast<std::uint16_t>(*number);
  access.token_file = directory + "/token";
  ASSIGN_OR_RETURN(access.ca_pem, read_file(directory + "/ca.crt"));
  return access;
}

}  // namespace sluice::kube
