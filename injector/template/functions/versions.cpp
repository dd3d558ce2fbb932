// sprig's functions on semantic versions.

#include <nlohmann/json.hpp>

#include "injector/template/functions/bind.h"
#include "injector/template/functions/version.h"

namespace sluice::tmpl {

void add_versions(FunctionTable& table) {
  Binder binder(table);
  using std::string;
  binder.bind("semver", [](const string& text) -> Result<Value> {
    ASSIGN_OR_RETURN(const Version version, parse_version(text));
    return version_value({{"String", version_text(version)},
                          {"Original", text},
                          {"Major", version.major},
                          {"Minor", version.minor},
                          {"Patch", version.patch},
                          {"Prerelease", version.prerelease},
                          {"Metadata", version.metadata}});
  });
  binder.bind("semverCompare", [](const string& constraint, const string& text) -> Result<bool> {
    // Go reads the constraint first, and reports what is wrong with it first.
    RETURN_IF_ERROR(satisfies(Version{}, constraint));
    ASSIGN_OR_RETURN(const Version version, parse_version(text));
    return satisfies(version, constraint);
  });
}

}  // namespace sluice::tmpl
