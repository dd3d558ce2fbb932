#pragma once

// Standard base64 with padding, as JSON carries bytes in Kubernetes.

#include <string>
#include <string_view>

namespace sluice::webhook {

void append_base64(std::string& out, std::string_view bytes);

}  // namespace sluice::webhook
