#include "injector/template/print.h"

#include "injector/template/printer.h"
#include "injector/template/walk.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

/// Whether `verb` takes what a String method gives.
bool is_for_text(char32_t verb) {
  return verb == 'v' || verb == 's' || verb == 'x' || verb == 'X' || verb == 'q';
}

bool is_nil(const Value& value) {
  const Shape shape = shape_of(value);
  return shape == Shape::Nil || shape == Shape::Invalid;
}

}  // namespace

void Printer::pad(std::string_view printed, bool zeros) {
  std::size_t runes = 0;
  if (flags_.width) {
    for (const char c : printed) runes += (c & 0xc0) != 0x80 ? 1U : 0U;
  }
  const auto width = static_cast<std::size_t>(flags_.width.value_or(0));
  const std::size_t missing = runes < width ? width - runes : 0;
  if (!flags_.minus) out_.append(missing, zeros ? '0' : ' ');
  out_ += printed;
  if (flags_.minus) out_.append(missing, ' ');
}

void Printer::bad_verb(char32_t verb, std::string_view type, const Value* value) {
  append_rune(out_ += "%!", verb);
  out_ += '(';
  out_ += type;
  if (value != nullptr) {
    out_ += '=';
    print(*value, 'v', 0);
  }
  out_ += ')';
}

void Printer::operand(const Value& value, char32_t verb) {
  if (is_nil(value)) {
    if (verb == 'v' || verb == 'T') return pad("<nil>");
    return bad_verb(verb, "<nil>", nullptr);
  }
  if (verb == 'T') return text(value.type_name(), 's');
  print(value, verb, 0);
}

/// What is in a list, map or struct.
void Printer::nested(const Value& value, char32_t verb, int depth) {
  if (is_nil(value)) {
    out_ += flags_.go_syntax ? "interface {}(nil)" : "<nil>";
  } else {
    print(value, verb, depth);
  }
}

void Printer::print(const Value& value, char32_t verb, int depth) {
  // sprig's `set` can put a dict into itself, which would print without end.
  constexpr int Deepest = 200;
  constexpr std::size_t Longest = 4u << 20;
  if (depth > Deepest || out_.size() > Longest) {
    out_ += "...";
    return;
  }
  const auto* view = std::get_if<View>(&value.held());
  if (view != nullptr && is_for_text(verb)) {
    if (const auto named = text_of_named(*view)) return text(*named, verb);
  }
  switch (shape_of(value)) {
    case Shape::Bool:
      return boolean(std::get<bool>(value.held()), verb);
    case Shape::Int:
      return number(view != nullptr ? named_number(*view) : std::get<std::int64_t>(value.held()),
                    verb);
    case Shape::Float:
      return real(std::get<double>(value.held()), verb);
    case Shape::String:
      return text(*value.string(), verb);
    case Shape::Slice:
      return list(value, verb, depth);
    case Shape::Map:
      return map(value, verb, depth);
    case Shape::Struct:
      return structure(*view, verb, depth);
    case Shape::Pointer:
      return pointer(*view, verb, depth);
    default:
      return nested(value, verb, depth);
  }
}

void Printer::list(const Value& value, char32_t verb, int depth) {
  if (flags_.go_syntax) out_ += value.type_name();
  if (flags_.go_syntax && value.nil()) {
    out_ += "(nil)";
    return;
  }
  out_ += flags_.go_syntax ? '{' : '[';
  bool first = true;
  each_element(value, [&](const Value& item) {
    if (!first) out_ += flags_.go_syntax ? ", " : " ";
    first = false;
    nested(item, verb, depth + 1);
  });
  out_ += flags_.go_syntax ? '}' : ']';
}

void Printer::map(const Value& value, char32_t verb, int depth) {
  out_ += flags_.go_syntax ? value.type_name() : "map";
  if (flags_.go_syntax && value.nil()) {
    out_ += "(nil)";
    return;
  }
  out_ += flags_.go_syntax ? '{' : '[';
  bool first = true;
  each_member(value, [&](const std::string& name, const Value& member) {
    if (!first) out_ += flags_.go_syntax ? ", " : " ";
    first = false;
    text(name, verb);
    out_ += ':';
    nested(member, verb, depth + 1);
  });
  out_ += flags_.go_syntax ? '}' : ']';
}

void Printer::structure(const View& view, char32_t verb, int depth) {
  if (flags_.go_syntax) out_ += type_name(*view.type);
  out_ += '{';
  bool first = true;
  for (const schema::Field& field : view.type->fields) {
    if (!first) out_ += flags_.go_syntax ? ", " : " ";
    first = false;
    if (flags_.field_names || flags_.go_syntax) (out_ += field.name) += ':';
    nested(Value::view(member_of(view.json, field), *field.type), verb, depth + 1);
  }
  out_ += '}';
}

/// Go prints the addresses of pointers that are inside something; here what they point to stands.
void Printer::pointer(const View& view, char32_t verb, int depth) {
  const Value value(view);
  if (value.nil()) {
    if (verb == 'v') return pad(flags_.go_syntax ? "(" + value.type_name() + ")(nil)" : "<nil>");
    append_rune(out_ += "%!", verb);
    out_ += "(" + value.type_name() + "=<nil>)";
    return;
  }
  if (view.type->kind != schema::Kind::Pointer) {
    return text(text_of_named(view).value_or(""), verb);
  }
  const Value target = Value::view(view.json, element_type(*view.type));
  if (shape_of(target) == Shape::Struct) out_ += '&';
  print(target, verb, depth + 1);
}

void append_printed(std::string& out, const Value& value) {
  if (const auto* text = value.string()) {
    out += *text;
    return;
  }
  Printer(out, {}).operand(value, 'v');
}

std::string sprint(std::span<const Value> operands) {
  std::string out;
  bool after_text = true;
  for (const Value& operand : operands) {
    const bool text = operand.string() != nullptr;
    if (!text && !after_text) out += ' ';
    append_printed(out, operand);
    after_text = text;
  }
  return out;
}

std::string sprintln(std::span<const Value> operands) {
  std::string out;
  for (const Value& operand : operands) {
    if (&operand != operands.data()) out += ' ';
    append_printed(out, operand);
  }
  return out += '\n';
}

}  // namespace sluice::tmpl
