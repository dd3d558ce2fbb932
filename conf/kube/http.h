#pragma once

// HTTP/1.1 as the Kubernetes API speaks it, apart from any connection.

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "rules/base/result.h"

namespace sluice::kube {

struct HttpLimits {
  std::size_t header = std::size_t{32} << 10;
  std::size_t body = std::size_t{8} << 20;  ///< etcd keeps an object below 2 MiB
};

/// A whole answer, whatever its status.
struct Response {
  std::string request;  ///< what was asked, for messages: "GET https://10.0.0.1:443/api/v1/..."
  int status = 0;
  std::string reason;                               ///< of the status line, made printable
  std::optional<std::chrono::seconds> retry_after;  ///< only in its form of seconds
  std::string body;
};

/// Gives at least one byte, or none at the orderly end of the connection.
using ByteSource = std::function<Result<std::size_t>(std::span<char>)>;

/// Reads one response from `source`, past interim ones (1xx). A body beyond its limit is refused as
/// soon as its length is known. TryAgain for whatever is no whole, acceptable response.
[[nodiscard]] Result<Response> read_response(const ByteSource& source, const HttpLimits& limits);

/// The body of a response with a status of 200 to 299. Otherwise an error that reads "REQUEST: 403
/// Forbidden: MESSAGE", the message being that of the Kubernetes Status in the body, if there is
/// one: NotFound for 404, else TryAgain.
[[nodiscard]] Result<std::string> body_of(Response response);

/// `text` as one printable line of at most `limit` bytes: every byte that is no printable ASCII
/// becomes a space or '?', and the rest is cut off with "...". For text that a server sent.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit);

}  // namespace sluice::kube
