#include "injector/template/functions/url.h"

#include <algorithm>

#include <arpa/inet.h>

#include "injector/template/functions/text.h"
#include "injector/template/print.h"
#include "rules/base/hex.h"

namespace sluice::tmpl {
namespace {

using std::string;

/// Where a text stands, which decides what must be escaped there.
enum class Part { Path, User, Host, Zone, Fragment };

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

bool must_escape(char c, Part part) {
  if (is_alphanumeric(c) || is_one_of(c, "-_.~")) return false;
  switch (part) {
    case Part::Host:
    case Part::Zone:
      return !is_one_of(c, "!$&'()*+,;=:[]<>\"");
    case Part::Path:
      return !is_one_of(c, "$&+,/:;=@");
    case Part::User:
      return !is_one_of(c, "$&+,;=");
    case Part::Fragment:
      return !is_one_of(c, "$&+,/:;=?@!()*");
  }
  return true;
}

string escape(std::string_view text, Part part) {
  string out;
  for (const char c : text) {
    if (!must_escape(c, part)) {
      out += c;
      continue;
    }
    append_hex(out += '%', static_cast<unsigned char>(c), 2, HexCase::Upper);
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// In a host only bytes beyond ASCII may be escaped; in a zone also what might stand there anyway.
bool may_be_escaped(std::string_view triple, char c, Part part) {
  if (triple == "%25") return true;
  if (part == Part::Host) return static_cast<unsigned char>(c) >= 0x80;
  return part != Part::Zone || c == ' ' || !must_escape(c, Part::Host);
}

Result<string> unescape(std::string_view text, Part part) {
  string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '%') {
      const bool in_host = part == Part::Host || part == Part::Zone;
      if (in_host && static_cast<unsigned char>(c) < 0x80 && must_escape(c, part)) {
        return go_error("invalid character " + quote(string(1, c)) + " in host name");
      }
      out += c;
      continue;
    }
    const std::string_view triple = text.substr(at, 3);
    const bool whole = triple.size() == 3 && hex_digit(triple[1]) >= 0 && hex_digit(triple[2]) >= 0;
    const auto byte =
        whole ? static_cast<char>(hex_digit(triple[1]) * 16 + hex_digit(triple[2])) : '\0';
    if (!whole || !may_be_escaped(triple, byte, part)) {
      return go_error("invalid URL escape " + quote(triple));
    }
    out += byte;
    at += 2;
  }
  return out;
}

bool is_port(std::string_view text) {
  if (text.empty()) return true;
  return text[0] == ':' && text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

tl::unexpected<Error> bad_port(std::string_view port) {
  return go_error("invalid port " + quote(port) + " after host");
}

Result<string> literal_host(std::string_view host) {
  const std::size_t close = host.rfind(']');
  if (close == std::string_view::npos) return go_error("missing ']' in host");
  const std::string_view port = host.substr(close + 1);
  if (!is_port(port)) return bad_port(port);
  const std::string_view inside = host.substr(1, close - 1);
  const std::size_t zone_at = inside.find("%25");
  ASSIGN_OR_RETURN(string address, unescape(inside.substr(0, zone_at), Part::Host));
  in6_addr parsed{};
  if (::inet_pton(AF_INET, address.c_str(), &parsed) == 1) return go_error("invalid IP-literal");
  if (::inet_pton(AF_INET6, address.c_str(), &parsed) != 1) {
    return go_error("invalid host: ParseAddr(" + quote(address) + "): unable to parse IP");
  }
  if (zone_at != std::string_view::npos) {
    ASSIGN_OR_RETURN(const string zone, unescape(inside.substr(zone_at), Part::Zone));
    address += zone;
  }
  return "[" + address + "]" + string(port);
}

Result<string> parse_host(std::string_view scheme, std::string_view host) {
  const std::size_t bracket = host.rfind('[');
  if (bracket == 0) return literal_host(host);
  if (bracket != std::string_view::npos) return go_error("invalid IP-literal");
  if (std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    // Other schemes' hosts may be lists, with a port each.
    if (scheme != "http" && scheme != "https") colon = host.rfind(':');
    if (!is_port(host.substr(colon))) return bad_port(host.substr(colon));
  }
  return unescape(host, Part::Host);
}

Result<string> parse_userinfo(std::string_view text) {
  const bool good = std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || is_one_of(c, "-._:~!$&'()*+,;=%@");
  });
  if (!good) return go_error("net/url: invalid userinfo");
  const std::size_t colon = text.find(':');
  ASSIGN_OR_RETURN(const string name, unescape(text.substr(0, colon), Part::User));
  if (colon == std::string_view::npos) return escape(name, Part::User);
  ASSIGN_OR_RETURN(const string password, unescape(text.substr(colon + 1), Part::User));
  return escape(name, Part::User) + ":" + escape(password, Part::User);
}

/// Takes "scheme:" off the front, if it is there.
Result<string> take_scheme(std::string_view& text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == ':') {
      if (at == 0) return go_error("missing protocol scheme");
      string scheme(text.substr(0, at));
      std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
      });
      text.remove_prefix(at + 1);
      return scheme;
    }
    const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (!letter && (at == 0 || !(is_alphanumeric(c) || is_one_of(c, "+-.")))) break;
  }
  return string();
}

Result<void> take_authority(std::string_view& rest, Url& url) {
  std::string_view authority = rest.substr(2);
  const std::size_t slash = authority.find('/');
  rest = slash == std::string_view::npos ? std::string_view() : authority.substr(slash);
  authority = authority.substr(0, slash);
  const std::size_t at = authority.rfind('@');
  const bool user = at != std::string_view::npos;
  ASSIGN_OR_RETURN(url.host, parse_host(url.scheme, user ? authority.substr(at + 1) : authority));
  if (user) {
    ASSIGN_OR_RETURN(url.userinfo, parse_userinfo(authority.substr(0, at)));
  }
  return {};
}

Result<Url> without_fragment(std::string_view text) {
  Url url;
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (control) return go_error("net/url: invalid control character in URL");
  if (text == "*") {
    url.path = "*";
    return url;
  }
  std::string_view rest = text;
  ASSIGN_OR_RETURN(url.scheme, take_scheme(rest));
  if (const std::size_t mark = rest.find('?'); mark != std::string_view::npos) {
    url.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = rest;
      return url;
    }
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos) {
      return go_error("first path segment in URL cannot contain colon");
    }
  }
  if (rest.starts_with("//") && (!url.scheme.empty() || !rest.starts_with("///"))) {
    RETURN_IF_ERROR(take_authority(rest, url));
  }
  ASSIGN_OR_RETURN(url.path, unescape(rest, Part::Path));
  return url;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const std::size_t hash = text.find('#');
  auto url = without_fragment(text.substr(0, hash));
  if (!url) return fail(std::move(url).error().wrap("parse " + quote(text.substr(0, hash))));
  if (hash == std::string_view::npos) return url;
  auto fragment = unescape(text.substr(hash + 1), Part::Fragment);
  if (!fragment) return fail(std::move(fragment).error().wrap("parse " + quote(text)));
  url->fragment = std::move(*fragment);
  return url;
}

string url_text(const Url& url) {
  string out = url.scheme.empty() ? "" : url.scheme + ":";
  if (!url.opaque.empty()) {
    out += url.opaque;
  } else {
    const bool authority = !url.host.empty() || url.userinfo.has_value();
    if (authority || (!url.scheme.empty() && !url.path.empty())) out += "//";
    if (url.userinfo) out += *url.userinfo + "@";
    out += escape(url.host, Part::Host);
    const string path = url.path == "*" ? url.path : escape(url.path, Part::Path);
    if (!path.empty() && path.front() != '/' && !url.host.empty()) out += '/';
    const bool colon = path.substr(0, path.find('/')).find(':') != string::npos;
    if (out.empty() && colon) out += "./";
    out += path;
  }
  if (!url.query.empty()) out += "?" + url.query;
  if (!url.fragment.empty()) out += "#" + escape(url.fragment, Part::Fragment);
  return out;
}

string hostname_of(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && is_port(host.substr(colon))) host = host.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return string(host);
}

}  // namespace sluice::tmpl
