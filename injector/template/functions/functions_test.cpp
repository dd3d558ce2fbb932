// What is there, what is not, and where a function does not do as Go's does.

#include "injector/template/functions.h"

#include <cstdlib>

#include <doctest/doctest.h>

#include "injector/template/functions/rows.h"
#include "injector/template/template.h"

using namespace sluice;
using namespace sluice::tmpl;

TEST_CASE("functions of chance, clock, network and secrets are unknown") {
  for (const std::string name : {"ago",
                                 "bcrypt",
                                 "decryptAES",
                                 "derivePassword",
                                 "encryptAES",
                                 "expandenv",
                                 "genCA",
                                 "genCAWithKey",
                                 "genPrivateKey",
                                 "genSelfSignedCert",
                                 "genSelfSignedCertWithKey",
                                 "genSignedCert",
                                 "genSignedCertWithKey",
                                 "getHostByName",
                                 "htpasswd",
                                 "now",
                                 "randAlpha",
                                 "randAlphaNum",
                                 "randAscii",
                                 "randBytes",
                                 "randInt",
                                 "randNumeric",
                                 "shuffle",
                                 "uuidv4"}) {
    CAPTURE(name);
    const auto parsed = Template::parse("row", "a\n{{ " + name + " }}", injection_functions());
    REQUIRE(!parsed.has_value());
    CHECK(parsed.error().message == "template: row:2: function \"" + name + "\" not defined");
  }
}

TEST_CASE("all others of sprig and Istio are there, and no more") {
  const std::string_view names[] = {"abbrev",
                                    "abbrevboth",
                                    "add",
                                    "add1",
                                    "add1f",
                                    "addf",
                                    "adler32sum",
                                    "all",
                                    "annotation",
                                    "any",
                                    "append",
                                    "appendMultusNetwork",
                                    "applicationPorts",
                                    "atoi",
                                    "b32dec",
                                    "b32enc",
                                    "b64dec",
                                    "b64enc",
                                    "base",
                                    "biggest",
                                    "buildCustomCert",
                                    "camelcase",
                                    "cat",
                                    "ceil",
                                    "chunk",
                                    "clean",
                                    "coalesce",
                                    "compact",
                                    "concat",
                                    "contains",
                                    "date",
                                    "dateInZone",
                                    "dateModify",
                                    "date_in_zone",
                                    "date_modify",
                                    "deepCopy",
                                    "deepEqual",
                                    "default",
                                    "dict",
                                    "dig",
                                    "dir",
                                    "directory",
                                    "div",
                                    "divf",
                                    "duration",
                                    "durationRound",
                                    "empty",
                                    "env",
                                    "excludeInboundPort",
                                    "excludeInterfaces",
                                    "ext",
                                    "fail",
                                    "first",
                                    "float64",
                                    "floor",
                                    "formatDuration",
                                    "fromJSON",
                                    "fromJson",
                                    "get",
                                    "has",
                                    "hasKey",
                                    "hasPrefix",
                                    "hasSuffix",
                                    "hello",
                                    "htmlDate",
                                    "htmlDateInZone",
                                    "includeInboundPorts",
                                    "indent",
                                    "initial",
                                    "initials",
                                    "int",
                                    "int64",
                                    "isAbs",
                                    "isset",
                                    "join",
                                    "kebabcase",
                                    "keys",
                                    "kindIs",
                                    "kindOf",
                                    "kubevirtInterfaces",
                                    "last",
                                    "list",
                                    "lower",
                                    "max",
                                    "maxf",
                                    "merge",
                                    "mergeMaps",
                                    "mergeOverwrite",
                                    "min",
                                    "minf",
                                    "mod",
                                    "mul",
                                    "mulf",
                                    "mustAppend",
                                    "mustChunk",
                                    "mustCompact",
                                    "mustDateModify",
                                    "mustDeepCopy",
                                    "mustFirst",
                                    "mustFromJson",
                                    "mustHas",
                                    "mustInitial",
                                    "mustLast",
                                    "mustMerge",
                                    "mustMergeOverwrite",
                                    "mustPrepend",
                                    "mustPush",
                                    "mustRegexFind",
                                    "mustRegexFindAll",
                                    "mustRegexMatch",
                                    "mustRegexReplaceAll",
                                    "mustRegexReplaceAllLiteral",
                                    "mustRegexSplit",
                                    "mustRest",
                                    "mustReverse",
                                    "mustSlice",
                                    "mustToDate",
                                    "mustToJson",
                                    "mustToPrettyJson",
                                    "mustToRawJson",
                                    "mustUniq",
                                    "mustWithout",
                                    "must_date_modify",
                                    "nindent",
                                    "nospace",
                                    "omit",
                                    "omitNil",
                                    "osBase",
                                    "osClean",
                                    "osDir",
                                    "osExt",
                                    "osIsAbs",
                                    "otelResourceAttributes",
                                    "pick",
                                    "pluck",
                                    "plural",
                                    "prepend",
                                    "protoToJSON",
                                    "push",
                                    "quote",
                                    "regexFind",
                                    "regexFindAll",
                                    "regexMatch",
                                    "regexQuoteMeta",
                                    "regexReplaceAll",
                                    "regexReplaceAllLiteral",
                                    "regexSplit",
                                    "repeat",
                                    "replace",
                                    "rest",
                                    "reverse",
                                    "round",
                                    "semver",
                                    "semverCompare",
                                    "seq",
                                    "set",
                                    "sha1sum",
                                    "sha256sum",
                                    "sha512sum",
                                    "slice",
                                    "snakecase",
                                    "sortAlpha",
                                    "split",
                                    "splitList",
                                    "splitn",
                                    "squote",
                                    "strdict",
                                    "structToJSON",
                                    "sub",
                                    "subf",
                                    "substr",
                                    "swapcase",
                                    "ternary",
                                    "title",
                                    "toDate",
                                    "toDecimal",
                                    "toJSON",
                                    "toJson",
                                    "toJsonMap",
                                    "toLower",
                                    "toPrettyJson",
                                    "toRawJson",
                                    "toString",
                                    "toStrings",
                                    "toYaml",
                                    "trim",
                                    "trimAll",
                                    "trimPrefix",
                                    "trimSuffix",
                                    "trimall",
                                    "trunc",
                                    "tuple",
                                    "typeIs",
                                    "typeIsLike",
                                    "typeOf",
                                    "uniq",
                                    "unixEpoch",
                                    "unset",
                                    "until",
                                    "untilStep",
                                    "untitle",
                                    "upper",
                                    "urlJoin",
                                    "urlParse",
                                    "valueOrDefault",
                                    "values",
                                    "without",
                                    "wrap",
                                    "wrapWith"};
  for (const std::string_view name : names) {
    CAPTURE(name);
    const auto found = injection_functions().find(name);
    REQUIRE(found != injection_functions().end());
    CHECK(found->second.name == name);
  }
  CHECK(injection_functions().size() == std::size(names));
}

TEST_CASE("no function asks the clock, the time zone or the environment") {
  CHECK(setenv("SLUICE_TEST_OF_ENV", "set", 1) == 0);
  const Row rows[] = {
      {R"({{ env "SLUICE_TEST_OF_ENV" "default" }})", "default"},
      {R"({{ date "2006" "x" }})", nullptr,
       R"(1:3: executing "row" at <date "2006" "x">: error calling date: a string is no time, and the present is not known here)"},
      {R"({{ date "2006" nil }})", nullptr,
       R"(1:3: executing "row" at <date "2006" nil>: error calling date: a <nil> is no time, and the present is not known here)"},
      {R"({{ dateInZone "15:04" 0 "Europe/Berlin" }})", nullptr,
       R"(1:3: executing "row" at <dateInZone "15:04" 0 "Europe/Berlin">: error calling dateInZone: time zone Europe/Berlin is not known here, only UTC and GMT)"},
      {R"({{ durationRound (toDate "2006" "2020") }})", nullptr,
       R"(1:3: executing "row" at <durationRound (toDate "2006" "2020")>: error calling durationRound: the present is not known here)"},
  };
  check_rows("{}", rows);
}

TEST_CASE("there is one type of integer, where Go has int and int64") {
  const Row rows[] = {
      {R"({{ duration 95 }} {{ durationRound 61000000000 }})", "1m35s 1m"},
      {R"({{ range until (add 1 1) }}{{ . }}{{ end }})", "01"},
      {R"({{ typeOf (int64 1) }} {{ kindOf (add 1 1) }})", "int int"},
      {R"({{ deepEqual (add 1 1) 2 }} {{ has 2 (list (add 1 1)) }})", "true true"},
  };
  check_rows("{}", rows);
}

TEST_CASE("what Go gives in the order of chance is sorted") {
  const Row rows[] = {
      {R"({{ keys (dict "b" 1 "c" 2 "a" 3) }})", "[a b c]"},
      {R"({{ values (dict "b" 1 "c" 2 "a" 3) }})", "[3 1 2]"},
  };
  check_rows("{}", rows);
}

TEST_CASE("data stays as it is, whatever is set in it") {
  const Row rows[] = {
      {R"({{ set .d "x" 1 }} {{ .d }})", "map[a:map[b:1] x:1] map[a:map[b:1]]"},
      {R"({{ unset .d "a" }} {{ .d }})", "map[] map[a:map[b:1]]"},
      {R"({{ merge .d (dict "a" (dict "c" 2)) }} {{ .d }})", "map[a:map[b:1 c:2]] map[a:map[b:1]]"},
      {R"({{ $d := dict "in" .d }}{{ $_ := merge $d (dict "in" (dict "k" 1)) }}{{ $d }} {{ .d }})",
       "map[in:map[a:map[b:1] k:1]] map[a:map[b:1]]"},
  };
  check_rows(R"({"d":{"a":{"b":1}}})", rows);
}

TEST_CASE("a dict cannot come to contain itself") {
  const char* error = "a dict cannot contain itself";
  const std::string rows[] = {
      R"({{ $d := dict }}{{ set $d "self" $d }})",
      R"({{ $d := dict }}{{ set $d "l" (list 1 (dict "d" $d)) }})",
      R"({{ $d := dict }}{{ merge $d (dict "x" $d) }})",
      R"({{ $d := dict "a" (dict) }}{{ mergeOverwrite $d (dict "a" (dict "x" $d.a)) }})",
  };
  for (const std::string& text : rows) {
    CAPTURE(text);
    const auto result = Template::parse("row", text, injection_functions())->execute(Value(Dict{}));
    REQUIRE(!result.has_value());
    CHECK(result.error().message.ends_with(error));
  }
}

TEST_CASE("what is nested deeply does not use up the stack") {
  const std::string rows[] = {
      R"({{ $l := list }}{{ range until 90000 }}{{ $l = list $l }}{{ end }}ok)",
      R"({{ $d := dict }}{{ $in := $d }}{{ range until 50000 }}{{ $new := dict }})"
      R"({{ $_ := set $in "n" $new }}{{ $in = $new }}{{ end }}ok)",
  };
  for (const std::string& text : rows) {
    CAPTURE(text);
    CHECK(Template::parse("row", text, injection_functions())->execute(Value(Dict{})) == "ok");
  }
}

TEST_CASE("nothing grows without end") {
  const std::string rows[] = {
      R"({{ repeat 9223372036854775807 "ab" }})",
      R"({{ nindent 9223372036854775807 "a" }})",
      R"({{ indent 9223372036854775807 "a" }})",
      R"({{ indent -9223372036854775808 "a" }})",
      R"({{ until 9223372036854775807 }})",
      R"({{ untilStep -9223372036854775808 9223372036854775807 1 }})",
      R"({{ seq 1000000000 }})",
      R"({{ $s := repeat 4000000 "a" }}{{ replace "a" $s $s }})",
      R"({{ $s := repeat 4000000 "a" }}{{ splitList "" $s }})",
      R"({{ $s := repeat 4000000 "a" }}{{ splitList "a" $s }})",
      R"({{ $s := repeat 4000000 "a" }}{{ join $s (until 1000) }})",
      R"({{ $s := repeat 2000000 " a" }}{{ wrapWith 1 $s $s }})",
      R"({{ $s := repeat 200000 "a" }}{{ regexReplaceAll "a" $s $s }})",
      R"({{ $s := repeat 200000 "a" }}{{ regexFindAll "a" $s -1 }})",
      R"({{ $s := repeat 4000000 "a" }}{{ regexFind "b" $s }})",
      R"({{ regexFind "((a{100}){100}){100}" "a" }})",
      R"({{ $l := list 1 }}{{ range until 40 }}{{ $l = list $l $l }}{{ end }}{{ toRawJson $l }})",
      R"({{ $l := list 1 }}{{ range until 40 }}{{ $l = list $l $l }}{{ end }}{{ deepCopy $l }})",
      R"({{ $l := list 1 }}{{ $m := list 1 }}{{ range until 40 }}{{ $l = list $l $l }}{{ $m = list $m $m }}{{ end }}{{ deepEqual $l $m }})",
      R"({{ $l := list 1 }}{{ range until 300 }}{{ $l = list $l }}{{ end }}{{ omitNil $l }})",
      R"({{ $l := list 1 }}{{ range until 300 }}{{ $l = list $l }}{{ end }}{{ mustToJson $l }})",
      R"({{ uniq (until 50000) }})",
      R"({{ $s := repeat 4000000 "a" }}{{ range until 100 }}{{ contains "b" $s }}{{ end }})",
      R"({{ $l := until 60000 }}{{ concat $l $l }})",
      R"({{ mulf 1e300 1e300 1e300 1e300 | toString }}{{ $s := repeat 201 "[" }}{{ mustFromJson $s }})",
  };
  for (const std::string& text : rows) {
    CAPTURE(text);
    const auto result = Template::parse("row", text, injection_functions())->execute(Value(Dict{}));
    CHECK(!result.has_value());
  }
}

TEST_CASE("certificates and keys are looked at before they are passed on") {
  const Row rows[] = {
      {R"({{ buildCustomCert "!" "" }})", nullptr,
       R"(1:3: executing "row" at <buildCustomCert "!" "">: error calling buildCustomCert: unable to decode base64 certificate)"},
      {R"({{ buildCustomCert "" "!" }})", nullptr,
       R"(1:3: executing "row" at <buildCustomCert "" "!">: error calling buildCustomCert: unable to decode base64 private key)"},
      {R"({{ buildCustomCert "" "" }})", nullptr,
       R"(1:3: executing "row" at <buildCustomCert "" "">: error calling buildCustomCert: unable to decode certificate)"},
      {R"({{ buildCustomCert .c "" }})", nullptr,
       R"(1:3: executing "row" at <buildCustomCert .c "">: error calling buildCustomCert: error parsing private key: no PEM data in input)"},
  };
  check_rows(
      R"({"c":")"
      "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJiVENDQVJPZ0F3SUJBZ0lVVTIxUmpkVW5IRmZUbWlKN0"
      "Npd25Ma280SFJnd0NnWUlLb1pJemowRUF3SXcKRERFS01BZ0dBMVVFQXd3QmVEQWVGdzB5TmpFeE1qUXhOakkz"
      "TkRGYUZ3MHpOakV4TWpFeE5qSTNOREZhTUF3eApDakFJQmdOVkJBTU1BWGd3V1RBVEJnY3Foa2pPUFFJQkJnZ3"
      "Foa2pPUFFNQkJ3TkNBQVFNeVczSktXbWhjNUhZClo5NDFIeWUxcGYxSTBsdHh1dDJUd25ZSFY4LzQ1aFA5Q2pT"
      "SXU2U01FbmhnWWpUUlUvYnk1czBsOXVpc01ORTQKV0dncmhsQkhvMU13VVRBZEJnTlZIUTRFRmdRVURLU2lTUU"
      "wrc2VoVE82NnQwZ1A5OVZGc2hBTXdId1lEVlIwagpCQmd3Rm9BVURLU2lTUUwrc2VoVE82NnQwZ1A5OVZGc2hB"
      "TXdEd1lEVlIwVEFRSC9CQVV3QXdFQi96QUtCZ2dxCmhrak9QUVFEQWdOSUFEQkZBaUVBbGJiMmlHQWhOdmpxUl"
      "VnMVJCamlrODRVekJmOUdJb1hpVkk3ZDlrQ1pGa0MKSUh5N1puV1E3WWZkM0didnZ6RnJWbVloemw1Z3FCWmpP"
      "eTBGVmdTdTVLNFQKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="
      R"("})",
      rows);
}
