#include "injector/pipeline/render_function.h"

#include "injector/template/functions.h"
#include "injector/template/template.h"

namespace sluice::injector {
namespace {

using tmpl::Value;

thread_local const Value* current = nullptr;

/// Empty for what is no template or cannot be executed, as it was.
Result<Value> render(const tmpl::Arguments& arguments) {
  const auto parsed =
      tmpl::Template::parse("render", *arguments[0].string(), tmpl::injection_functions());
  if (!parsed || current == nullptr) return Value("");
  auto text = parsed->execute(*current, tmpl::Limits{.steps = 10'000});
  return Value(text ? *std::move(text) : std::string());
}

}  // namespace

const tmpl::FunctionTable& functions_with_render() {
  static const tmpl::FunctionTable table = [] {
    tmpl::FunctionTable all = tmpl::injection_functions();
    all.emplace("render", tmpl::Function{"render", {"string"}, render});
    return all;
  }();
  return table;
}

RenderData::RenderData(const Value& data) : before_(current) {
  current = &data;
}
RenderData::~RenderData() {
  current = before_;
}

}  // namespace sluice::injector
