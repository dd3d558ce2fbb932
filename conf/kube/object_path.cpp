#include "conf/kube/object_path.h"

#include <algorithm>

#include "conf/kube/http.h"

namespace sluice::kube {
namespace {

bool is_dns_name(std::string_view text, std::size_t longest, bool dots) {
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || (dots && c == '.');
  };
  return !text.empty() && text.size() <= longest && text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), allowed) && text.front() != '.';
}

}  // namespace

bool is_object_name(std::string_view text) {
  return is_dns_name(text, 253, true);
}

bool is_namespace_name(std::string_view text) {
  return is_dns_name(text, 63, false);
}

Result<std::string> object_path(std::string_view namespace_name, std::string_view collection,
                                std::string_view name) {
  if (!is_namespace_name(namespace_name)) {
    return fail(Errc::Invalid,
                "\"" + printable(namespace_name, 64) + "\" is not the name of a namespace");
  }
  if (!is_object_name(name)) {
    return fail(Errc::Invalid,
                "\"" + printable(name, 64) + "\" is not a name in " + std::string(collection));
  }
  return "/api/v1/namespaces/" + std::string(namespace_name) + "/" + std::string(collection) + "/" +
         std::string(name);
}

}  // namespace sluice::kube
