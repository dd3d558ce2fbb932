#pragma once

// Go's text/template: parsed once, executed many times, from many threads at once.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "injector/template/value.h"
#include "rules/base/result.h"

namespace sluice::tmpl {

struct Delimiters {
  std::string_view left = "{{";
  std::string_view right = "}}";
};

/// So that no template and no pod can hang or exhaust the server.
struct Limits {
  std::size_t output_bytes = 4u << 20;
  std::size_t steps = 1'000'000;  ///< nodes executed and loop turns
  int depth = 100;                ///< templates that call templates
};

/// Where output goes. The engine says which of it is the template's own text, and which came out
/// of an action, so that a receiver can tell the skeleton of a document from what fills it. The
/// template's own lives as long as the template, each text at a place of its own.
class Output {
 public:
  virtual ~Output() = default;
  virtual void text(std::string_view literal) = 0;
  virtual void action(std::string_view printed) = 0;
};

class Template {
 public:
  /// Malformed, with name, line and what is wrong in Go's words, for what does not parse or names
  /// an unknown function. `functions` must outlive the template; Go's own (and, eq, index, printf,
  /// ...) are always there.
  [[nodiscard]] static Result<Template> parse(std::string name, std::string text,
                                              const FunctionTable& functions,
                                              Delimiters delimiters = {});

  /// Makes the most of data whose root has these members in every execution from now on. Changes no
  /// output and no error, but spares the steps.
  void settle(const Dict& constants);

  /// Invalid, in the words of Go's ExecError ("template: NAME:LINE:COLUMN: executing ... at
  /// <...>: ..."), for what goes wrong, limits included.
  [[nodiscard]] Result<void> execute(const Value& data, Output& output, Limits limits = {}) const;
  [[nodiscard]] Result<std::string> execute(const Value& data, Limits limits = {}) const;

  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;
  ~Template();

  struct Tree;

 private:
  explicit Template(std::unique_ptr<Tree> tree);
  std::unique_ptr<Tree> tree_;
};

}  // namespace sluice::tmpl
