#pragma once

// What passes between the server, which knows sockets, and the service, which knows Kubernetes.

#include <functional>
#include <string>
#include <string_view>

namespace sluice::webhook {

/// A whole request; the views end with the call that they were handed to.
struct HttpRequest {
  std::string_view method;
  std::string_view target;  ///< as sent: path and query
  std::string_view content_type;
  std::string_view body;
};

struct HttpReply {
  int status = 200;
  std::string body;
  std::string_view content_type = "application/json";
  std::string_view allow = {};  ///< of a 405: the methods that would do
};

/// Called from every thread of a server at once; must not throw.
using Answer = std::function<HttpReply(const HttpRequest&)>;

/// The reply that explains an error, as a Kubernetes Status: the API server shows its message.
[[nodiscard]] HttpReply error_reply(int status, std::string_view message);

}  // namespace sluice::webhook
