/* How long connect() takes in network namespaces that differ only in their rules. One connection in
 * each, then the next round: whatever disturbs the machine disturbs all of them alike.
 *
 *   connect ROUNDS ADDRESS PORT LISTEN-PORT NETNS...
 *
 * In each namespace it listens on LISTEN-PORT, where a redirect sends a connection to ADDRESS:PORT.
 * Over loopback the whole handshake happens inside connect(), so one thread does it all. Prints for
 * each namespace: p50 and p99 in ns, and the mean of the fastest half. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct place {
  int ns, listener;
  long long *took;
};

static void die(const char *what) {
  fprintf(stderr, "connect: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void check(int failed, const char *what) {
  if (failed) die(what);
}

static struct sockaddr_in at(const char *address, const char *port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  check(inet_pton(AF_INET, address, &a.sin_addr) != 1, address);
  return a;
}

static struct place open_place(const char *netns, const char *port, int rounds) {
  struct place p = {.ns = open(netns, O_RDONLY | O_CLOEXEC)};
  struct sockaddr_in here = at("0.0.0.0", port);
  check(p.ns < 0 || setns(p.ns, CLONE_NEWNET) != 0, netns);
  p.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(bind(p.listener, (struct sockaddr *)&here, sizeof here) != 0, "bind");
  check(listen(p.listener, 16) != 0, "listen");
  p.took = calloc((size_t)rounds, sizeof *p.took);
  return p;
}

/* Both ends are reset, not closed: a hundred thousand connections in TIME_WAIT would be measured. */
static void reset(int fd) {
  struct linger now = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd);
}

static long long one(const struct place *p, const struct sockaddr_in *to) {
  struct timespec before, after;
  check(setns(p->ns, CLONE_NEWNET) != 0, "setns");
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  clock_gettime(CLOCK_MONOTONIC, &before);
  int failed = connect(fd, (const struct sockaddr *)to, sizeof *to);
  clock_gettime(CLOCK_MONOTONIC, &after);
  check(failed, "connect");
  int peer = accept(p->listener, NULL, NULL);
  check(peer < 0, "accept");
  reset(fd);
  reset(peer);
  return (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
}

static int by_size(const void *a, const void *b) {
  long long x = *(const long long *)a, y = *(const long long *)b;
  return (x > y) - (x < y);
}

static void report(struct place *p, int rounds) {
  long long sum = 0;
  qsort(p->took, (size_t)rounds, sizeof *p->took, by_size);
  for (int i = 0; i < rounds / 2; ++i) sum += p->took[i];
  printf("%lld %lld %lld\n", p->took[rounds / 2], p->took[rounds * 99LL / 100], sum / (rounds / 2));
}

int main(int argc, char **argv) {
  enum { kWarmUp = 200, kFirst = 5, kMost = 64 };
  if (argc <= kFirst || argc > kFirst + kMost) {
    fprintf(stderr, "usage: connect ROUNDS ADDRESS PORT LISTEN-PORT NETNS...\n");
    return 2;
  }
  int rounds = atoi(argv[1]), count = argc - kFirst;
  struct sockaddr_in to = at(argv[2], argv[3]);
  struct place places[kMost];
  for (int i = 0; i < count; ++i) places[i] = open_place(argv[kFirst + i], argv[4], rounds);
  for (int round = -kWarmUp; round < rounds; ++round)
    for (int i = 0; i < count; ++i) {
      long long took = one(&places[i], &to);
      if (round >= 0) places[i].took[round] = took;
    }
  for (int i = 0; i < count; ++i) report(&places[i], rounds);
  return 0;
}
