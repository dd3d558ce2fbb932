#pragma once

// The library's header; and what it makes of nlohmann::json is compiled once, in instances.cpp,
// not in each of the files that include it, most of which take half as long then.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include_next <nlohmann/json.hpp>

namespace sluice::json_input {
using String = nlohmann::detail::iterator_input_adapter<std::string::const_iterator>;
using View = nlohmann::detail::iterator_input_adapter<const char*>;
}  // namespace sluice::json_input

// `extern template` says that they are elsewhere, `template` makes them.
#define SLUICE_JSON_INSTANCES(declare)                                                \
  declare class nlohmann::basic_json<>;                                               \
  declare class nlohmann::detail::iter_impl<const nlohmann::json>;                    \
  declare class nlohmann::detail::serializer<nlohmann::json>;                         \
  declare class nlohmann::detail::json_sax_dom_parser<nlohmann::json>;                \
  declare class nlohmann::detail::json_sax_dom_callback_parser<nlohmann::json>;       \
  declare class nlohmann::detail::lexer<nlohmann::json, sluice::json_input::String>;  \
  declare class nlohmann::detail::lexer<nlohmann::json, sluice::json_input::View>;    \
  declare class nlohmann::detail::parser<nlohmann::json, sluice::json_input::String>; \
  declare class nlohmann::detail::parser<nlohmann::json, sluice::json_input::View>;   \
  declare class std::vector<nlohmann::json>;                                          \
  declare class std::map<std::string, nlohmann::json, std::less<>>;

SLUICE_JSON_INSTANCES(extern template)
