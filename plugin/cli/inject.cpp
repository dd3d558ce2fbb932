// sluice inject: workloads from files, with their proxy.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "conf/kube/manifest.h"
#include "conf/kube/yaml.h"
#include "conf/kube/yaml_write.h"
#include "plugin/cli/command.h"
#include "plugin/cli/inject/cluster.h"
#include "plugin/cli/inject/sources.h"
#include "plugin/cli/inject/unified_diff.h"
#include "plugin/cli/inject/workloads.h"

namespace sluice::cli {
namespace {

using nlohmann::json;

struct Options {
  std::vector<std::string> files;
  std::string output;
  Sources sources;
  std::string kubeconfig;
  std::optional<std::string> context;
  std::string default_namespace;
  std::string namespace_file;
  bool diff = false;
  std::string color = "auto";
  bool explain = false;
};

/// What a message calls a document.
std::string place_of(const std::string& file, const kube::Document& document) {
  return (file == "-" ? "stdin" : file) + ", document " + std::to_string(document.number);
}

Result<std::vector<kube::Manifest>> read_manifests(const std::vector<std::string>& files) {
  std::vector<kube::Manifest> out;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(std::string text, read_input(file));
    auto manifest = kube::read_manifest(std::move(text));
    if (!manifest) {
      return fail(std::move(manifest).error().wrap(file == "-" ? "stdin" : file));
    }
    out.push_back(std::move(*manifest));
  }
  return out;
}

Result<json> read_namespace(const std::string& file) {
  if (file.empty()) return json();
  ASSIGN_OR_RETURN(const std::string text, read_input(file));
  auto object = kube::json_or_yaml(text);
  if (!object) return fail(std::move(object).error().wrap("--namespaceFile " + file));
  if (!object->is_object() || object->value("kind", json()) != "Namespace") {
    return fail(Errc::Usage, "--namespaceFile " + file + ": not a Namespace");
  }
  return object;
}

/// OpenShift's ids come from the namespace: the file's, or the cluster's if one is meant.
Result<InjectionRules> rules_for(const Options& options, Cluster& cluster) {
  ASSIGN_OR_RETURN(auto settings, load_settings(options.sources, cluster));
  ASSIGN_OR_RETURN(const json given, read_namespace(options.namespace_file));
  const bool ask = given.is_null() && options.sources.switches.platform == "openshift";
  InjectionRules rules;
  rules.default_namespace = options.default_namespace;
  rules.inject = [settings = std::move(settings)](const injector::PodRequest& request) {
    return injector::inject(request, *settings);
  };
  rules.namespace_object = [given, ask, &cluster](const std::string& name) -> Result<json> {
    if (!ask || name.empty() || !cluster.is_meant()) return given;
    return cluster.namespace_object(name);
  };
  return rules;
}

/// What people should know: errors and warnings always, workloads that stay without a proxy, and
/// with --explain everything.
void tell(const std::string& place, const Report& report, bool explain) {
  const std::string who = "sluice: " + place + ", " + report.object + ": ";
  for (const std::string& warning : report.warnings) {
    std::fprintf(stderr, "%swarning: %s\n", who.c_str(), warning.c_str());
  }
  const bool always = report.outcome == Outcome::Refused || report.outcome == Outcome::LeftAlone;
  if (!explain && !always) return;
  std::fprintf(stderr, "%s%s: %s\n", who.c_str(), std::string(to_string(report.outcome)).c_str(),
               report.why.c_str());
}

bool says(const std::vector<Report>& reports, Outcome outcome) {
  return std::any_of(reports.begin(), reports.end(),
                     [&](const Report& report) { return report.outcome == outcome; });
}

/// Both sides as Sluice writes YAML, so that only what changes in meaning is seen.
std::string difference(const json& before, const json& after, const std::string& place,
                       Color color) {
  return unified_diff(kube::to_yaml(before), kube::to_yaml(after), place, color);
}

Color color_for(const Options& options) {
  if (options.color != "auto") return options.color == "always" ? Color::Always : Color::Never;
  const char* no_color = std::getenv("NO_COLOR");
  const bool wanted = no_color == nullptr || *no_color == '\0';
  const bool terminal = options.output.empty() && ::isatty(STDOUT_FILENO) == 1;
  return wanted && terminal ? Color::Always : Color::Never;
}

Ended run_inject(const Options& options) {
  ASSIGN_OR_RETURN(const auto files, input_files(options.files));
  ASSIGN_OR_RETURN(auto manifests, read_manifests(files));
  Cluster cluster(options.kubeconfig, options.context);
  ASSIGN_OR_RETURN(const InjectionRules rules, rules_for(options, cluster));
  const Color color = color_for(options);
  std::string differences;
  bool refused = false;
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (kube::Document& document : manifests[i].documents) {
      const std::string place = place_of(files[i], document);
      json before = document.value;
      const auto reports = inject_document(document.value, rules);
      for (const Report& report : reports) tell(place, report, options.explain);
      refused = refused || says(reports, Outcome::Refused);
      if (!says(reports, Outcome::Injected)) continue;
      if (options.diff) differences += difference(before, document.value, place, color);
      document.rewritten = written_like(manifests[i], document, document.value);
    }
  }
  if (refused) return Exit::Different;
  RETURN_IF_ERROR(
      write_output(options.output, options.diff ? differences : kube::compose(manifests)));
  return Exit::Done;
}

void refuse(CLI::App& command, const char* option, const char* why) {
  command
      .add_option_function<std::string>(option,
                                        [option, why](const std::string&) {
                                          throw CLI::ValidationError(
                                              option, std::string("is not supported: ") + why);
                                        })
      ->expected(0, 1)  // some are flags
      ->group("");      // no business of --help
}

void add_cluster_options(CLI::App& command, Options& options) {
  Sources& sources = options.sources;
  command
      .add_option("-i,--istioNamespace", sources.istio_namespace, "where Istio's ConfigMaps are")
      ->capture_default_str();
  command.add_option("-r,--revision", sources.switches.revision, "the control plane's revision");
  auto* map = command.add_option("--injectConfigMapName", sources.inject_config_map,
                                 "ConfigMap with keys config and values, instead of "
                                 "istio-sidecar-injector[-REVISION]");
  map->excludes("--injectConfigFile")->excludes("--builtin");
  command
      .add_option("--meshConfigMapName", sources.mesh_config_map,
                  "ConfigMap with key mesh, instead of istio[-REVISION]")
      ->excludes("--builtin");
  command.add_option("-c,--kubeconfig", options.kubeconfig, "of the cluster to read from");
  command.add_option("--context", options.context, "of the kubeconfig");
}

constexpr const char* Footer =
    "What no file gives is read from the cluster's ConfigMaps, as Istio's injector does.\n"
    "Exit status: 0 done, 1 an object cannot be injected (then nothing is written), 2 bad usage or "
    "input,\n3 the system or the cluster refused.\n\n"
    "Examples:\n"
    "  kubectl apply -f <(sluice inject -f app.yaml)\n"
    "  sluice inject --builtin --diff -f app.yaml\n"
    "  kubectl -n istio-system get cm istio-sidecar-injector -o jsonpath='{.data.config}' > "
    "config\n"
    "  kubectl -n istio-system get cm istio-sidecar-injector -o jsonpath='{.data.values}' > "
    "values\n"
    "  kubectl -n istio-system get cm istio -o jsonpath='{.data.mesh}' > mesh\n"
    "  sluice inject --injectConfigFile config --valuesFile values --meshConfigFile mesh \\\n"
    "    --filename app.yaml --output injected.yaml";

}  // namespace

void add_inject(CLI::App& app, Ended& ended) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "inject", "Gives workloads in files their istio-proxy, and nothing else: no init container.");
  command->footer(Footer);
  command
      ->add_option("-f,--filename", options->files,
                   "Kubernetes objects, YAML or JSON; - for stdin; a directory for the *.yaml, "
                   "*.yml and *.json in it; can be repeated")
      ->required()
      ->allow_extra_args(false);
  command->add_option("-o,--output", options->output, "file for the result, instead of stdout");
  add_source_options(*command, options->sources);
  add_cluster_options(*command, *options);
  command->add_option("-n,--namespace", options->default_namespace,
                      "of objects that name none themselves");
  command->add_option("--namespaceFile", options->namespace_file,
                      "a Namespace object, for OpenShift's ranges of ids");
  command->add_flag("--diff", options->diff, "show what changes, not the result");
  command
      ->add_flag("--color{always}", options->color,
                 "of --diff: --color or --color=always, --color=never, or as the terminal has it")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  command->add_flag("--explain", options->explain,
                    "say on stderr why each object was or was not injected");
  refuse(*command, "--operatorFileName",
         "an IstioOperator is no input here; give --meshConfigFile and --valuesFile");
  refuse(*command, "--webhookConfig",
         "no running webhook is asked; the ConfigMaps say what it would do");
  for (const char* option : {"--xds-address", "--xds-port", "--xds-label", "--cert-dir",
                             "--authority", "--timeout", "--insecure", "--plaintext"}) {
    refuse(*command, option, "no istiod is asked; the ConfigMaps say what it would do");
  }
  command->callback([options, &ended] {
    Sources& sources = options->sources;
    if (sources.switches.revision == "default") sources.switches.revision.clear();
    ended = run_inject(*options);
  });
}

}  // namespace sluice::cli
