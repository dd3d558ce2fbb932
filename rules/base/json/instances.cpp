#include <nlohmann/json.hpp>

SLUICE_JSON_INSTANCES(template)
