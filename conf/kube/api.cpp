#include "conf/kube/api.h"

#include <utility>

#include "rules/base/hex.h"
#include "rules/base/json.h"

namespace sluice::kube {
namespace {

using nlohmann::json;

Errc code_of(int status, Errc otherwise) {
  switch (status) {
    case 400:
    case 422:
      return Errc::Invalid;
    case 401:
    case 403:
      return Errc::Denied;
    case 409:
      return Errc::Exists;
    default:
      return otherwise;
  }
}

Result<json> exchanged(const Client& client, const Request& request, Deadline deadline) {
  ASSIGN_OR_RETURN(Response response, client.send(request, deadline));
  return object_of(std::move(response));
}

}  // namespace

Result<json> object_of(Response response) {
  const int status = response.status;
  const std::string request = response.request;
  auto body = body_of(std::move(response));
  if (!body) {
    Error error = std::move(body).error();
    error.code = code_of(status, error.code);
    return fail(std::move(error));
  }
  json object = json::parse(*body, nullptr, false);
  if (!object.is_object()) return fail(Errc::Malformed, request + ": the answer is no JSON object");
  return object;
}

Result<json> read_object(const Client& client, std::string_view path, Deadline deadline) {
  return exchanged(client, {"GET", path}, deadline);
}

Result<json> create_object(const Client& client, std::string_view path, const json& object,
                           Deadline deadline) {
  return exchanged(client, {"POST", path, "application/json", object.dump()}, deadline);
}

Result<json> replace_object(const Client& client, std::string_view path, const json& object,
                            Deadline deadline) {
  return exchanged(client, {"PUT", path, "application/json", object.dump()}, deadline);
}

Result<json> patch_object(const Client& client, std::string_view path, const json& operations,
                          Deadline deadline) {
  return exchanged(client, {"PATCH", path, "application/json-patch+json", operations.dump()},
                   deadline);
}

Result<Listed> list_objects(const Client& client, const std::string& path, const std::string& query,
                            int page, std::chrono::milliseconds per_page) {
  Listed listed;
  std::string proceed;
  do {
    std::string whole = path + "?limit=" + std::to_string(page);
    if (!query.empty()) whole += "&" + query;
    if (!proceed.empty()) whole += "&continue=" + query_escaped(proceed);
    ASSIGN_OR_RETURN(json answer, read_object(client, whole, in(per_page)));
    json* items = member(answer, "items");
    if (items != nullptr && items->is_array()) {
      for (json& item : *items) listed.items.push_back(std::move(item));
    }
    listed.version = text_at(answer, {"metadata", "resourceVersion"});
    proceed = text_at(answer, {"metadata", "continue"});
  } while (!proceed.empty());
  if (listed.version.empty()) {
    return fail(Errc::Malformed, "GET " + client.server() + path + ": no list with a version");
  }
  return listed;
}

std::string query_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      escaped += c;
    } else {
      append_hex(escaped += '%', static_cast<unsigned char>(c), 2, HexCase::Upper);
    }
  }
  return escaped;
}

}  // namespace sluice::kube
