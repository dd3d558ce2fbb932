#include "injector/webhook/path.h"

#include <algorithm>
#include <vector>

namespace sluice::webhook {
namespace {

constexpr std::string_view kRoot = "/inject";
constexpr std::string_view kOlderForm = ":ENV:";
constexpr std::string_view kSlash = "--slash--";

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

std::string with_slashes(std::string_view value) {
  std::string text;
  for (const std::string_view part : split(value, kSlash)) {
    if (part.data() != value.data()) text += '/';
    text += part;
  }
  return text;
}

void set(PathParameters& parameters, std::string_view key, std::string value) {
  if (key == "cluster") {
    parameters.cluster = std::move(value);
  } else if (key == "net") {
    parameters.network = std::move(value);
  } else if (!key.empty()) {
    std::string name(key);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    parameters.proxy_env[name] = std::move(value);
  }
}

}  // namespace

std::optional<std::string> decoded_path(std::string_view target) {
  target = target.substr(0, target.find('?'));
  std::string path;
  for (std::size_t i = 0; i < target.size(); ++i) {
    char c = target[i];
    if (c == '%') {
      if (i + 2 >= target.size()) return std::nullopt;
      const int high = hex(target[i + 1]);
      const int low = hex(target[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    path += c;
  }
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::optional<PathParameters> inject_parameters(std::string_view path) {
  if (!path.starts_with(kRoot)) return std::nullopt;
  path.remove_prefix(kRoot.size());
  PathParameters parameters;
  if (path.empty()) return parameters;
  if (path.front() != '/') return std::nullopt;
  path.remove_prefix(1);
  if (path.starts_with(kOlderForm)) {
    for (const std::string_view pair : split(path, kOlderForm)) {
      const std::size_t at = pair.find('=');
      if (at == std::string_view::npos) continue;
      set(parameters, pair.substr(0, at), std::string(pair.substr(at + 1)));
    }
    return parameters;
  }
  const auto parts = split(path, "/");
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    set(parameters, parts[i], with_slashes(parts[i + 1]));
  }
  return parameters;
}

}  // namespace sluice::webhook
