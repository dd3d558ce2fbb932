#include "injector/template/functions/rows.h"

#include <doctest/doctest.h>

#include "conf/mesh/mesh_config.h"
#include "conf/schema/pod.h"
#include "injector/template/functions.h"
#include "injector/template/template.h"

namespace sluice::tmpl {
namespace {

using nlohmann::json;

const schema::Type& type_of(std::string_view name) {
  if (name == "Meta") return schema::kObjectMeta;
  if (name == "Spec") return schema::kPodSpec;
  if (name == "Labels") return schema::kStringMap;
  if (name == "Mesh") return mesh::kMeshConfig;
  if (name == "Proxy") return mesh::kProxyConfig;
  return schema::kAny;
}

Result<std::string> execute(const char* text, const Value& data) {
  auto parsed = Template::parse("row", text, injection_functions());
  if (!parsed) return fail(std::move(parsed).error());
  return parsed->execute(data);
}

}  // namespace

void check_rows(const char* data, std::span<const Row> rows) {
  const json document = json::parse(data);
  Dict members;
  for (const auto& [name, member] : document.items()) {
    members.emplace(name, Value::view(&member, type_of(name)));
  }
  const Value dot = std::move(members);
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto result = execute(row.text, dot);
    REQUIRE_MESSAGE(result.has_value() == (row.output != nullptr),
                    (result ? *result : result.error().message));
    if (result) {
      CHECK(*result == std::string_view(row.output));
    } else {
      CHECK(result.error().message == "template: row:" + std::string(row.error));
    }
  }
}

}  // namespace sluice::tmpl
