// sprig's functions on JSON.

#include "injector/template/functions/bind.h"
#include "injector/template/functions/go_json.h"
#include "injector/template/functions/text.h"

namespace sluice::tmpl {

void add_json(FunctionTable& table) {
  Binder binder(table);
  using std::string;
  binder.bind("mustFromJson", [](const string& text) -> Result<Value> {
    JsonRead read = from_json_text(text);
    if (!read.error.empty()) return go_error(std::move(read.error));
    return std::move(read.value);
  });
  binder.bind("fromJson", [](const string& text) { return from_json_text(text).value; });
  struct Writing {
    std::string_view name;
    std::string_view must;
    Html html;
    Layout layout;
  };
  for (const Writing& writing :
       {Writing{"toJson", "mustToJson", Html::Escape, Layout::Compact},
        Writing{"toPrettyJson", "mustToPrettyJson", Html::Escape, Layout::Indented}}) {
    const auto write = [writing](const Value& value) {
      return to_json_text(value, writing.html, writing.layout);
    };
    binder.bind(writing.must, write);
    binder.bind(writing.name, [write](const Value& value) { return text_or(write(value), ""); });
  }
  binder.bind("toRawJson", [](const Value& value) { return to_json_text(value, Html::Keep); });
  binder.alias("mustToRawJson", "toRawJson");
}

}  // namespace sluice::tmpl
