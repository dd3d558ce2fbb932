#include "injector/template/functions/made.h"

#include <nlohmann/json.hpp>

#include "injector/template/functions/bind.h"
#include "injector/template/functions/time_format.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {
namespace {

using nlohmann::json;
using schema::Kind;

constinit const schema::Type kPlainInt{.kind = Kind::Int, .name = "int"};
constinit const schema::Type kIntList{.kind = Kind::List, .element = &kPlainInt};
constinit const schema::Type kAnyList{.kind = Kind::List, .element = &schema::kAny};

// Methods that take no argument look like fields to a template; the names in JSON are ours.
constexpr schema::Field kTimeMethods[] = {
    {"String", "String", &schema::kString}, {"Year", "Year", &schema::kInt},
    {"Month", "Month", &schema::kString},   {"Day", "Day", &schema::kInt},
    {"Hour", "Hour", &schema::kInt},        {"Minute", "Minute", &schema::kInt},
    {"Second", "Second", &schema::kInt},    {"Nanosecond", "Nanosecond", &schema::kInt},
    {"YearDay", "YearDay", &schema::kInt},  {"Weekday", "Weekday", &schema::kString},
    {"Unix", "Unix", &schema::kInt},        {"UnixMilli", "UnixMilli", &schema::kInt},
    {"IsZero", "IsZero", &schema::kBool},
};
constinit const schema::Type kTime{
    .kind = Kind::Struct, .name = "time.Time", .methods = kTimeMethods};

constexpr schema::Field kVersionMethods[] = {
    {"String", "String", &schema::kString},     {"Original", "Original", &schema::kString},
    {"Major", "Major", &schema::kInt},          {"Minor", "Minor", &schema::kInt},
    {"Patch", "Patch", &schema::kInt},          {"Prerelease", "Prerelease", &schema::kString},
    {"Metadata", "Metadata", &schema::kString},
};
constinit const schema::Type kVersion{
    .kind = Kind::Struct, .name = "*semver.Version", .methods = kVersionMethods};

constexpr schema::Field kCertificateFields[] = {
    {"Cert", "Cert", &schema::kString},
    {"Key", "Key", &schema::kString},
};
constinit const schema::Type kCertificate{
    .kind = Kind::Struct, .name = "sprig.certificate", .fields = kCertificateFields};

/// Wraps around, as in Go.
std::int64_t milliseconds_of(const Time& time) {
  const auto seconds = static_cast<std::uint64_t>(time.seconds);
  const auto rest = static_cast<std::uint64_t>(time.nanoseconds / 1'000'000);
  return static_cast<std::int64_t>(seconds * 1000 + rest);
}

Value owned(json document, const schema::Type& type) {
  auto owner = std::make_shared<const json>(std::move(document));
  const json* seen = owner.get();
  return View{seen, &type, std::move(owner)};
}

}  // namespace

Value made(const Strings& strings) {
  return owned(json(strings), schema::kStringList);
}
Value made(const Integers& numbers) {
  return owned(json(numbers), kIntList);
}
Value made(const StringMap& strings) {
  return owned(json(strings), schema::kStringMap);
}
Value nil_list() {
  return View{nullptr, &kAnyList};
}
Value nil_string_list() {
  return View{nullptr, &schema::kStringList};
}
Value nil_string_map() {
  return View{nullptr, &schema::kStringMap};
}

Value made(const Time& time) {
  const Civil civil = civil_of(time);
  return owned(json{{"String", time_text(time)},
                    {"Year", civil.year},
                    {"Month", month_name(civil.month)},
                    {"Day", civil.day},
                    {"Hour", civil.hour},
                    {"Minute", civil.minute},
                    {"Second", civil.second},
                    {"Nanosecond", time.nanoseconds},
                    {"YearDay", civil.day_of_year},
                    {"Weekday", weekday_name(civil.weekday)},
                    {"Unix", time.seconds},
                    {"UnixMilli", milliseconds_of(time)},
                    {"IsZero", time.seconds == Time{}.seconds && time.nanoseconds == 0},
                    {"offset", time.offset},
                    {"zone", time.zone}},
               kTime);
}

Value certificate_value(const std::string& certificate, const std::string& key) {
  return owned(json{{"Cert", certificate}, {"Key", key}}, kCertificate);
}

Value version_value(json version) {
  return owned(std::move(version), kVersion);
}

StringMap to_string_map(const Value& value) {
  StringMap map;
  each_member(value, [&](const std::string& name, const Value& member) {
    map.emplace(name, GoType<std::string>::from(member));
  });
  return map;
}

std::optional<Time> to_time(const Value& value) {
  const auto* view = std::get_if<View>(&value.held());
  if (view == nullptr || view->type != &kTime) return std::nullopt;
  const json& held = *view->json;
  return Time{.seconds = held.at("Unix").get<std::int64_t>(),
              .nanoseconds = held.at("Nanosecond").get<std::int32_t>(),
              .offset = held.at("offset").get<std::int32_t>(),
              .zone = held.at("zone").get<std::string>()};
}

std::optional<std::string> marshalled_text(const View& view) {
  if (view.type == &kVersion) return view.json->at("String").get<std::string>();
  if (view.type != &kTime) return std::nullopt;
  const Time time = to_time(view).value_or(Time{});
  return format_time("2006-01-02T15:04:05.999999999Z07:00", time);
}

tl::unexpected<Error> too_large() {
  return fail(Errc::Invalid, "the result is larger than " + std::to_string(kMostBytes) +
                                 " bytes or " + std::to_string(kMostElements) + " elements");
}

Result<Value> within_limits(Value value) {
  if (const std::string* text = value.string(); text != nullptr && text->size() > kMostBytes) {
    return too_large();
  }
  if (length_of(value).value_or(0) > kMostElements && value.string() == nullptr) {
    return too_large();
  }
  return value;
}

}  // namespace sluice::tmpl
