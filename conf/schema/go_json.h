#pragma once

// JSON as Go's encoding/json writes it: fields in the order of their declaration, zero values left
// out or not as the type says, and <, >, & escaped. Istio's agent and Istio's own injector read
// what is written so, and people compare it as text.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "conf/schema/type.h"

namespace sluice::schema {

/// `value` (nullptr: absent) of `type`; members that the type does not know are left out.
void write_go_json(std::string& out, const nlohmann::json* value, const Type& type);

/// Takes out what Go would not see as set: zero values of fields that it leaves out then.
void drop_zero_values(nlohmann::json& value, const Type& type);

/// Whether Go writes the field at all when it holds `value`: with `omitempty` nothing that is zero,
/// but a struct always.
[[nodiscard]] bool is_written(const Field& field, const nlohmann::json* value);

/// A finite float64: without an exponent where that is readable, and the shortest digits.
void write_go_float(std::string& out, double value);

enum class Html { Escape, Keep };
void write_go_string(std::string& out, std::string_view text, Html html = Html::Escape);

}  // namespace sluice::schema
