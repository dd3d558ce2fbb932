#pragma once

// What the types of Kubernetes and Istio look like from outside: the name that a field has in Go,
// which injection templates use, the name that it has in JSON, and how lists of it are merged. One
// table of this kind serves the template engine, the strategic merge and the printing of messages,
// so that none of them can know a field that another does not.

#include <span>
#include <string_view>

namespace sluice::schema {

enum class Kind {
  Any,  ///< any JSON: Go's interface{}; its numbers are float64
  Bool,
  Int,
  Float,
  String,
  Quantity,     ///< resource.Quantity: a string or a number
  IntOrString,  ///< intstr.IntOrString
  Time,         ///< RFC 3339
  Duration,     ///< google.protobuf.Duration: "45s"
  Enum,         ///< a protobuf enum: by name in JSON, its String() in templates
  Wrapper,      ///< google.protobuf.BoolValue and the like: the bare value, or null
  List,
  Map,      ///< with string keys
  Struct,   ///< a Go struct of Kubernetes' API
  Message,  ///< a protobuf message: getters, which a nil message has too
  Pointer,  ///< to a Struct or a scalar: nil when absent
  OneOf,    ///< the choice among those fields of a Message that exclude each other
};

struct Type;

struct Field {
  std::string_view name;  ///< in Go: "ServiceAccountName"
  std::string_view json;  ///< "serviceAccountName"; empty: embedded, see below
  const Type* type;
  std::string_view merge_key =
      {};               ///< strategic merge: the field that tells a list's elements apart
  bool always = false;  ///< Go marshals it also where it is the zero value
};

/// A merge key: the elements are scalars, and differ if they are not equal.
inline constexpr std::string_view kItself = ".";

/// A struct that Go embeds, as v1.Volume does v1.VolumeSource: its fields are members of the outer
/// object in JSON, and can be named in Go as if they were the outer struct's own.
[[nodiscard]] constexpr bool embedded(const Field& field) {
  return field.json.empty();
}

struct Type {
  Kind kind;
  std::string_view name = {};          ///< in Go, for errors: "v1.Container"; of a List, Map or
                                       ///< Pointer it may be empty: it follows from the element
  const Type* element = nullptr;       ///< of List, Map, Pointer, Wrapper
  std::span<const Field> fields = {};  ///< of Struct, Message, OneOf, as they are declared
  std::span<const std::string_view> enumerators = {};  ///< of Enum; the first is the zero value
  std::span<const Field> methods = {};                 ///< of Struct: see method_by_name()
  const Type* one_of = nullptr;                        ///< of Message: among some of its fields
};

/// The field whose JSON name is `json`, or nullptr. Fields of embedded structs are found too.
[[nodiscard]] const Field* field_by_json(const Type& type, std::string_view json);
/// The field whose Go name is `name`, or nullptr. Fields of embedded structs are found too.
[[nodiscard]] const Field* field_by_name(const Type& type, std::string_view name);
/// What a method without arguments gives, as the field that it would be if it were one; it is
/// neither printed nor marshalled. Without a JSON name it gives the object itself.
[[nodiscard]] const Field* method_by_name(const Type& type, std::string_view name);

extern const Type kAny;
extern const Type kString;
extern const Type kBool;
extern const Type kInt;
extern const Type kFloat;
extern const Type kStringMap;   ///< map[string]string
extern const Type kStringList;  ///< []string

}  // namespace sluice::schema
