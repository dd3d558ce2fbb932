#include "conf/kube/client.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "conf/kube/connect.h"
#include "conf/kube/read_file.h"
#include "rules/base/trimmed.h"

namespace sluice::kube {
namespace {

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

/// A request may be answered before it has been read whole; then the answer, or a TLS alert, says
/// more than that the connection is gone.
bool worth_reading(const Error& error) {
  return error.sys_errno == EPIPE || error.sys_errno == ECONNRESET;
}

Error during(std::string_view step, Error error) {
  if (error.sys_errno == ETIMEDOUT) error.message = "no time left";
  return std::move(error).wrap(step);
}

}  // namespace

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Client::Client(ClusterAccess access, ClientLimits limits, SslContext context)
    : access_(std::move(access)),
      limits_(limits),
      context_(std::move(context)),
      authority_(host_and_port(access_.host, access_.port)),
      server_("https://" + authority_ + access_.path_prefix) {}

Result<Client> Client::create(ClusterAccess access, ClientLimits limits) {
  auto context = client_context(access.ca_pem, access.client_certificate);
  if (!context) return fail(std::move(context).error().wrap(access.origin));
  return Client(std::move(access), limits, std::move(*context));
}

Result<TlsStream> Client::open(Deadline deadline) const {
  auto socket = connect_tcp(access_.host, access_.port, limits_.connect, deadline);
  if (!socket) return fail(std::move(socket).error());
  const auto& peer = access_.tls_server_name.empty() ? access_.host : access_.tls_server_name;
  auto stream = TlsStream::connect(*context_, std::move(*socket), peer, deadline);
  if (!stream) return fail(during("TLS handshake", std::move(stream).error()));
  return stream;
}

/// The header line that says who asks; empty without a token.
Result<std::string> Client::authorization() const {
  std::string token = access_.token;
  std::string from = access_.origin;
  if (!access_.token_file.empty()) {
    from = access_.token_file;
    ASSIGN_OR_RETURN(token, read_file(access_.token_file));
    token = trimmed(token);
    if (token.empty()) return fail(Errc::Invalid, from + ": the token is empty");
  }
  if (token.empty()) return std::string();
  // A line break in it would begin a header of its own.
  if (!is_printable(token)) return fail(Errc::Invalid, from + ": the token is not printable");
  return "Authorization: Bearer " + token + "\r\n";
}

/// Request line and header.
Result<std::string> Client::head(const Request& request) const {
  if (!request.path.starts_with('/') || !is_printable(request.path)) {
    return fail(Errc::Invalid, "the path is not absolute and percent-encoded");
  }
  ASSIGN_OR_RETURN(const std::string authorized, authorization());
  std::string text(request.method);
  text += " " + access_.path_prefix + std::string(request.path) + " HTTP/1.1\r\nHost: ";
  text += authority_ + "\r\nUser-Agent: sluice\r\nAccept: application/json\r\n" + authorized;
  if (!request.content_type.empty()) {
    text.append("Content-Type: ").append(request.content_type).append("\r\nContent-Length: ");
    text += std::to_string(request.body.size()) + "\r\n";
  }
  return text + "Connection: close\r\n\r\n";
}

Result<TlsStream> Client::started(const Request& request, Deadline deadline) const {
  ASSIGN_OR_RETURN(std::string bytes, head(request));
  ASSIGN_OR_RETURN(TlsStream stream, open(deadline));
  bytes += request.body;
  const auto sent = stream.write_all(bytes, deadline);
  if (!sent && !worth_reading(sent.error())) return fail(during("request", sent.error()));
  return stream;
}

Result<Response> Client::exchange(const Request& request, Deadline deadline) const {
  ASSIGN_OR_RETURN(TlsStream stream, started(request, deadline));
  const auto source = [&](std::span<char> into) { return stream.read_some(into, deadline); };
  auto response = read_response(source, limits_.http);
  if (!response) return fail(during("answer", std::move(response).error()));
  return response;
}

Result<Response> Client::send(const Request& request, Deadline deadline) const {
  const std::string what = named(request);
  auto response = exchange(request, deadline);
  if (!response) return fail(std::move(response).error().wrap(printable(what, 512)));
  response->request = what;
  return response;
}

Result<Response> Client::get(std::string_view path, Deadline deadline) const {
  return send({"GET", path}, deadline);
}

Result<TlsStream> Client::begin(const Request& request, Deadline deadline) const {
  auto stream = started(request, deadline);
  if (!stream) return fail(std::move(stream).error().wrap(printable(named(request), 512)));
  return stream;
}

std::string Client::named(const Request& request) const {
  return std::string(request.method) + " " + server_ + std::string(request.path);
}

}  // namespace sluice::kube
