#pragma once

// The body of a response that goes on: lines, as they come.

#include <memory>
#include <optional>
#include <string>

#include "conf/kube/http.h"

namespace sluice::kube {

class BodyStream {
 public:
  /// Reads the header from `source`, which must outlive this. Errors as read_response()'s.
  [[nodiscard]] static Result<BodyStream> open(ByteSource source, const HttpLimits& limits);

  [[nodiscard]] int status() const;
  /// The next line, without its end; nothing when the body has ended as it should. A line may have
  /// `limits.body` bytes.
  [[nodiscard]] Result<std::optional<std::string>> next_line();

  BodyStream(BodyStream&&) noexcept;
  BodyStream& operator=(BodyStream&&) noexcept;
  ~BodyStream();

 private:
  struct Parsing;
  explicit BodyStream(std::unique_ptr<Parsing> parsing);
  std::unique_ptr<Parsing> parsing_;
};

}  // namespace sluice::kube
