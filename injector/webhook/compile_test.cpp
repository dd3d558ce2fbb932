#include "injector/webhook/compile.h"

#include <doctest/doctest.h>

#include "injector/webhook/review_fixture.h"

using namespace sluice;
using namespace sluice::webhook;

TEST_CASE("to a webhook's templates every revision has a name") {
  const Texts texts{.inject =
                        "templates: {sidecar: 'metadata: {labels: {r: \"{{ .Revision }}\"}}'}\n"
                        "policy: enabled\ndefaultTemplates: [sidecar]\n",
                    .values = "{}",
                    .mesh = {}};
  for (const auto& [given, told] : {std::pair{"", "default"}, {"canary", "canary"}}) {
    injector::Switches switches;
    switches.revision = given;
    const auto compiled = compile(texts, switches, NativeSidecars::Auto);
    REQUIRE_MESSAGE(compiled.has_value(), (compiled ? "" : compiled.error().message));
    for (const Inject& inject : {compiled->native, compiled->ordinary}) {
      PodRequest request;
      request.pod = pod_object();
      const auto injection = inject(request);
      REQUIRE(injection.has_value());
      CHECK(injection->pod["metadata"]["labels"]["r"] == told);
    }
  }
}
