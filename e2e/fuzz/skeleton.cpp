// Any bytes as a template of YAML, and as the words that it prints: with the cache of forms and
// without it, the same object or no object.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "conf/kube/yaml.h"
#include "injector/render/render.h"

namespace {

using namespace sluice;
using nlohmann::json;

const tmpl::FunctionTable kNoFunctions;

/// A line before the template: the words of one rendering, with tabs between them.
json words_of(std::string_view line) {
  json words = json::object();
  for (int number = 0; !line.empty(); ++number) {
    const std::size_t tab = std::min(line.find('\t'), line.size());
    words["w" + std::to_string(number)] = std::string(line.substr(0, tab));
    line.remove_prefix(std::min(tab + 1, line.size()));
  }
  return words;
}

void compare(const tmpl::Template& source, const injector::Renderer& renderer, const json& words) {
  const tmpl::Value data = tmpl::Value::view(&words, schema::kAny);
  const auto text = source.execute(data);
  if (!text) return;
  const auto parsed = kube::yaml_to_json(*text);
  for (int time = 0; time < 3; ++time) {
    const auto rendered = renderer.render(data);
    // An empty document is null to a renderer, and anything but an object an error.
    const bool nothing = rendered && rendered->is_null();
    const bool object = parsed && parsed->is_object();
    if (nothing ? object : rendered.has_value() != object) std::abort();
    if (object && *rendered != *parsed) {
      std::cerr << *text << "\n" << rendered->dump() << "\n" << parsed->dump() << "\n";
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string input(bytes, bytes + size);
  const std::size_t first = input.find('\n');
  const std::size_t second = first == std::string::npos ? first : input.find('\n', first + 1);
  if (second == std::string::npos) return 0;
  const std::string text = input.substr(second + 1);
  auto source = tmpl::Template::parse("t", text, kNoFunctions);
  if (!source) return 0;
  const injector::Renderer renderer(tmpl::Template::parse("t", text, kNoFunctions).value());
  compare(*source, renderer, words_of(std::string_view(input).substr(0, first)));
  compare(*source, renderer,
          words_of(std::string_view(input).substr(first + 1, second - first - 1)));
  return 0;
}
