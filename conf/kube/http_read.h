#pragma once

// One HTTP/1 message, read from wherever its bytes come. Included by few .cpp files only: Beast is
// dear to compile. Only its parser is used: the sockets, the deadlines and TLS are in tls.h, so
// that the static, single-threaded plugin carries no event loop.

#include <cerrno>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "conf/kube/http.h"
#include "rules/base/result.h"

namespace sluice::kube {

namespace detail {

inline tl::unexpected<Error> http_failure(const boost::system::error_code& error,
                                          std::size_t body_size) {
  using HttpError = boost::beast::http::error;
  if (error == HttpError::partial_message) {
    // Between whole TLS records, and yet cut: as if the connection had been reset.
    return fail(Errc::TryAgain,
                "cut off in its middle, after " + std::to_string(body_size) + " bytes of its body",
                ECONNRESET);
  }
  return fail(Errc::TryAgain, "not acceptable as HTTP: " + error.message());
}

}  // namespace detail

/// Feeds `parser`, whose limits are set, until its message is whole. `buffer` keeps what came
/// after.
template <class Parser>
Result<void> read_message(Parser& parser, boost::beast::flat_buffer& buffer,
                          const ByteSource& source) {
  using HttpError = boost::beast::http::error;
  constexpr std::size_t Piece = 16384;  // as much as a TLS record holds
  parser.eager(true);
  while (!parser.is_done()) {
    boost::system::error_code error;
    if (buffer.size() > 0) {
      buffer.consume(parser.put(buffer.data(), error));
      if (error && error != HttpError::need_more) {
        return detail::http_failure(error, parser.get().body().size());
      }
      if (!error && buffer.size() > 0) continue;
      if (parser.is_done()) break;
    }
    const auto space = buffer.prepare(Piece);
    ASSIGN_OR_RETURN(const std::size_t size, source({static_cast<char*>(space.data()), Piece}));
    buffer.commit(size);
    if (size > 0) continue;
    if (!parser.got_some()) {
      return fail(Errc::TryAgain, "connection closed before the first byte", ECONNRESET);
    }
    error = {};
    parser.put_eof(error);
    if (error) return detail::http_failure(error, parser.get().body().size());
  }
  return {};
}

}  // namespace sluice::kube
