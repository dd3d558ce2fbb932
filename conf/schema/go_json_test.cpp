#include "conf/schema/go_json.h"

#include <initializer_list>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "conf/schema/pod.h"
#include "conf/schema/pod_parts.h"

using namespace sluice;
using namespace sluice::schema;
using nlohmann::json;

namespace {

std::string written(const char* value, const schema::Type& type) {
  std::string out;
  const json document = json::parse(value);
  write_go_json(out, &document, type);
  return out;
}

std::string quoted(std::string_view text) {
  std::string out;
  write_go_string(out, text);
  return out;
}

}  // namespace

TEST_CASE("structs are written as Go declares them") {
  CHECK(written("{}", schema::kContainer) == R"({"name":"","resources":{}})");
  CHECK(written(R"({"ports":[{"protocol":"TCP","name":"","containerPort":80}],"name":"a",
                    "novel":1,"env":[],"stdin":false,"command":null})",
                schema::kContainer) ==
        R"({"name":"a","ports":[{"containerPort":80,"protocol":"TCP"}],"resources":{}})");
  CHECK(written(R"({"securityContext":{"runAsUser":0,"privileged":false}})", schema::kContainer) ==
        R"({"name":"","resources":{},"securityContext":{"privileged":false,"runAsUser":0}})");
  CHECK(written(R"({"livenessProbe":{"grpc":{"port":1},"tcpSocket":{"port":"x"}}})",
                schema::kContainer) ==
        R"({"name":"","resources":{},"livenessProbe":{"tcpSocket":{"port":"x"},)"
        R"("grpc":{"port":1,"service":null}}})");
  CHECK(written(R"({"resource":"limits.cpu"})", kResourceFieldSelector) ==
        R"({"resource":"limits.cpu","divisor":"0"})");
  CHECK(written(R"({"nodeSelector":{"b":"1","a":"2"}})", schema::kPodSpec) ==
        R"({"containers":null,"nodeSelector":{"a":"2","b":"1"}})");
  CHECK(written(R"([1.5,"x",null,{"a":true}])", schema::kAny) == R"([1.5,"x",null,{"a":true}])");
}

TEST_CASE("strings are escaped as Go escapes them") {
  CHECK(quoted("a\"\\/<>&'") == R"("a\"\\/\u003c\u003e\u0026'")");
  CHECK(quoted("\n\r\t\b\f\x01\x7f") == "\"\\n\\r\\t\\b\\f\\u0001\x7f\"");
  CHECK(quoted("é€𝄞\u2028\u2029") == "\"é€𝄞\\u2028\\u2029\"");
  for (const char* invalid : {"\xff", "\xc0", "\x80", "\xf8", "\xf5"}) {
    CHECK(quoted(invalid) == R"("\ufffd")");
  }
  CHECK(quoted("\xe0\x80\x80") == R"("\ufffd\ufffd\ufffd")");  // overlong
  CHECK(quoted("\xed\xa0\x80") == R"("\ufffd\ufffd\ufffd")");  // a surrogate
  CHECK(quoted("\xf4\x90\x80\x80") == R"("\ufffd\ufffd\ufffd\ufffd")");
  CHECK(quoted("\xe2\x82") == R"("\ufffd\ufffd")");  // cut short
  CHECK(quoted("\xc3(") == R"("\ufffd(")");
  std::string kept;
  write_go_string(kept, "a\"<>&", Html::Keep);
  CHECK(kept == R"("a\"<>&")");
}

TEST_CASE("numbers are written as Go writes a float64") {
  for (const auto& [value, expected] : std::initializer_list<std::pair<double, std::string_view>>{
           {0, "0"},
           {-0.5, "-0.5"},
           {1e-6, "0.000001"},
           {1e-7, "1e-7"},
           {1.5e-10, "1.5e-10"},
           {1e20, "100000000000000000000"},
           {-1e21, "-1e+21"},
           {9007199254740992, "9007199254740992"},
           {1152921504606846976, "1152921504606847000"},
           {-123456789012345678901.0, "-123456789012345680000"},
       }) {
    std::string out;
    write_go_float(out, value);
    CHECK(out == expected);
    CHECK(written(std::string(expected).c_str(), schema::kAny) == expected);
  }
}

TEST_CASE("zero values that Go would not see go") {
  json value = json::parse(R"({"name":"","image":"","args":[],"stdin":false,"resources":{},
      "env":[{"name":"A","value":""}],"securityContext":{"runAsUser":0,"capabilities":{"add":[]}},
      "livenessProbe":{"timeoutSeconds":0,"httpGet":{"port":0,"path":""}},"novel":"","tty":null})");
  drop_zero_values(value, schema::kContainer);
  CHECK(value == json::parse(R"({"name":"","resources":{},"env":[{"name":"A"}],
      "securityContext":{"runAsUser":0,"capabilities":{}},
      "livenessProbe":{"httpGet":{"port":0}},"novel":""})"));
}
