// Any lines as the arguments of the functions of templates: a result within limits, or an error
// with a message. A line that is JSON is that value, any other a string; the first one decides
// which functions are called.

#include "injector/template/functions.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/mesh/mesh_config.h"
#include "conf/schema/pod.h"

namespace {

using namespace sluice;
using namespace sluice::tmpl;
using nlohmann::json;

const schema::Type kContainers{.kind = schema::Kind::List, .element = &schema::kContainer};

/// The arguments that a function takes, made of lines. The documents outlive the call.
class Source {
 public:
  explicit Source(std::vector<std::string> lines) : lines_(std::move(lines)) {}

  Arguments for_parameters(const std::vector<std::string_view>& parameters) {
    Arguments arguments;
    for (const std::string_view parameter : parameters) {
      if (!parameter.starts_with("...")) {
        arguments.push_back(one(parameter));
        continue;
      }
      for (std::size_t count = lines_.size() % 5; count > 0; --count) {
        arguments.push_back(one(parameter.substr(3)));
      }
    }
    return arguments;
  }

 private:
  Value one(std::string_view type) {
    const std::string& line = lines_[next_++ % lines_.size()];
    if (type == "string") return line;
    const json& document = documents_.emplace_back(json::parse(line, nullptr, false));
    const bool number = document.is_number();
    if (type == "int") return number ? document.get<std::int64_t>() : static_cast<int>(line.size());
    if (type == "float64") return number ? document.get<double>() : 0.5;
    if (type == "bool") return line.size() % 2 == 0;
    if (type == "any") return document.is_discarded() ? Value(line) : Value::from_json(document);
    if (type == "map[string]any") {
      return document.is_object() ? Value::from_json(document) : Value(Dict{{line, line}});
    }
    return named(type, document.is_discarded() ? nullptr : &document);
  }

  static Value named(std::string_view type, const json* document) {
    if (type == "map[string]string") return Value::view(document, schema::kStringMap);
    if (type == "v1.ObjectMeta") return Value::view(document, schema::kObjectMeta);
    if (type == "[]v1.Container") return Value::view(document, kContainers);
    if (type == "*v1alpha1.MeshConfig") return Value::view(document, mesh::kMeshConfig);
    if (type == "protoreflect.ProtoMessage") return Value::view(document, mesh::kProxyConfig);
    return Value::Nil{};
  }

  std::vector<std::string> lines_;
  std::list<json> documents_;
  std::size_t next_ = 1;
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos || lines.size() == 16) return lines;
    text.remove_prefix(end + 1);
  }
}

void check(const Result<Value>& result) {
  constexpr std::size_t Most = std::size_t{4} << 20;
  if (!result) {
    if (result.error().message.empty()) std::abort();
    return;
  }
  const std::string* text = result->string();
  if (text != nullptr && text->size() > Most) std::abort();
  if (result->print().empty() && text == nullptr) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::vector<std::string> lines = lines_of(std::string(bytes, bytes + size));
  const FunctionTable& table = injection_functions();
  constexpr std::size_t Calls = 8;
  auto at =
      std::next(table.begin(),
                static_cast<std::ptrdiff_t>(std::hash<std::string>()(lines[0]) % table.size()));
  for (std::size_t call = 0; call < Calls; ++call) {
    const Function& function = at->second;
    check(function.call(Source(lines).for_parameters(function.parameters)));
    if (++at == table.end()) at = table.begin();
  }
  return 0;
}
