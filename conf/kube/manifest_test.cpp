#include "conf/kube/manifest.h"

#include <doctest/doctest.h>

#include "conf/kube/error_of.h"

using namespace sluice;
using namespace sluice::kube;
using nlohmann::json;

namespace {

/// What is read of a text: every document's line and value.
std::string seen(const char* text) {
  const auto manifest = read_manifest(text);
  REQUIRE(manifest.has_value());
  std::string out;
  for (const Document& document : manifest->documents) {
    out += std::to_string(document.number) + "@" + std::to_string(document.line) + " " +
           (document.form == Form::Json ? "json " : "") + document.value.dump() + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("a stream is split where YAML ends its documents") {
  const struct {
    const char* text;
    const char* documents;
  } rows[] = {
      {"", ""},
      {"\n# nothing\n---\n---\n", ""},
      {"a: 1\n", "1@1 {\"a\":1}\n"},
      {"a: 1", "1@1 {\"a\":1}\n"},
      {"---\na: 1\n---\nb: 2\n", "1@2 {\"a\":1}\n2@4 {\"b\":2}\n"},
      {"a: 1\n---\n\n---\n# c\n---\nb: 2\n---\n", "1@1 {\"a\":1}\n2@7 {\"b\":2}\n"},
      {"a: 1\n--- # the next\nb: 2\n", "1@1 {\"a\":1}\n2@3 {\"b\":2}\n"},
      {"a: 1\n---   \t\nb: 2\n", "1@1 {\"a\":1}\n2@3 {\"b\":2}\n"},
      {"a: 1\r\n---\r\nb: x\r\n", "1@1 {\"a\":1}\n2@3 {\"b\":\"x\"}\n"},
      {"\xEF\xBB\xBF---\na: 1\n", "1@2 {\"a\":1}\n"},
      {"\xEF\xBB\xBF"
       "a: 1\n",
       "1@1 {\"a\":1}\n"},
      {"a: 1\n---\n\xEF\xBB\xBF"
       "b: 2\n",
       "1@1 {\"a\":1}\n2@3 {\"b\":2}\n"},
      {"--- {a: 1}\n--- {b: 2}\n", "1@1 {\"a\":1}\n2@2 {\"b\":2}\n"},
      {"%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n---\nb: 2\n...\n", "1@3 {\"a\":1}\n2@7 {\"b\":2}\n"},
      {"a: |\n  ---\n  x\n", "1@1 {\"a\":\"---\\nx\\n\"}\n"},
      {"a: |\n  x\n---\nb: 2\n", "1@1 {\"a\":\"x\\n\"}\n2@4 {\"b\":2}\n"},
      {"a: x\n  ---y\n", "1@1 {\"a\":\"x ---y\"}\n"},
      {"{\"a\": 1}", "1@1 json {\"a\":1}\n"},
      {"{\"a\": \"}\"}\n{\"b\": \"\\\"{\"}\n\n{\"c\": [{}]}{}\n",
       "1@1 json {\"a\":\"}\"}\n2@2 json {\"b\":\"\\\"{\"}\n3@4 json {\"c\":[{}]}\n4@4 json {}\n"},
      {"{\"a\": 1}\n---\n{\"b\": 2}\n", "1@1 json {\"a\":1}\n2@3 json {\"b\":2}\n"},
      {"# as YAML\n{a: 1, b: on}\n", "1@2 {\"a\":1,\"b\":true}\n"},
      {"- a\n- b\n", "1@1 [\"a\",\"b\"]\n"},
      {"just words\n", "1@1 \"just words\"\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(seen(row.text) == row.documents);
  }
}

TEST_CASE("what cannot be read is named by document and line of the whole text") {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"a: 1\n---\n# b\nb: [\n", "document 2: not YAML as Kubernetes takes it, line 5"},
      {"a: 1\n---\nb: \"x\n", "document 2: "},
      {"{\"a\": ]\n", "document 1: not JSON, at byte 7"},
      {"{\"a\": 1} {\"b\": tru}\n", "document 1: not JSON"},
      {"a: b: c\n", "document 1: not YAML as Kubernetes takes it, line 1"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.message);
    const Error error = error_of(read_manifest(row.text));
    CAPTURE(error.message);
    CHECK(error.code == Errc::Malformed);
    CHECK(error.message.find(row.message) == 0);
  }
}

TEST_CASE("whatever is not rewritten keeps its bytes") {
  const char* texts[] = {
      "",
      "\n",
      "a: 1",
      "# x\n---\n\n---\na:   1 # y\n\n---\r\nb: 2\r\n...\n",
      "\xEF\xBB\xBF{\"a\" :1}\n{ \"b\":2 }",
      "--- {a: 1}\n",
  };
  for (const char* text : texts) {
    CAPTURE(text);
    const auto manifest = read_manifest(text);
    REQUIRE(manifest.has_value());
    CHECK(compose({*manifest}) == text);
  }
}

TEST_CASE("a document is rewritten between its own comments and separators") {
  const struct {
    const char* text;
    std::size_t which;
    const char* composed;
  } rows[] = {
      {"a: 1\n", 0, "x: y\n"},
      {"# head\na: 1 # gone\n---\nb:  2\n", 0, "# head\nx: y\n---\nb:  2\n"},
      {"a:  1\n---\n\n# head\nb: 2\n\n---\nc:  3", 1, "a:  1\n---\n\n# head\nx: y\n---\nc:  3"},
      {"a:  1\n--- {b: 2}\n---\nc:  3", 1, "a:  1\n--- \nx: y\n---\nc:  3"},
      {"\xEF\xBB\xBF"
       "a: 1\n",
       0,
       "\xEF\xBB\xBF"
       "x: y\n"},
      {"%YAML 1.1\n---\na: 1\n...\n# end\n", 0, "%YAML 1.1\n---\nx: y\n...\n# end\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    auto manifest = read_manifest(row.text);
    REQUIRE(manifest.has_value());
    manifest->documents[row.which].rewritten = "x: y\n";
    CHECK(compose({*manifest}) == row.composed);
  }
}

TEST_CASE("several streams become one that reads the same") {
  const struct {
    std::vector<const char*> texts;
    const char* composed;
  } rows[] = {
      {{"a: 1\n", "b: 2\n"}, "a: 1\n---\nb: 2\n"},
      {{"a: 1", "---\nb: 2\n"}, "a: 1\n---\nb: 2\n"},
      {{"a: 1\n", "",
        "\xEF\xBB\xBF"
        "b: 2\n"},
       "a: 1\n---\nb: 2\n"},
      {{"{\"a\":1}", "{\"b\":2}\n"}, "---\n{\"a\":1}\n---\n{\"b\":2}\n"},
      {{"{\"a\":1}", "b: 2\n"}, "---\n{\"a\":1}\n---\nb: 2\n"},
      {{"", "{\"a\":1}", ""}, "{\"a\":1}"},
      {{"a: 1\n...\n", "b: 2\n"}, "a: 1\n...\n---\nb: 2\n"},
      {{}, ""},
  };
  for (const auto& row : rows) {
    std::vector<Manifest> manifests;
    for (const char* text : row.texts) {
      auto manifest = read_manifest(text);
      REQUIRE(manifest.has_value());
      manifests.push_back(std::move(*manifest));
    }
    CHECK(compose(manifests) == row.composed);
  }
}

TEST_CASE("YAML is written with the line breaks of its document") {
  const json value = {{"a", "x\ny\n"}, {"b", 1}};
  for (const char* text : {"a: 1\n", "a: 1\r\n", "a: 1", "\n--- {a: 1}\r\n---\n"}) {
    CAPTURE(text);
    auto manifest = read_manifest(text);
    REQUIRE(manifest.has_value());
    Document& document = manifest->documents[0];
    document.rewritten = written_like(*manifest, document, value);
    const bool dos = std::string_view(text).find('\r') != std::string_view::npos;
    CHECK(*document.rewritten ==
          (dos ? "a: |\r\n  x\r\n  y\r\nb: 1\r\n" : "a: |\n  x\n  y\nb: 1\n"));
    CHECK(read_manifest(compose({*manifest}))->documents[0].value == value);
  }
}

TEST_CASE("JSON is written again as it was indented, and so that YAML readers take it") {
  const struct {
    const char* text;
    json value;
    const char* written;
  } rows[] = {
      {"{\"a\":1}", {{"b", json::array({1})}}, "{\"b\":[1]}"},
      {"{\n    \"a\": 1\n}", {{"b", 2}}, "{\n    \"b\": 2\n}"},
      {"{\n  \"a\": 1\n}", {{"b", 2}}, "{\n  \"b\": 2\n}"},
      {"{}",
       {{"b", "\u00e9\U0001F600\x7f\u0085\u2028\ufeff\uffff"}},
       "{\"b\":\"\u00e9\U0001F600\\u007f\\u0085\\u2028\\ufeff\\uffff\"}"},
  };
  for (const auto& row : rows) {
    const auto manifest = read_manifest(row.text);
    REQUIRE(manifest.has_value());
    const std::string written = written_like(*manifest, manifest->documents[0], row.value);
    CHECK(written == row.written);
    CHECK(json::parse(written) == row.value);
  }
}
