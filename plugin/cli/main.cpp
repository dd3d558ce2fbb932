// sluice: injects, explains, tries out and verifies redirects.

#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "plugin/cli/command.h"

namespace {

constexpr const char* kAbout =
    "Injects the sidecar, explains, tries out and verifies the redirect of a pod's traffic.\n"
    "Exit status: 0 done or alike, 1 different, or an object that cannot be injected, 2 bad usage "
    "or input,\n3 the "
    "system refused.";

int run(int argc, char** argv) {
  using namespace sluice::cli;
  CLI::App app(kAbout, "sluice");
  app.require_subcommand(1);
  app.set_version_flag("--version", "sluice " SLUICE_VERSION, "Print the version and exit");
  Ended ended = Exit::Done;
  add_plan(app, ended);
  add_kernel_commands(app, ended);
  add_explain(app, ended);
  add_lab(app, ended);
  add_inject(app, ended);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : static_cast<int>(Exit::Input);
  }
  if (ended) return static_cast<int>(*ended);
  std::fprintf(stderr, "sluice: %s\n", ended.error().message.c_str());
  return static_cast<int>(exit_of(ended.error()));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sluice: %s\n", error.what());
    return static_cast<int>(sluice::cli::Exit::System);
  }
}
