#include "conf/kube/http.h"

#include <algorithm>
#include <cerrno>

#include <nlohmann/json.hpp>

#include "conf/kube/http_read.h"
#include "rules/base/decimal.h"
#include "rules/base/json.h"

namespace sluice::kube {
namespace {

namespace http = boost::beast::http;

Response taken(http::response<http::string_body>&& message) {
  Response response;
  response.status = static_cast<int>(message.result_int());
  response.reason = printable({message.reason().data(), message.reason().size()}, 64);
  if (const auto after = message.find(http::field::retry_after); after != message.end()) {
    constexpr std::uint64_t Year = 365UL * 86400;
    const auto value = after->value();
    if (const auto seconds = parse_decimal({value.data(), value.size()}, Year)) {
      response.retry_after = std::chrono::seconds(*seconds);
    }
  }
  response.body = std::move(message.body());
  return response;
}

/// The message of a Kubernetes Status, empty if the body is none.
std::string status_message(const std::string& body) {
  constexpr std::size_t LargestStatus = std::size_t{64} << 10;
  if (body.size() > LargestStatus) return {};
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (text_at(json, {"kind"}) != "Status") return {};
  return printable(text_at(json, {"message"}), 512);
}

}  // namespace

Result<Response> read_response(const ByteSource& source, const HttpLimits& limits) {
  boost::beast::flat_buffer buffer;
  // A server may send any number of interim responses; nobody needs more than a few.
  for (int interim = 0; interim < 8; ++interim) {
    http::response_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.header));
    parser.body_limit(limits.body);
    RETURN_IF_ERROR(read_message(parser, buffer, source));
    if (parser.get().result_int() >= 200) return taken(parser.release());
  }
  return fail(Errc::TryAgain, "not acceptable as HTTP: too many interim responses");
}

Result<std::string> body_of(Response response) {
  if (response.status >= 200 && response.status < 300) return std::move(response.body);
  std::string text = std::move(response.request) + ": " + std::to_string(response.status);
  if (!response.reason.empty()) text += " " + response.reason;
  if (const std::string message = status_message(response.body); !message.empty()) {
    text += ": " + message;
  }
  return fail(response.status == 404 ? Errc::NotFound : Errc::TryAgain, std::move(text));
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string line(text.substr(0, limit));
  std::replace_if(line.begin(), line.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
  std::replace_if(line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > limit) line += "...";
  return line;
}

}  // namespace sluice::kube
