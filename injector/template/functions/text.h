#pragma once

// What several topics do with values and strings.

#include <optional>
#include <string>
#include <string_view>

#include "injector/template/functions/made.h"
#include "rules/base/result.h"

namespace sluice::tmpl {

/// The error of a Go function: what it says, or what the panic says that it ends in.
[[nodiscard]] inline tl::unexpected<Error> go_error(std::string message) {
  return fail(Errc::Invalid, std::move(message));
}

/// An interface that holds nothing.
[[nodiscard]] bool is_nil_interface(const Value& value);
/// The member of a map, owned or seen; nothing if there is none.
[[nodiscard]] std::optional<Value> member_at(const Value& map, const std::string& key);
/// A text as sprig sees it: a string is itself, anything else as it prints.
[[nodiscard]] std::string text_of(const Value& value);
/// The texts in a list, nil ones left out; of anything else its own text.
[[nodiscard]] Strings texts_of(const Value& value);
/// reflect's word for the kind: "slice", "map", "int", "ptr", "invalid".
[[nodiscard]] std::string_view kind_of(const Value& value);
/// reflect.DeepEqual. Invalid for values too large to compare.
[[nodiscard]] Result<bool> deep_equal(const Value& a, const Value& b);

/// strings.Split and SplitN: an empty separator splits after each rune, `most` < 0 is no limit.
[[nodiscard]] Result<Strings> split(std::string_view text, std::string_view separator,
                                    std::int64_t most = -1);
[[nodiscard]] Result<std::string> join(const Strings& parts, std::string_view separator);
[[nodiscard]] Result<std::string> replace_all(std::string_view text, std::string_view old,
                                              std::string_view replacement);

}  // namespace sluice::tmpl
