// sprig's functions on addresses.

#include "injector/template/functions/bind.h"
#include "injector/template/functions/text.h"
#include "injector/template/functions/url.h"

namespace sluice::tmpl {
namespace {

using std::string;

Result<Value> parsed(const string& text) {
  const auto url = parse_url(text);
  if (!url) return go_error("unable to parse url: " + url.error().message);
  return Value(Dict{{"scheme", url->scheme},
                    {"opaque", url->opaque},
                    {"userinfo", url->userinfo.value_or("")},
                    {"host", url->host},
                    {"hostname", hostname_of(url->host)},
                    {"path", url->path},
                    {"query", url->query},
                    {"fragment", url->fragment}});
}

Result<string> member(const Dict& dict, const string& key) {
  const auto at = dict.find(key);
  if (at == dict.end()) return string();
  if (at->second.string() != nullptr) return *at->second.string();
  if (is_nil_interface(at->second)) {
    return go_error("runtime error: invalid memory address or nil pointer dereference");
  }
  return go_error("unable to parse " + key + " key, must be of type string, but " +
                  string(kind_of(at->second)) + " found");
}

Result<string> joined(const Dict& dict) {
  Url url;
  ASSIGN_OR_RETURN(url.scheme, member(dict, "scheme"));
  ASSIGN_OR_RETURN(url.host, member(dict, "host"));
  ASSIGN_OR_RETURN(url.path, member(dict, "path"));
  ASSIGN_OR_RETURN(url.query, member(dict, "query"));
  ASSIGN_OR_RETURN(url.opaque, member(dict, "opaque"));
  ASSIGN_OR_RETURN(url.fragment, member(dict, "fragment"));
  ASSIGN_OR_RETURN(const string userinfo, member(dict, "userinfo"));
  if (!userinfo.empty()) {
    const auto with_user = parse_url("proto://" + userinfo + "@host");
    if (!with_user) {
      return go_error("unable to parse userinfo in dict: " + with_user.error().message);
    }
    url.userinfo = with_user->userinfo;
  }
  return url_text(url);
}

}  // namespace

void add_urls(FunctionTable& table) {
  Binder binder(table);
  binder.bind("urlParse", parsed);
  binder.bind("urlJoin", joined);
}

}  // namespace sluice::tmpl
