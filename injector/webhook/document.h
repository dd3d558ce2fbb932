#pragma once

// JSON from a stranger, built in one pass, of which only what is wanted is kept. A few times as
// fast as the library's own, which a review would spend much of its time in.

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "rules/base/result.h"

namespace sluice::webhook {

/// The keys of the objects that lead to a member, its own last. Elements of lists have no key; what
/// is inside a list is never asked about.
using Path = std::vector<std::string_view>;
using Keep = bool (*)(const Path&);

/// One JSON document (RFC 8259, in UTF-8); of equal keys the last counts. Asks `keep` about members
/// down to four levels, and keeps all below one that it keeps. Malformed for what is no JSON, and
/// for more than 256 levels, which would end the stack of what walks it.
[[nodiscard]] Result<nlohmann::json> parse_document(std::string_view text, Keep keep);

}  // namespace sluice::webhook
