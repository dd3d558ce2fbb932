#pragma once

// Tables of (template, what Go gives for it): output or error. Every expectation was given by
// text/template itself (Go 1.26), over the same data and functions as here.

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "injector/template/template.h"

namespace sluice::tmpl {

struct Row {
  std::string_view source;
  std::string_view expected;  ///< errors begin with "template: "
  Delimiters delimiters = {};
};

/// Data of every kind that templates meet; see template_fixture.cpp.
[[nodiscard]] const Value& fixture_data();
[[nodiscard]] const FunctionTable& fixture_functions();
/// The members of fixture_data().
[[nodiscard]] const Dict& fixture_members();

/// Renders a template named t over fixture_data(), and again when all of that is settled.
[[nodiscard]] std::string render_or_error(std::string_view source, Delimiters delimiters = {});

inline void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.source);
    CHECK(render_or_error(row.source, row.delimiters) == row.expected);
  }
}

}  // namespace sluice::tmpl
