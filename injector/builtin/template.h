#pragma once

namespace sluice::injector {

extern const char* const kBuiltinTemplate;

}  // namespace sluice::injector
