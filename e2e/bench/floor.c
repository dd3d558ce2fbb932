/* The least that an ADD can cost: a static program that does what nobody can leave out and nothing
 * else. It reads its configuration, asks a Kubernetes API server for one pod (TLS 1.3, verified),
 * looks that the namespace is not its own, writes the record that CHECK and repair go by, enters the
 * namespace, brings lo up and puts ::6 on it, sends one nftables transaction that was encoded
 * beforehand, reads the acknowledgement, and prints a result.
 *
 *   floor NETNS BATCH RECORD                             without asking the API server
 *   floor NETNS BATCH RECORD ADDRESS PORT CA TOKEN PATH  with the GET
 *
 * BATCH, CA and TOKEN are files, RECORD is one that it writes. Exits 0 when all went well. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static ssize_t read_file(const char *path, char *into, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, into, size);
  if (n < 0 || (size_t)n == size) die(path);
  close(fd);
  return n;
}

static int connect_to(const char *address, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
      connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
    die("connect");
  return fd;
}

static SSL *handshake(const char *address, int port, const char *ca) {
  /* A configuration file on the host is none of the least. */
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  if (SSL_CTX_load_verify_file(context, ca) != 1) die("ca");
  SSL *ssl = SSL_new(context);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address);
  SSL_set_fd(ssl, connect_to(address, port));
  if (SSL_connect(ssl) != 1) die("handshake");
  return ssl;
}

static void get(char **where) {
  static char token[8192], request[16384], answer[1 << 20];
  ssize_t size = read_file(where[3], token, sizeof token);
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: %s:%s\r\nAccept: application/json\r\n"
                        "Authorization: Bearer %.*s\r\nConnection: close\r\n\r\n",
                        where[4], where[0], where[1], (int)size, token);
  SSL *ssl = handshake(where[0], atoi(where[1]), where[2]);
  if (SSL_write(ssl, request, length) != length) die("request");
  int total = 0, n;
  while ((n = SSL_read(ssl, answer + total, (int)sizeof answer - total)) > 0) total += n;
  if (total < 12 || memcmp(answer, "HTTP/1.1 200", 12) != 0) die("the answer is not 200");
}

/* A handle on the pod's namespace, which must not be the one this process runs in. */
static int open_namespace(const char *netns) {
  struct stat there, here;
  int ns = open(netns, O_RDONLY | O_CLOEXEC), own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (ioctl(ns, NS_GET_NSTYPE) != CLONE_NEWNET || fstat(ns, &there) != 0 || fstat(own, &here) != 0 ||
      there.st_ino == here.st_ino)
    die(netns);
  return ns;
}

/* Whole or not at all: under another name first. */
static void record(const char *path, const char *text, size_t size) {
  char temporary[4096];
  snprintf(temporary, sizeof temporary, "%s.tmp", path);
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, text, size) != (ssize_t)size || close(fd) != 0 ||
      rename(temporary, path) != 0)
    die(temporary);
}

/* Reads until `acks` messages are acknowledged. */
static void acknowledged(int fd, int acks, int tolerated) {
  char answer[4096];
  while (acks > 0) {
    int size = (int)recv(fd, answer, sizeof answer, 0);
    if (size < 0) die("recv");
    for (struct nlmsghdr *m = (struct nlmsghdr *)answer; NLMSG_OK(m, size); m = NLMSG_NEXT(m, size)) {
      errno = -((struct nlmsgerr *)NLMSG_DATA(m))->error;
      if (m->nlmsg_type != NLMSG_ERROR || (errno != 0 && errno != tolerated)) die("the kernel refused");
      --acks;
    }
  }
}

static void send_all(int fd, void *bytes, size_t size) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  if (sendto(fd, bytes, size, 0, (struct sockaddr *)&kernel, sizeof kernel) != (ssize_t)size)
    die("sendto");
}

static void prepare_loopback(int fd) {
  struct {
    struct nlmsghdr up;
    struct ifinfomsg link;
    struct nlmsghdr add;
    struct ifaddrmsg address;
    struct rtattr head;
    unsigned char source[16];
  } both = {.up = {.nlmsg_len = sizeof both.up + sizeof both.link, .nlmsg_type = RTM_NEWLINK,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
            .link = {.ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP},
            .add = {.nlmsg_len = sizeof both - sizeof both.up - sizeof both.link,
                    .nlmsg_type = RTM_NEWADDR,
                    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL},
            .address = {.ifa_family = AF_INET6, .ifa_prefixlen = 128, .ifa_flags = IFA_F_NODAD,
                        .ifa_index = 1},
            .head = {.rta_len = sizeof both.head + sizeof both.source, .rta_type = IFA_LOCAL},
            .source = {[15] = 6}};
  send_all(fd, &both, sizeof both);
  acknowledged(fd, 2, EEXIST);
}

static void program(int ns, const char *file) {
  static char batch[1 << 20];
  ssize_t size = read_file(file, batch, sizeof batch);
  if (setns(ns, CLONE_NEWNET) != 0) die("setns");
  prepare_loopback(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  send_all(fd, batch, (size_t)size);
  acknowledged(fd, 1, 0);
}

int main(int argc, char **argv) {
  static char conf[65536];
  const char result[] = "{\"cniVersion\":\"1.0.0\"}\n";
  if (argc != 4 && argc != 9) {
    fprintf(stderr, "usage: floor NETNS BATCH RECORD [ADDRESS PORT CA TOKEN PATH]\n");
    return 2;
  }
  ssize_t size = read(0, conf, sizeof conf);
  int ns = open_namespace(argv[1]);
  if (argc == 9) get(argv + 4);
  record(argv[3], conf, size < 0 ? 0 : (size_t)size);
  program(ns, argv[2]);
  return write(1, result, sizeof result - 1) < 0;
}
