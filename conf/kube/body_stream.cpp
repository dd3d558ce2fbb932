#include "conf/kube/body_stream.h"

#include <array>
#include <utility>

#include <boost/beast/http/buffer_body.hpp>

#include "conf/kube/http_read.h"

namespace sluice::kube {
namespace {

namespace http = boost::beast::http;
constexpr std::size_t kPiece = 16384;

}  // namespace

struct BodyStream::Parsing {
  ByteSource source;
  std::size_t longest_line;
  boost::beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
  std::string lines;         // decoded and not given out yet
  std::size_t searched = 0;  // bytes of it that hold no end of a line

  Result<void> fill();
  Result<void> step();
};

/// At least one more byte from the network into `buffer`.
Result<void> BodyStream::Parsing::fill() {
  const auto space = buffer.prepare(kPiece);
  ASSIGN_OR_RETURN(const std::size_t size, source({static_cast<char*>(space.data()), kPiece}));
  buffer.commit(size);
  if (size > 0) return {};
  boost::system::error_code error;
  parser.put_eof(error);
  if (error) return detail::http_failure(error, lines.size());
  return {};
}

/// Decodes what is in `buffer`, or waits for more.
Result<void> BodyStream::Parsing::step() {
  std::array<char, kPiece> piece;
  auto& body = parser.get().body();
  body.data = piece.data();
  body.size = piece.size();
  body.more = true;
  boost::system::error_code error;
  if (buffer.size() > 0) buffer.consume(parser.put(buffer.data(), error));
  const std::size_t size = piece.size() - body.size;
  lines.append(piece.data(), size);
  body.data = nullptr;
  if (error && error != http::error::need_more && error != http::error::need_buffer) {
    return detail::http_failure(error, lines.size());
  }
  if (size > 0 || parser.is_done()) return {};
  // Not all that was received may have been looked at: one call ends with, say, a chunk's length.
  if (!error && buffer.size() > 0) return {};
  return fill();
}

BodyStream::BodyStream(std::unique_ptr<Parsing> parsing) : parsing_(std::move(parsing)) {}
BodyStream::BodyStream(BodyStream&&) noexcept = default;
BodyStream& BodyStream::operator=(BodyStream&&) noexcept = default;
BodyStream::~BodyStream() = default;

Result<BodyStream> BodyStream::open(ByteSource source, const HttpLimits& limits) {
  auto parsing = std::make_unique<Parsing>();
  parsing->source = std::move(source);
  parsing->longest_line = limits.body;
  parsing->parser.header_limit(static_cast<std::uint32_t>(limits.header));
  parsing->parser.body_limit(boost::none);
  while (!parsing->parser.is_header_done()) {
    RETURN_IF_ERROR(parsing->fill());
    boost::system::error_code error;
    parsing->buffer.consume(parsing->parser.put(parsing->buffer.data(), error));
    if (error && error != http::error::need_more) return detail::http_failure(error, 0);
  }
  return BodyStream(std::move(parsing));
}

int BodyStream::status() const {
  return static_cast<int>(parsing_->parser.get().result_int());
}

Result<std::optional<std::string>> BodyStream::next_line() {
  Parsing& state = *parsing_;
  for (;;) {
    const std::size_t end = state.lines.find('\n', state.searched);
    if (end != std::string::npos) {
      std::string line = state.lines.substr(0, end);
      state.lines.erase(0, end + 1);
      state.searched = 0;
      return line;
    }
    state.searched = state.lines.size();
    if (state.parser.is_done()) {
      if (state.lines.empty()) return std::nullopt;
      return std::exchange(state.lines, {});
    }
    if (state.lines.size() > state.longest_line) {
      return fail(Errc::TryAgain, "not acceptable as HTTP: a line is too long");
    }
    RETURN_IF_ERROR(state.step());
  }
}

}  // namespace sluice::kube
