#include "conf/kube/place.h"

#include <limits>

#include <nlohmann/json.hpp>

#include "conf/kube/http.h"

namespace sluice::kube {

using nlohmann::json;

Place::Place(const json& document) : Place(&document, "") {}

Place::Place(const json* value, std::string path)
    : value_(value != nullptr && value->is_null() ? nullptr : value), path_(std::move(path)) {}

tl::unexpected<Error> Place::is_not(std::string_view what) const {
  // Keys come from the document as well.
  const std::string name = path_.empty() ? "the document" : printable(path_, 256);
  return fail(Errc::Malformed, name + " is not " + std::string(what));
}

Result<Place> Place::at(std::string_view key) const {
  std::string path = path_;
  if (!path.empty()) path += '.';
  path += key;
  if (!present()) return Place(nullptr, std::move(path));
  if (!value_->is_object()) return is_not("an object");
  const auto member = value_->find(key);
  return Place(member == value_->end() ? nullptr : &*member, std::move(path));
}

Result<std::vector<Place>> Place::elements() const {
  std::vector<Place> places;
  if (!present()) return places;
  if (!value_->is_array()) return is_not("an array");
  places.reserve(value_->size());
  for (std::size_t i = 0; i < value_->size(); ++i) {
    places.push_back(Place(&(*value_)[i], path_ + "[" + std::to_string(i) + "]"));
  }
  return places;
}

Result<std::optional<std::string>> Place::string() const {
  if (!present()) return std::nullopt;
  if (!value_->is_string()) return is_not("a string");
  return value_->get<std::string>();
}

Result<std::optional<std::int64_t>> Place::integer() const {
  if (!present()) return std::nullopt;
  const bool fits = value_->is_number_unsigned()
                        ? value_->get<std::uint64_t>() <=
                              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                        : value_->is_number_integer();
  if (!fits) return is_not("an integer of 64 bits");
  return value_->get<std::int64_t>();
}

Result<std::optional<bool>> Place::boolean() const {
  if (!present()) return std::nullopt;
  if (!value_->is_boolean()) return is_not("a boolean");
  return value_->get<bool>();
}

Result<std::map<std::string, std::string>> Place::strings() const {
  std::map<std::string, std::string> result;
  if (!present()) return result;
  if (!value_->is_object()) return is_not("an object");
  for (const auto& [key, value] : value_->items()) {
    if (value.is_null()) {
      result.emplace(key, "");
    } else if (value.is_string()) {
      result.emplace(key, value.get_ref<const std::string&>());
    } else {
      return Place(&value, path_ + "[\"" + key + "\"]").is_not("a string");
    }
  }
  return result;
}

Result<std::string> Place::string_at(std::string_view key) const {
  ASSIGN_OR_RETURN(const Place place, at(key));
  ASSIGN_OR_RETURN(auto text, place.string());
  return std::move(text).value_or(std::string());
}

Result<std::string> Place::required_string_at(std::string_view key) const {
  ASSIGN_OR_RETURN(const Place place, at(key));
  ASSIGN_OR_RETURN(auto text, place.string());
  if (!text || text->empty()) return place.is_not("there");
  return std::move(*text);
}

}  // namespace sluice::kube
