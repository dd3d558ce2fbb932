#include "plugin/cni/result.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "plugin/cni/raw_member.h"

using namespace sluice;
using cni::raw_member;
using cni::SpecVersion;
using nlohmann::json;

namespace {

Result<std::string> result_of(const std::string& previous, SpecVersion version) {
  cni::Config config;
  config.version = version;
  config.prev_result = previous;
  return cni::pass_through(config);
}

json converted(json previous, const char* from, SpecVersion to) {
  previous["cniVersion"] = from;
  return json::parse(result_of(previous.dump(), to).value());
}

const json kFull = {
    {"interfaces",
     {{{"name", "eth0"}, {"sandbox", "/x"}, {"mtu", 1500}, {"socketPath", "/s"}, {"pciID", "p"}}}},
    {"ips",
     {{{"address", "10.22.0.11/16"}, {"gateway", "10.22.0.1"}, {"interface", 0}},
      {{"address", "fd00::2/64"}}}},
    {"routes",
     {{{"dst", "::/0"},
       {"gw", "fd00::1"},
       {"mtu", 1},
       {"advmss", 2},
       {"priority", 3},
       {"table", 4},
       {"scope", 5}}}},
    {"dns", {{"nameservers", {"10.0.0.1"}}}},
    {"x-unknown", 1}};

}  // namespace

TEST_CASE("without a previous result, an empty one of the version asked for") {
  for (const auto version : cni::kSpecVersions) {
    const auto parsed = cni::parse_version(version).value();
    CHECK(result_of("", parsed).value() == R"({"cniVersion":")" + std::string(version) + "\"}");
  }
}

TEST_CASE("a previous result of the same version, or of none, passes byte for byte") {
  for (const char* previous :
       {R"({"cniVersion":"1.0.0","b":1.0,"a":1e3, "ips":[]})", R"({ "cniVersion" : "1.0.0" })",
        R"({"ips":null})", R"({"cniVersion":"","ips":[{"address":"?"}]})"}) {
    CHECK(result_of(previous, SpecVersion::V1_0_0).value() == previous);
  }
}

TEST_CASE("addresses name their family before 1.0.0") {
  const json old = converted(kFull, "1.0.0", SpecVersion::V0_4_0);
  CHECK(old["ips"][0]["version"] == "4");
  CHECK(old["ips"][1]["version"] == "6");
  const json back = converted(old, "0.4.0", SpecVersion::V1_0_0);
  CHECK_FALSE(back["ips"][0].contains("version"));
}

TEST_CASE("converting keeps an index of 0, an absent one, and what nobody knows") {
  for (const SpecVersion version :
       {SpecVersion::V0_3_0, SpecVersion::V0_4_0, SpecVersion::V1_0_0}) {
    const json result = converted(kFull, "1.1.0", version);
    CHECK(result["cniVersion"] == cni::to_string(version));
    CHECK(result["ips"][0]["interface"] == 0);
    CHECK_FALSE(result["ips"][1].contains("interface"));
    CHECK(result["dns"] == kFull["dns"]);
    CHECK(result["x-unknown"] == 1);
  }
}

TEST_CASE("fields of 1.1.0 do not go into older results, and only those") {
  const json old = converted(kFull, "1.1.0", SpecVersion::V1_0_0);
  CHECK(old["interfaces"] == json({{{"name", "eth0"}, {"sandbox", "/x"}}}));
  CHECK(old["routes"] == json({{{"dst", "::/0"}, {"gw", "fd00::1"}}}));
  CHECK(converted(kFull, "1.0.0", SpecVersion::V1_1_0)["routes"] == kFull["routes"]);
}

TEST_CASE("odd results survive conversion") {
  for (const char* previous :
       {R"({"cniVersion":"1.1.0"})", R"({"cniVersion":"1.1.0","ips":null,"routes":null})",
        R"({"cniVersion":"1.1.0","ips":[1,{}],"interfaces":{},"routes":["x"]})"}) {
    CHECK(result_of(previous, SpecVersion::V0_3_1).has_value());
  }
}

TEST_CASE("a previous result of a version that does not chain is refused") {
  for (const char* version : {"0.1.0", "0.2.0", "2.0.0"}) {
    const auto result = result_of(json{{"cniVersion", version}}.dump(), SpecVersion::V1_0_0);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == Errc::Version);
    CHECK(result.error().message.find("prevResult") == 0);
  }
  CHECK_FALSE(result_of(R"({"cniVersion":1})", SpecVersion::V1_0_0).has_value());
}

TEST_CASE("errors have the specification's codes") {
  const std::pair<Errc, int> rows[] = {{Errc::Version, 1},       {Errc::UnknownField, 2},
                                       {Errc::Usage, 4},         {Errc::Io, 5},
                                       {Errc::Malformed, 6},     {Errc::Invalid, 7},
                                       {Errc::HostNamespace, 8}, {Errc::TryAgain, 11},
                                       {Errc::NotFound, 11},     {Errc::Unavailable, 50},
                                       {Errc::Kernel, 100},      {Errc::Denied, 100},
                                       {Errc::Different, 101},   {Errc::Exists, 100}};
  for (const auto& [code, number] : rows) CHECK(cni::error_code(code) == number);
  const json object = json::parse(
      cni::error_json(Error{Errc::Invalid, "bad \"\xFF\" bytes", 0}, SpecVersion::V0_4_0));
  CHECK(object["cniVersion"] == "0.4.0");
  CHECK(object["code"] == 7);
  CHECK(object["msg"].get<std::string>().find("bad \"") == 0);
}

TEST_CASE("VERSION lists what is spoken") {
  CHECK(json::parse(cni::versions_json()) ==
        json({{"cniVersion", "1.1.0"},
              {"supportedVersions", {"0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"}}}));
}

TEST_CASE("a member is found by its name, at the top alone, the last of several") {
  const std::string text = R"( {"a" : {"b":1, "key":"}"} , "k\u0065y":[ 1 , "]" ],"z":null} )";
  CHECK(raw_member(text, "a") == R"({"b":1, "key":"}"})");
  CHECK(raw_member(text, "key") == R"([ 1 , "]" ])");
  CHECK(raw_member(text, "z") == "null");
  CHECK(raw_member(text, "b").empty());
  CHECK(raw_member(R"({"a":1,"a":-2.50})", "a") == "-2.50");
  CHECK(raw_member(R"({"a":"\\\"","b":true})", "b") == "true");
  for (const char* odd : {"", "{}", "[]", "1", "{\"a\"", "{\"a\":", "{\"a"}) {
    CHECK(raw_member(odd, "a").empty());
  }
}

TEST_CASE("depth counts brackets outside of strings") {
  CHECK_FALSE(cni::nested_deeper_than("[[]]", 2));
  CHECK(cni::nested_deeper_than("[{\"a\":[]}]", 2));
  CHECK_FALSE(cni::nested_deeper_than(R"(["[[[[\"[[["])", 1));
  CHECK_FALSE(cni::nested_deeper_than("[][][]", 1));
  CHECK_FALSE(cni::nested_deeper_than("\"", 1));
}
