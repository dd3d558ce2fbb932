// Any bytes as a template: refused with a reason, or executed within its limits, to an output or an
// error with a place.

#include "injector/template/template.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace sluice;

const tmpl::FunctionTable kNoFunctions;

const nlohmann::json kData = nlohmann::json::parse(R"({
  "s": "text", "n": 12, "f": 1.5, "t": true, "null": null, "list": ["a", 1, null, {"k": "v"}],
  "map": {"a": {"b": {"c": "d"}}, "x": [1, 2, 3]}, "empty": {}, "format": "%5.2v %[2]*d %x"
})");

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto parsed = tmpl::Template::parse("t", std::string(bytes, bytes + size), kNoFunctions);
  if (!parsed) {
    require(parsed.error().message.starts_with("template: t:"));
    return 0;
  }
  constexpr tmpl::Limits Small{.output_bytes = 1u << 16, .steps = 20'000, .depth = 20};
  const tmpl::Value data = tmpl::Value::view(&kData, schema::kAny);
  const auto output = parsed->execute(data, Small);
  if (output) {
    require(output->size() <= Small.output_bytes);
  } else {
    require(output.error().message.starts_with("template: t:"));
  }
  return 0;
}
