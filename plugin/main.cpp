// sluice-cni: a chained CNI plugin. Everything is in run(); here are only the process's edges.

#include "plugin/process.h"
#include "plugin/run.h"

int main(int, char**, char** variables) {
  const sluice::cni::Environment environment = sluice::cni_variables(variables);
  if (sluice::started_by_hand(environment)) {
    sluice::write_about();
    return 0;
  }
  const sluice::Outcome outcome = sluice::run(environment, sluice::read_stdin);
  return sluice::write_stdout(outcome.out) ? outcome.exit_code : 1;
}
