#pragma once

// What every room returns when something outside the program can go wrong. Errors are values: they
// gain context on the way up (wrap) and are printed once, where the program ends.

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace sluice {

/// The closed list of ways to fail. plugin/cni maps it to CNI error codes, plugin/cli to exit
/// statuses; nothing else may.
enum class Errc {
  Usage,          ///< environment variable or argument missing or wrong
  Version,        ///< a cniVersion that is not spoken here
  UnknownField,   ///< a key or value that this program does not support
  Malformed,      ///< bytes that are not what they should be: no JSON, no Pod
  Invalid,        ///< well-formed, but not acceptable: a bad port in an annotation
  HostNamespace,  ///< asked to program the host's own network namespace
  NotFound,       ///< the object named is not there
  Exists,         ///< the object to be created is already there
  Denied,         ///< not permitted
  TryAgain,       ///< may work later: connect, TLS, 5xx, deadline
  Unavailable,    ///< this host cannot do it at all: no nf_tables, no pod source
  Different,      ///< the kernel holds something else than it should
  Kernel,         ///< the kernel refused, with errno
  Io,             ///< a file, pipe or socket failed, with errno
};

struct [[nodiscard]] Error {
  Errc code;
  std::string message;  ///< lower case, no final period, names the thing
  int sys_errno = 0;

  /// Puts "context: " before the message; the code stays.
  [[nodiscard]] Error wrap(std::string_view context) && {
    message.insert(0, ": ").insert(0, context);
    return std::move(*this);
  }
};

/// An alias so that std::expected can take over when the toolchain moves to C++23.
template <class T = void>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string message, int sys_errno = 0) {
  return tl::unexpected<Error>(Error{code, std::move(message), sys_errno});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace sluice

#define SLUICE_CONCAT_(a, b) a##b
#define SLUICE_CONCAT(a, b) SLUICE_CONCAT_(a, b)

/// Leaves the function with the error of `expr`, if it has one.
#define RETURN_IF_ERROR(expr)                                  \
  do {                                                         \
    if (auto sluice_result = (expr); !sluice_result) {         \
      return ::sluice::fail(std::move(sluice_result).error()); \
    }                                                          \
  } while (false)

/// Declares `decl` with the value of `expr`, or leaves the function with its error.
#define ASSIGN_OR_RETURN(decl, expr) \
  ASSIGN_OR_RETURN_IMPL(SLUICE_CONCAT(result_at_, __LINE__), decl, expr)
#define ASSIGN_OR_RETURN_IMPL(result, decl, expr)                \
  auto result = (expr);                                          \
  if (!result) return ::sluice::fail(std::move(result).error()); \
  decl = std::move(*result)
