/* Sends AdmissionReviews over TLS connections that stay open, one after the other on each, and
 * measures how long each takes. Every review is another one: wherever a body says @@@@@@@@ there is
 * a number that counts up.
 *
 *   reviews ADDRESS PORT CA BODIES CONNECTIONS WARM_UP SECONDS [PATH]
 *
 * BODIES has one body in each line; they take turns. Prints one line:
 *   REVIEWS NANOSECONDS P50_NS P99_NS MAX_NS BAD ALL
 * BAD are answers without a patch, ALL those of the warm-up too. A connection that breaks ends the program with status 1. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { kMaxConnections = 256, kMaxPlaces = 64, kAnswer = 1 << 18, kDigits = 8 };

typedef struct {
  char *request; /* the head, and a body whose places are filled in before it is sent */
  size_t length;
  size_t places[kMaxPlaces];
  int count;
} Review;

typedef struct {
  SSL *ssl;
  int fd;
  char *out; /* a request of its own: TLS wants the same bytes when it is asked again */
  size_t out_length, sent;
  char *in;
  size_t received, wanted; /* wanted: head and body; 0 is not known yet, SIZE_MAX in chunks */
  long started;
  short waits_for;
} Connection;

static Review *reviews;
static int review_count;
static long counter, answers, *latencies, bad;
static size_t latency_count, latency_room;

static void die(const char *what) {
  fprintf(stderr, "reviews: %s: %s\n", what, errno ? strerror(errno) : "failed");
  exit(1);
}

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void add_review(const char *host, const char *path, const char *body, size_t length) {
  reviews = realloc(reviews, (size_t)(review_count + 1) * sizeof *reviews);
  Review *review = &reviews[review_count++];
  memset(review, 0, sizeof *review);
  char head[512];
  int head_length = snprintf(head, sizeof head,
                             "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
                             "Accept: application/json\r\nContent-Length: %zu\r\n\r\n",
                             path, host, length);
  review->length = (size_t)head_length + length;
  review->request = malloc(review->length + 1);
  memcpy(review->request, head, (size_t)head_length);
  memcpy(review->request + head_length, body, length);
  review->request[review->length] = '\0';
  for (char *at = review->request; (at = strstr(at, "@@@@@@@@")) && review->count < kMaxPlaces; at += kDigits)
    review->places[review->count++] = (size_t)(at - review->request);
}

static void read_reviews(const char *file, const char *host, const char *path) {
  FILE *in = fopen(file, "re");
  if (!in) die(file);
  char *line = NULL;
  size_t room = 0;
  for (ssize_t n; (n = getline(&line, &room, in)) > 0;) add_review(host, path, line, (size_t)n - 1);
  fclose(in);
  if (review_count == 0) die("no bodies");
}

static void next_request(Connection *c) {
  const Review *review = &reviews[counter % review_count];
  char digits[32];
  snprintf(digits, sizeof digits, "%08ld", counter++ % 100000000);
  memcpy(c->out, review->request, review->length);
  for (int i = 0; i < review->count; ++i) memcpy(c->out + review->places[i], digits, kDigits);
  c->out_length = review->length;
  c->sent = c->received = c->wanted = 0;
  c->in[0] = '\0';
  c->started = now();
}

static SSL_CTX *make_context(const char *ca) {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  if (SSL_CTX_load_verify_file(context, ca) != 1) die("the authority");
  return context;
}

static void open_connection(Connection *c, SSL_CTX *context, const char *address, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  int on = 1;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
      connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0)
    die("connect");
  c->ssl = SSL_new(context);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(c->ssl), address);
  SSL_set_fd(c->ssl, c->fd);
  errno = 0;
  if (SSL_connect(c->ssl) != 1) die("handshake");
  size_t longest = 0;
  for (int i = 0; i < review_count; ++i)
    if (reviews[i].length > longest) longest = reviews[i].length;
  c->out = malloc(longest);
  c->in = malloc(kAnswer);
  if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0) die("fcntl");
}

/* Whether the connection is to wait; what for is noted. */
static int must_wait(Connection *c, int result) {
  switch (SSL_get_error(c->ssl, result)) {
    case SSL_ERROR_WANT_READ: c->waits_for = POLLIN; return 1;
    case SSL_ERROR_WANT_WRITE: c->waits_for = POLLOUT; return 1;
    default: errno = 0; die("the server closed a connection"); return 0;
  }
}

static void note_answer(Connection *c, int measuring) {
  if (strncmp(c->in, "HTTP/1.1 200", 12) != 0 || !strstr(c->in, "\"allowed\":true") ||
      !strstr(c->in, "\"patch\":\"")) {
    if (bad++ == 0) fprintf(stderr, "reviews: no patch in %.600s\n", c->in);
  }
  ++answers;
  if (!measuring) return;
  if (latency_count == latency_room) {
    latency_room = latency_room ? 2 * latency_room : 1 << 16;
    latencies = realloc(latencies, latency_room * sizeof *latencies);
  }
  latencies[latency_count++] = now() - c->started;
}

/* Whether the answer is whole: by its length, or, in chunks, by the last one. A server that was asked
 * one thing says no more after it. */
static int is_whole(Connection *c) {
  const char *end = strstr(c->in, "\r\n\r\n");
  if (!end) return 0;
  if (c->wanted == 0) {
    const char *length = strcasestr(c->in, "\r\ncontent-length:");
    c->wanted = length && length < end ? (size_t)(end - c->in) + 4 + strtoul(length + 17, NULL, 10) : SIZE_MAX;
  }
  if (c->wanted != SIZE_MAX) return c->received >= c->wanted;
  return c->received >= 7 && memcmp(c->in + c->received - 7, "\r\n0\r\n\r\n", 7) == 0;
}

/* As far as it goes without waiting. */
static void advance(Connection *c, int measuring) {
  for (;;) {
    while (c->sent < c->out_length) {
      int n = SSL_write(c->ssl, c->out + c->sent, (int)(c->out_length - c->sent));
      if (n <= 0 && must_wait(c, n)) return;
      c->sent += (size_t)n;
    }
    while (!is_whole(c)) {
      if (c->received + 1 >= kAnswer) die("an answer that is too long");
      int n = SSL_read(c->ssl, c->in + c->received, (int)(kAnswer - 1 - c->received));
      if (n <= 0 && must_wait(c, n)) return;
      c->received += (size_t)n;
      c->in[c->received] = '\0';
    }
    note_answer(c, measuring);
    next_request(c);
  }
}

static void run(Connection *connections, int count, long until, int measuring) {
  struct pollfd polled[kMaxConnections];
  while (now() < until) {
    for (int i = 0; i < count; ++i)
      polled[i] = (struct pollfd){.fd = connections[i].fd, .events = connections[i].waits_for};
    if (poll(polled, (nfds_t)count, 1000) < 0) die("poll");
    for (int i = 0; i < count; ++i)
      if (polled[i].revents) advance(&connections[i], measuring);
  }
}

static int by_size(const void *a, const void *b) {
  long x = *(const long *)a, y = *(const long *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc < 8) {
    fputs("usage: reviews ADDRESS PORT CA BODIES CONNECTIONS WARM_UP SECONDS [PATH]\n", stderr);
    return 2;
  }
  int count = atoi(argv[5]);
  if (count < 1 || count > kMaxConnections) die("1 to 256 connections");
  counter = now() / 1000 % 100000000; /* no two runs send the same reviews */
  read_reviews(argv[4], argv[1], argc > 8 ? argv[8] : "/inject");
  SSL_CTX *context = make_context(argv[3]);
  Connection *connections = calloc((size_t)count, sizeof *connections);
  for (int i = 0; i < count; ++i) {
    open_connection(&connections[i], context, argv[1], atoi(argv[2]));
    next_request(&connections[i]);
    connections[i].waits_for = POLLOUT;
  }
  run(connections, count, now() + (long)(atof(argv[6]) * 1e9), 0);
  long start = now();
  bad = 0;
  run(connections, count, start + (long)(atof(argv[7]) * 1e9), 1);
  long end = now();
  if (latency_count == 0) die("no answers");
  qsort(latencies, latency_count, sizeof *latencies, by_size);
  printf("%zu %ld %ld %ld %ld %ld %ld\n", latency_count, end - start, latencies[latency_count / 2],
         latencies[latency_count * 99 / 100], latencies[latency_count - 1], bad, answers);
  return 0;
}
