// sluice-cni: a chained CNI plugin. Everything is in run(); here are only the process's edges.

#include <unistd.h>

#include "plugin/process.h"
#include "plugin/run.h"

int main(int, char**, char** variables) {
  const sluice::cni::Environment environment = sluice::cni_variables(variables);
  if (sluice::started_by_hand(environment)) {
    sluice::write_about();
    return 0;
  }
  const sluice::Outcome outcome = sluice::run(environment, sluice::read_stdin);
  const bool written = sluice::write_stdout(outcome.out);
  // Nothing is left to flush or to release, and the libraries' destructors cost time.
  ::_exit(written ? outcome.exit_code : 1);
}
