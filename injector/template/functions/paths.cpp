// sprig's functions on paths, which have slashes here, and so do files'.

#include "injector/template/functions/bind.h"

namespace sluice::tmpl {
namespace {

using std::string;

/// Without "." and "..", as far as they can be resolved, and without slashes that do nothing.
string clean(std::string_view path) {
  if (path.empty()) return ".";
  const bool rooted = path.front() == '/';
  Strings parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.emplace_back(part);
    } else if (!parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (!rooted) {
      parts.emplace_back(part);
    }
  }
  string out = rooted ? "/" : "";
  for (const string& part : parts) {
    if (&part != parts.data()) out += '/';
    out += part;
  }
  return out.empty() ? "." : out;
}

string base(std::string_view path) {
  if (path.empty()) return ".";
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  if (path == "/") return "/";
  return string(path.substr(path.rfind('/') + 1));
}

string extension(std::string_view path) {
  const std::size_t at = path.find_last_of("./");
  return at == std::string_view::npos || path[at] == '/' ? "" : string(path.substr(at));
}

}  // namespace

void add_paths(FunctionTable& table) {
  Binder binder(table);
  binder.bind("base", [](const string& path) { return base(path); });
  binder.bind("dir", [](const string& path) { return clean(path.substr(0, path.rfind('/') + 1)); });
  binder.bind("clean", [](const string& path) { return clean(path); });
  binder.bind("ext", [](const string& path) { return extension(path); });
  binder.bind("isAbs", [](const string& path) { return path.starts_with('/'); });
  for (const auto& [name, of] :
       {std::pair{"osBase", "base"}, std::pair{"osDir", "dir"}, std::pair{"osClean", "clean"},
        std::pair{"osExt", "ext"}, std::pair{"osIsAbs", "isAbs"}}) {
    binder.alias(name, of);
  }
}

}  // namespace sluice::tmpl
