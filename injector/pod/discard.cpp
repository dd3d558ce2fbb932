#include "injector/pod/discard.h"

#include <nlohmann/json.hpp>

namespace sluice::injector {

using nlohmann::json;

void discard(json& document) {
  if (auto* const members = document.get_ptr<json::object_t*>()) {
    for (auto& [key, member] : *members) {
      if (member.is_structured()) discard(member);
    }
    members->clear();
  } else if (auto* const elements = document.get_ptr<json::array_t*>()) {
    for (json& element : *elements) discard(element);
    elements->clear();
  }
}

}  // namespace sluice::injector
