#include "injector/template/compare.h"

#include <array>

#include "injector/template/print.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {
namespace {

bool is_basic(Shape shape) {
  return shape == Shape::Bool || shape == Shape::Int || shape == Shape::Float ||
         shape == Shape::String;
}

/// A nil interface is as nothing at all.
Shape kind_of(const Value& value) {
  const Shape shape = shape_of(value);
  return shape == Shape::Nil ? Shape::Invalid : shape;
}

/// An integer, or the number of an enumerator.
std::int64_t integer_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value.held())) return *number;
  return named_number(std::get<View>(value.held()));
}

std::string incompatible(const Value& left, const Value& right) {
  return "incompatible types for comparison: " + left.type_name() + " and " + right.type_name();
}

/// Whether Go's == is defined for what is no basic type.
bool is_comparable(const View* view) {
  if (view == nullptr) return false;
  switch (view->type->kind) {
    case schema::Kind::Any:
    case schema::Kind::List:
    case schema::Kind::Map:
    case schema::Kind::Struct:
      return false;
    default:
      return true;
  }
}

/// Pointers, and what Go would call not comparable.
bool is_equal_compound(const Value& left, const Value& right, bool& equal, std::string& error) {
  const Shape left_kind = kind_of(left);
  const Shape right_kind = kind_of(right);
  const bool left_nil = left_kind == Shape::Invalid || left.nil();
  const bool right_nil = right_kind == Shape::Invalid || right.nil();
  if (left_kind != right_kind && left_kind != Shape::Invalid && right_kind != Shape::Invalid) {
    const std::array<Value, 4> operands{left, left.type_name(), right.type_name(), right};
    error = sprintf("non-comparable types %s: %v, %s: %v", operands);
    return false;
  }
  if (left_nil || right_nil) {
    equal = left_nil == right_nil;
    return true;
  }
  const auto* left_view = std::get_if<View>(&left.held());
  const auto* right_view = std::get_if<View>(&right.held());
  if (!is_comparable(right_view)) {
    const std::array<Value, 2> operands{right, right.type_name()};
    error = sprintf("non-comparable type %s: %v", operands);
    return false;
  }
  const bool pointers = left_kind == Shape::Pointer;
  equal = left_view != nullptr && left_view->type == right_view->type &&
          (pointers ? left_view->json == right_view->json : left.to_json() == right.to_json());
  return true;
}

}  // namespace

bool is_equal(const Value& left, const Value& right, bool& equal, std::string& error) {
  equal = false;
  const Shape left_kind = kind_of(left);
  const Shape right_kind = kind_of(right);
  if (!is_basic(left_kind) && !is_basic(right_kind)) {
    return is_equal_compound(left, right, equal, error);
  }
  if (left_kind != right_kind) {
    if (left_kind == Shape::Invalid || right_kind == Shape::Invalid) return true;
    error = incompatible(left, right);
    return false;
  }
  switch (left_kind) {
    case Shape::Bool:
      equal = std::get<bool>(left.held()) == std::get<bool>(right.held());
      break;
    case Shape::Int:
      equal = integer_of(left) == integer_of(right);
      break;
    case Shape::Float:
      equal = std::get<double>(left.held()) == std::get<double>(right.held());
      break;
    default:
      equal = *left.string() == *right.string();
      break;
  }
  return true;
}

bool is_less(const Value& left, const Value& right, bool& less, std::string& error) {
  const Shape left_kind = kind_of(left);
  const Shape right_kind = kind_of(right);
  less = false;
  if (!is_basic(left_kind) || !is_basic(right_kind)) {
    error = "invalid type for comparison";
    return false;
  }
  if (left_kind != right_kind) {
    error = incompatible(left, right);
    return false;
  }
  switch (left_kind) {
    case Shape::Int:
      less = integer_of(left) < integer_of(right);
      return true;
    case Shape::Float:
      less = std::get<double>(left.held()) < std::get<double>(right.held());
      return true;
    case Shape::String:
      less = *left.string() < *right.string();
      return true;
    default:
      error = "invalid type for comparison";
      return false;
  }
}

}  // namespace sluice::tmpl
