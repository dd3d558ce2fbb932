// The sandbox container: holds the pod's namespaces, reaps what is orphaned in a shared pid
// namespace, and ends when told to.
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void finish(int) { _exit(EXIT_SUCCESS); }
static void reap(int) {
  while (waitpid(-1, NULL, WNOHANG) > 0) {
  }
}

int main(void) {
  signal(SIGINT, finish);
  signal(SIGTERM, finish);
  signal(SIGCHLD, reap);
  for (;;) pause();
}
