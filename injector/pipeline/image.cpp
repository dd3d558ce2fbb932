#include "injector/pipeline/image.h"

#include <nlohmann/json.hpp>

#include "injector/template/value.h"
#include "rules/base/json.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

/// A tag may be a number: 1.20 is 1.2, in Go too.
std::string tag_of(const json& values) {
  const json& tag = at_path(values, {"global", "tag"});
  if (tag.is_string()) return tag.get<std::string>();
  return tag.is_number() ? tmpl::Value(tag.get<double>()).print() : std::string();
}

std::string with_type(std::string tag, std::string_view type) {
  if (type.empty()) return tag;
  for (const std::string_view known : {"-distroless", "-debug"}) {
    if (!tag.ends_with(known)) continue;
    tag.resize(tag.size() - known.size());
    break;
  }
  if (type != "default") tag.append("-").append(type);
  return tag;
}

}  // namespace

std::string proxy_image(const json& values, const char* section, std::string_view type) {
  std::string name = text_at(values, {"global", section, "image"});
  if (name.empty()) name = "proxyv2";
  const std::string variant = text_at(values, {"global", "variant"});
  return text_at(values, {"global", "hub"}) + "/" + name + ":" +
         with_type(tag_of(values), type.empty() ? std::string_view(variant) : type);
}

}  // namespace sluice::injector
