#include "conf/kube/kubeconfig.h"

#include <cstdlib>

#include <nlohmann/json.hpp>

#include "conf/kube/http.h"
#include "conf/kube/place.h"
#include "conf/kube/read_file.h"
#include "conf/kube/yaml.h"
#include "rules/base/address.h"
#include "rules/base/port.h"

namespace sluice::kube {
namespace {

Error invalid(std::string message) {
  return {Errc::Invalid, std::move(message)};
}

std::string resolved(const std::string& path, const std::string& directory) {
  return path.starts_with('/') || directory.empty() ? path : directory + "/" + path;
}

/// The value of the entry called `name` in one of the kubeconfig's lists; like client-go's, the
/// first of that name counts. `what` is both the key in the entry and the word for it.
Result<Place> named(const Place& config, std::string_view list, std::string_view what,
                    const std::string& name) {
  ASSIGN_OR_RETURN(const Place entries, config.at(list));
  ASSIGN_OR_RETURN(const auto elements, entries.elements());
  for (const Place& entry : elements) {
    ASSIGN_OR_RETURN(const std::string own_name, entry.string_at("name"));
    if (own_name == name) return entry.at(what);
  }
  return fail(invalid("there is no " + std::string(what) + " \"" + printable(name, 128) + "\""));
}

/// PEM text from `KEY-data`, or from the file that `KEY` names; empty if neither is there.
Result<std::string> inline_or_file(const Place& place, const std::string& key,
                                   const std::string& directory) {
  ASSIGN_OR_RETURN(const std::string encoded, place.string_at(key + "-data"));
  if (!encoded.empty()) {
    auto decoded = decode_base64(encoded);
    if (!decoded) {
      return fail(std::move(decoded).error().wrap(place.path() + "." + key + "-data"));
    }
    return decoded;
  }
  ASSIGN_OR_RETURN(const std::string path, place.string_at(key));
  if (path.empty()) return std::string();
  auto text = read_file(resolved(path, directory));
  if (!text) return fail(std::move(text).error().wrap(place.path() + "." + key));
  return text;
}

/// Refuses a field that would change who asks, or how, and that this client does not follow.
Result<void> refuse(const Place& place, std::string_view key, std::string_view why) {
  ASSIGN_OR_RETURN(const Place field, place.at(key));
  if (!field.present()) return {};
  return fail(invalid(field.path() + " is not supported: " + std::string(why)));
}

Result<void> read_cluster(ClusterAccess& access, const Place& cluster,
                          const std::string& directory) {
  ASSIGN_OR_RETURN(const Place insecure, cluster.at("insecure-skip-tls-verify"));
  ASSIGN_OR_RETURN(const auto skips_verification, insecure.boolean());
  if (skips_verification.value_or(false)) {
    return fail(invalid(insecure.path() +
                        " is not supported: a pod's redirect must not depend on who answers"));
  }
  RETURN_IF_ERROR(refuse(cluster, "proxy-url", "the API server is asked directly"));
  ASSIGN_OR_RETURN(const std::string url, cluster.required_string_at("server"));
  if (auto set = set_server(access, url); !set) {
    return fail(std::move(set).error().wrap(cluster.path() + ".server"));
  }
  ASSIGN_OR_RETURN(access.tls_server_name, cluster.string_at("tls-server-name"));
  ASSIGN_OR_RETURN(access.ca_pem, inline_or_file(cluster, "certificate-authority", directory));
  if (access.ca_pem.empty()) {
    return fail(invalid(cluster.path() + ".certificate-authority and -data are both absent; the "
                                         "system's certificates are not used"));
  }
  return {};
}

Result<void> read_user(ClusterAccess& access, const Place& user, const std::string& directory) {
  RETURN_IF_ERROR(refuse(user, "exec", "no program is started to get a credential"));
  RETURN_IF_ERROR(refuse(user, "auth-provider", "use a token or a client certificate"));
  RETURN_IF_ERROR(refuse(user, "username", "use a token or a client certificate"));
  for (const char* key : {"as", "as-uid", "as-groups", "as-user-extra"}) {
    RETURN_IF_ERROR(refuse(user, key, "nobody is impersonated"));
  }
  ASSIGN_OR_RETURN(access.token, user.string_at("token"));
  ASSIGN_OR_RETURN(const std::string token_file, user.string_at("tokenFile"));
  if (!token_file.empty()) {
    access.token_file = resolved(token_file, directory);
    access.token.clear();
  }
  Identity identity;
  ASSIGN_OR_RETURN(identity.certificate_pem, inline_or_file(user, "client-certificate", directory));
  ASSIGN_OR_RETURN(identity.key_pem, inline_or_file(user, "client-key", directory));
  if (identity.certificate_pem.empty() != identity.key_pem.empty()) {
    return fail(invalid(user.path() + " has only one of client-certificate and client-key"));
  }
  if (!identity.key_pem.empty()) access.client_certificate = std::move(identity);
  return {};
}

Result<ClusterAccess> access_of(const Place& config, const std::string& name,
                                const std::string& directory,
                                const std::optional<std::string>& context) {
  ASSIGN_OR_RETURN(std::string context_name, config.string_at("current-context"));
  if (context) context_name = *context;
  if (context_name.empty()) return fail(invalid("there is no current-context"));
  ASSIGN_OR_RETURN(const Place chosen, named(config, "contexts", "context", context_name));
  ASSIGN_OR_RETURN(const std::string cluster_name, chosen.required_string_at("cluster"));
  ASSIGN_OR_RETURN(const std::string user_name, chosen.string_at("user"));

  ClusterAccess access;
  access.origin = "kubeconfig " + name;
  ASSIGN_OR_RETURN(const Place cluster, named(config, "clusters", "cluster", cluster_name));
  RETURN_IF_ERROR(read_cluster(access, cluster, directory));
  if (!user_name.empty()) {
    ASSIGN_OR_RETURN(const Place user, named(config, "users", "user", user_name));
    RETURN_IF_ERROR(read_user(access, user, directory));
  }
  return access;
}

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

Result<std::string> required_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    return fail(Errc::Usage, "not in a cluster: " + std::string(name) + " is not set");
  }
  return std::string(value);
}

/// A literal address or the characters of a DNS name.
bool is_host(std::string_view text) {
  constexpr std::string_view Allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !text.empty() && text.size() <= 253 &&
         text.find_first_not_of(Allowed) == std::string_view::npos;
}

}  // namespace

Result<void> set_server(ClusterAccess& access, std::string_view url) {
  const auto wrong = [&](const std::string& why) {
    return fail(Errc::Invalid, "\"" + printable(url, 256) + "\" " + why);
  };
  constexpr std::string_view Scheme = "https://";
  if (url.starts_with("http://")) return wrong("is not https: credentials go over TLS only");
  if (!url.starts_with(Scheme)) return wrong("is not a URL that begins with https://");
  const auto rest = url.substr(Scheme.size());
  const auto slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  std::string_view prefix = slash == std::string_view::npos ? "" : rest.substr(slash);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (prefix.find_first_of("?# \t\r\n") != std::string_view::npos) return wrong("has a query");

  const bool bracketed = authority.starts_with('[');
  const auto end = bracketed ? authority.find(']') : authority.find(':');
  const std::string_view host = authority.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
  const auto address = IpAddress::parse(host);
  const bool fine =
      bracketed ? end != std::string_view::npos && address && address->family() == Family::V6
                : is_host(host);
  if (!fine) return wrong("has no host that can be reached");
  authority.remove_prefix(end == std::string_view::npos ? authority.size()
                                                        : end + (bracketed ? 1 : 0));
  access.port = 443;
  if (!authority.empty()) {
    const auto port = Port::parse(authority.substr(1));
    if (authority.front() != ':' || !port) return wrong("has no port between 1 and 65535");
    access.port = port->number();
  }
  access.host = host;
  access.path_prefix = prefix;
  return {};
}

Result<std::string> decode_base64(std::string_view text) {
  const auto wrong = [] { return fail(Errc::Invalid, "not base64"); };
  std::string decoded;
  decoded.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int sextets = 0;
  int padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    const int value = c == '=' ? 0 : sextet(c);
    if (c == '=') ++padding;
    if (value < 0 || (padding > 0 && c != '=') || padding > 2) return wrong();
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    if (++sextets % 4 != 0) continue;
    for (const int shift : {16, 8, 0}) decoded += static_cast<char>((bits >> shift) & 0xFF);
    bits = 0;
  }
  if (sextets % 4 != 0) return wrong();
  decoded.resize(decoded.size() - static_cast<std::size_t>(padding));
  return decoded;
}

Result<ClusterAccess> parse_kubeconfig(std::string_view text, const std::string& name,
                                       const std::string& directory,
                                       const std::optional<std::string>& context) {
  const auto failed = [&](Error error) {
    if (error.code == Errc::Malformed) error.code = Errc::Invalid;
    return fail(std::move(error).wrap("kubeconfig " + name));
  };
  const auto document = json_or_yaml(text);
  if (!document) return failed(document.error());
  auto access = access_of(Place(*document), name, directory, context);
  if (!access) return failed(std::move(access).error());
  return access;
}

Result<ClusterAccess> load_kubeconfig(const std::string& path,
                                      const std::optional<std::string>& context) {
  auto text = read_file(path);
  if (!text) return fail(std::move(text).error().wrap("kubeconfig"));
  const auto slash = path.rfind('/');
  // "/x" is in "", which resolved() must not take for the working directory.
  const std::string directory = slash == std::string::npos ? ""
                                : slash == 0               ? "/"
                                                           : path.substr(0, slash);
  return parse_kubeconfig(*text, path, directory, context);
}

Result<ClusterAccess> in_cluster(const std::string& directory) {
  ClusterAccess access;
  access.origin = "service account " + directory;
  ASSIGN_OR_RETURN(access.host, required_variable("KUBERNETES_SERVICE_HOST"));
  ASSIGN_OR_RETURN(const std::string port, required_variable("KUBERNETES_SERVICE_PORT"));
  const auto parsed = Port::parse(port);
  if (!parsed) return fail(Error(parsed.error()).wrap("KUBERNETES_SERVICE_PORT"));
  access.port = parsed->number();
  if (!is_host(access.host) && !IpAddress::parse(access.host)) {
    return fail(invalid("KUBERNETES_SERVICE_HOST is no host: " + printable(access.host, 128)));
  }
  auto ca = read_file(directory + "/ca.crt");
  if (!ca) return fail(std::move(ca).error().wrap("service account"));
  access.ca_pem = std::move(*ca);
  access.token_file = directory + "/token";
  return access;
}

}  // namespace sluice::kube
