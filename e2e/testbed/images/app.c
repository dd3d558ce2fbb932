// A pod's application, in both of its parts.
//
//   app serve NAME PORT...    answers on each port, TCP and UDP, in one line:
//                             "NAME peer=ADDRESS:PORT local=ADDRESS:PORT uid=N"; over HTTP when asked so,
//                             with " xfcc=VALUE" for the request's x-forwarded-client-cert
//   app tcp ADDRESS:PORT      sends one line and prints what comes back
//   app http ADDRESS:PORT [HEADER...]
//                             the same as GET / with these headers, and prints the answer's too
//   app udp ADDRESS:PORT      the same in one datagram
//   app dns ADDRESS:PORT NAME asks that server for the name's IPv4 address, and prints it
//
// An IPv6 address stands in brackets. A client that has no whole answer within three seconds says
// why and exits with status 1. Static and without a resolver, so that it tests the network and
// nothing else.
#define _GNU_SOURCE  // struct in6_pktinfo

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { kTimeoutSeconds = 3, kMaxPorts = 16, kDnsHeader = 12 };

typedef struct {
  struct sockaddr_storage address;
  socklen_t length;
} Endpoint;

static _Noreturn void fail(const char* what, const char* why) {
  fprintf(stderr, "app: %s: %s\n", what, why);
  exit(EXIT_FAILURE);
}

// ---- addresses ----

static Endpoint parse_endpoint(const char* text) {
  char host[INET6_ADDRSTRLEN + 2];
  const char* colon = strrchr(text, ':');
  if (!colon || (size_t)(colon - text) >= sizeof host) fail(text, "not ADDRESS:PORT");
  snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
  const uint16_t port = htons((uint16_t)atoi(colon + 1));

  Endpoint endpoint = {0};
  struct sockaddr_in* v4 = (struct sockaddr_in*)&endpoint.address;
  struct sockaddr_in6* v6 = (struct sockaddr_in6*)&endpoint.address;
  if (host[0] == '[' && host[strlen(host) - 1] == ']') {
    host[strlen(host) - 1] = '\0';
    if (inet_pton(AF_INET6, host + 1, &v6->sin6_addr) != 1) fail(text, "not an address");
    v6->sin6_family = AF_INET6;
    v6->sin6_port = port;
    endpoint.length = sizeof *v6;
  } else {
    if (inet_pton(AF_INET, host, &v4->sin_addr) != 1) fail(text, "not an address");
    v4->sin_family = AF_INET;
    v4->sin_port = port;
    endpoint.length = sizeof *v4;
  }
  return endpoint;
}

// A server's sockets are IPv6 and serve both families: a mapped address is printed as IPv4.
static void print_endpoint(char* out, size_t size, const struct sockaddr_storage* address) {
  char host[INET6_ADDRSTRLEN];
  const struct sockaddr_in6* v6 = (const struct sockaddr_in6*)address;
  inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
  const int port = ntohs(v6->sin6_port);
  if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
    snprintf(out, size, "%s:%d", strrchr(host, ':') + 1, port);
  } else {
    snprintf(out, size, "[%s]:%d", host, port);
  }
}

// ---- the server ----

static int listen_on(int type, const char* port) {
  const struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(port))};
  const int on = 1, off = 0;
  const int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket", strerror(errno));
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (type == SOCK_DGRAM) setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  if (bind(fd, (const struct sockaddr*)&any, sizeof any) != 0) fail(port, strerror(errno));
  if (type == SOCK_STREAM && listen(fd, 128) != 0) fail(port, strerror(errno));
  return fd;
}

static void describe(char* line, size_t size, const char* name,
                     const struct sockaddr_storage* peer, const struct sockaddr_storage* local) {
  char peer_text[64], local_text[64];
  print_endpoint(peer_text, sizeof peer_text, peer);
  print_endpoint(local_text, sizeof local_text, local);
  snprintf(line, size, "%s peer=%s local=%s uid=%d", name, peer_text, local_text, (int)getuid());
}

// What a proxy that ended mTLS says about the client: proxies write header names in lower case.
static void describe_client(char* line, size_t size, const char* request) {
  static const char kHeader[] = "\r\nx-forwarded-client-cert: ";
  const char* header = strstr(request, kHeader);
  if (!header) return;
  const char* value = header + sizeof kHeader - 1;
  const size_t used = strlen(line);
  snprintf(line + used, size - used, " xfcc=%.*s", (int)strcspn(value, " \r"), value);
}

// One connection, in a process of its own: a client that says nothing holds up nobody.
static void serve_connection(int fd, const char* name) {
  struct sockaddr_storage peer = {0}, local = {0};
  socklen_t peer_length = sizeof peer, local_length = sizeof local;
  getpeername(fd, (struct sockaddr*)&peer, &peer_length);
  getsockname(fd, (struct sockaddr*)&local, &local_length);
  char line[2048], request[8192];
  describe(line, sizeof line, name, &peer, &local);

  const struct timeval patience = {.tv_sec = kTimeoutSeconds};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  size_t used = 0;
  request[0] = '\0';
  // A request ends with its first line, an HTTP request with an empty one.
  while (!strchr(request, '\n') ||
         (strncmp(request, "GET ", 4) == 0 && !strstr(request, "\r\n\r\n"))) {
    const ssize_t got = read(fd, request + used, sizeof request - 1 - used);
    if (got <= 0) return;
    used += (size_t)got;
    request[used] = '\0';
  }
  if (strncmp(request, "GET ", 4) == 0) {
    describe_client(line, sizeof line, request);
    dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
            strlen(line) + 1);
  }
  dprintf(fd, "%s\n", line);
}

// Which of this host's addresses a datagram was for is only in its control message; the answer
// leaves from that address, or a client that is connected to it would not take it.
static void serve_datagram(int fd, const char* name) {
  char request[512], line[256], control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
  struct sockaddr_storage peer = {0}, local = {0};
  struct iovec part = {.iov_base = request, .iov_len = sizeof request};
  struct msghdr message = {.msg_name = &peer, .msg_namelen = sizeof peer, .msg_iov = &part,
                           .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  if (recvmsg(fd, &message, 0) < 0) return;
  socklen_t local_length = sizeof local;
  getsockname(fd, (struct sockaddr*)&local, &local_length);
  for (struct cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != IPV6_PKTINFO) continue;
    struct in6_pktinfo* to = (struct in6_pktinfo*)CMSG_DATA(c);
    ((struct sockaddr_in6*)&local)->sin6_addr = to->ipi6_addr;
    to->ipi6_ifindex = 0;
  }
  describe(line, sizeof line - 1, name, &peer, &local);
  strcat(line, "\n");
  part.iov_base = line;
  part.iov_len = strlen(line);
  sendmsg(fd, &message, 0);
}

static void finish(int) { _exit(EXIT_SUCCESS); }

static void serve(const char* name, char** ports, int count) {
  struct pollfd sockets[2 * kMaxPorts];
  if (count < 1 || count > kMaxPorts) fail("serve", "give one to 16 ports");
  for (int i = 0; i < count; ++i) {
    sockets[2 * i] = (struct pollfd){.fd = listen_on(SOCK_STREAM, ports[i]), .events = POLLIN};
    sockets[2 * i + 1] = (struct pollfd){.fd = listen_on(SOCK_DGRAM, ports[i]), .events = POLLIN};
  }
  signal(SIGCHLD, SIG_IGN);
  signal(SIGTERM, finish);  // the first process of a container ignores what it does not handle
  for (;;) {
    if (poll(sockets, 2 * (nfds_t)count, -1) < 0) continue;
    for (int i = 0; i < 2 * count; ++i) {
      if (!(sockets[i].revents & POLLIN)) continue;
      if (i % 2 == 1) {
        serve_datagram(sockets[i].fd, name);
        continue;
      }
      const int fd = accept(sockets[i].fd, NULL, NULL);
      if (fd < 0) continue;
      if (fork() == 0) {
        serve_connection(fd, name);
        _exit(EXIT_SUCCESS);
      }
      close(fd);
    }
  }
}

// ---- the clients ----

static int connect_to(const char* to, int type) {
  const Endpoint endpoint = parse_endpoint(to);
  const struct timeval patience = {.tv_sec = kTimeoutSeconds};
  const int fd = socket(endpoint.address.ss_family, type, 0);
  if (fd < 0) fail("socket", strerror(errno));
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);  // bounds connect() too
  if (connect(fd, (const struct sockaddr*)&endpoint.address, endpoint.length) != 0) {
    fail(to, errno == EINPROGRESS ? "no answer in time" : strerror(errno));
  }
  return fd;
}

static void ask_stream(const char* to, const char* request) {
  const int fd = connect_to(to, SOCK_STREAM);
  char answer[4096];
  size_t total = 0;
  dprintf(fd, "%s", request);
  for (;;) {
    const ssize_t got = read(fd, answer, sizeof answer);
    if (got < 0) fail(to, errno == EAGAIN ? "no answer in time" : strerror(errno));
    if (got == 0) break;
    total += (size_t)got;
    fwrite(answer, 1, (size_t)got, stdout);
  }
  if (total == 0) fail(to, "closed without an answer");
}

static size_t ask_datagram(const char* to, const void* request, size_t length, void* answer,
                           size_t size) {
  const int fd = connect_to(to, SOCK_DGRAM);
  if (send(fd, request, length, 0) < 0) fail(to, strerror(errno));
  const ssize_t got = recv(fd, answer, size, 0);
  if (got < 0) fail(to, errno == EAGAIN ? "no answer in time" : strerror(errno));
  return (size_t)got;
}

static size_t write_question(unsigned char* out, const char* name) {
  const unsigned char header[kDnsHeader] = {0x51, 0x1c, 1, 0, 0, 1};  // an id, recursion, 1 question
  const unsigned char type_a_class_in[4] = {0, 1, 0, 1};
  memcpy(out, header, sizeof header);
  size_t at = sizeof header;
  while (*name) {
    const size_t label = strcspn(name, ".");
    out[at++] = (unsigned char)label;
    memcpy(out + at, name, label);
    at += label;
    name += label + (name[label] == '.');
  }
  out[at++] = 0;
  memcpy(out + at, type_a_class_in, sizeof type_a_class_in);
  return at + sizeof type_a_class_in;
}

static void ask_dns(const char* to, const char* name) {
  unsigned char question[300], answer[512];
  char text[INET_ADDRSTRLEN];
  if (strlen(name) > 253) fail(name, "too long for a name");
  const size_t length = write_question(question, name);
  const size_t got = ask_datagram(to, question, length, answer, sizeof answer);
  if (got < kDnsHeader || memcmp(answer, question, 2) != 0) fail(to, "not an answer to this question");
  if ((answer[3] & 0x0f) != 0) fail(name, "the server refused or does not know the name");
  const unsigned char one_answer_alone[6] = {0, 1, 0, 0, 0, 0};
  if (memcmp(answer + 6, one_answer_alone, 6) != 0) fail(name, "not exactly one record");
  if (got < length + 4) fail(to, "a short answer");
  // One A record and nothing after it: its address is the message's end.
  printf("%s\n", inet_ntop(AF_INET, answer + got - 4, text, sizeof text));
}

int main(int argc, char** argv) {
  const char* verb = argc > 2 ? argv[1] : "";
  if (strcmp(verb, "serve") == 0) serve(argv[2], argv + 3, argc - 3);
  if (strcmp(verb, "tcp") == 0) return ask_stream(argv[2], "hello\n"), 0;
  if (strcmp(verb, "http") == 0) {
    char request[1024];
    int used = snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\n", argv[2]);
    for (int i = 3; i < argc && used < (int)sizeof request; ++i) {
      used += snprintf(request + used, sizeof request - (size_t)used, "%s\r\n", argv[i]);
    }
    if (used > (int)sizeof request - 32) fail("http", "too many headers");
    strcat(request, "Connection: close\r\n\r\n");
    return ask_stream(argv[2], request), 0;
  }
  if (strcmp(verb, "udp") == 0) {
    char answer[512];
    const size_t got = ask_datagram(argv[2], "hello\n", 6, answer, sizeof answer);
    return fwrite(answer, 1, got, stdout) == got ? 0 : 1;
  }
  if (strcmp(verb, "dns") == 0 && argc == 4) return ask_dns(argv[2], argv[3]), 0;
  fprintf(stderr, "usage: app serve NAME PORT... | tcp|udp ADDRESS:PORT |\n"
                  "       app http ADDRESS:PORT [HEADER...] | dns ADDRESS:PORT NAME\n");
  return 2;
}
