#include "conf/schema/type.h"

#include <array>

#include <doctest/doctest.h>

namespace sluice::schema {
namespace {

constexpr std::array<Field, 3> kFields{{{"Name", "name", &kString},
                                        {"UID", "uid", &kString},
                                        {"Labels", "labels", &kStringMap, "key"}}};
constexpr Type kThing{.kind = Kind::Struct, .name = "v1.Thing", .fields = kFields};

TEST_CASE("a field is found by either of its names, and by no other") {
  CHECK(field_by_name(kThing, "UID") == &kFields[1]);
  CHECK(field_by_json(kThing, "uid") == &kFields[1]);
  CHECK(field_by_json(kThing, "labels")->merge_key == "key");
  CHECK(field_by_name(kThing, "uid") == nullptr);
  CHECK(field_by_json(kThing, "UID") == nullptr);
  CHECK(field_by_json(kThing, "") == nullptr);
  CHECK(field_by_name(kString, "Name") == nullptr);
}

TEST_CASE("the types that every table needs are complete before any table is read") {
  CHECK(kStringMap.element == &kString);
  CHECK(kStringList.element->kind == Kind::String);
  CHECK(kThing.fields[2].type->kind == Kind::Map);
}

}  // namespace
}  // namespace sluice::schema
