#include "injector/template/functions.h"

#include "injector/template/functions/bind.h"

namespace sluice::tmpl {

const FunctionTable& injection_functions() {
  static const FunctionTable table = [] {
    FunctionTable made;
    add_strings(made);
    add_words(made);
    add_lists(made);
    add_dicts(made);
    add_defaults(made);
    add_numbers(made);
    add_encodings(made);
    add_json(made);
    add_regexes(made);
    add_versions(made);
    add_dates(made);
    add_types(made);
    add_paths(made);
    add_urls(made);
    add_certificates(made);
    // Istio's come last: where sprig has the same name, Istio's counts.
    add_istio(made);
    add_istio_pod(made);
    return made;
  }();
  return table;
}

}  // namespace sluice::tmpl
