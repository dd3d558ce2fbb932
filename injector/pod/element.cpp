#include "injector/pod/element.h"

namespace sluice::injector {

ElementKey::ElementKey(std::string_view merge_key) : name_(merge_key) {
  // Kubernetes' own tables know one key; its server-side apply knows these second ones as well.
  if (merge_key == "containerPort") {
    second_name_ = "protocol";
    second_default_ = "TCP";
  } else if (merge_key == "topologyKey") {
    second_name_ = "whenUnsatisfiable";
  }
}

const nlohmann::json* ElementKey::of(const nlohmann::json& element) const {
  const nlohmann::json* key = name_ == schema::kItself ? &element : member(element, name_);
  return key == nullptr || !key->is_primitive() || key->is_null() ? nullptr : key;
}

std::string_view ElementKey::second(const nlohmann::json& element) const {
  if (second_name_.empty()) return {};
  const nlohmann::json* value = member(element, second_name_);
  if (value == nullptr || !value->is_string()) return second_default_;
  return value->get_ref<const std::string&>();
}

bool ElementKey::says_second(const nlohmann::json& element) const {
  return has_second() && member(element, second_name_) != nullptr;
}

}  // namespace sluice::injector
