/* The least that an ADD can cost: a static program that does what nobody can leave out and nothing
 * else. It asks a Kubernetes API server for one pod (TLS 1.3, verified), enters a network namespace,
 * sends one nftables transaction that was encoded beforehand, and reads the acknowledgement.
 *
 *   floor NETNS BATCH                             the commit only
 *   floor NETNS BATCH ADDRESS PORT CA TOKEN PATH  with the GET
 *
 * CA and TOKEN are files. Exits 0 when all went well. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

static void commit(const char *netns, const char *file) {
  static char batch[1 << 20];
  char answer[4096];
  ssize_t size = read_file(file, batch, sizeof batch);
  int ns = open(netns, O_RDONLY | O_CLOEXEC);
  if (ns < 0 || setns(ns, CLONE_NEWNET) != 0) die(netns);
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  struct iovec part = {batch, (size_t)size};
  struct msghdr message = {
      .msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = &part, .msg_iovlen = 1};
  if (sendmsg(fd, &message, 0) != size) die("sendmsg");
  if (recv(fd, answer, sizeof answer, 0) < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)))
    die("recv");
  struct nlmsghdr *header = (struct nlmsghdr *)answer;
  struct nlmsgerr *error = NLMSG_DATA(header);
  errno = -error->error;
  if (header->nlmsg_type != NLMSG_ERROR || error->error != 0) die("the kernel refused the batch");
}

int main(int argc, char **argv) {
  if (argc != 3 && argc != 8) {
    fprintf(stderr, "usage: floor NETNS BATCH [ADDRESS PORT CA TOKEN PATH]\n");
    return 2;
  }
  if (argc == 8) get(argv + 3);
  commit(argv[1], argv[2]);
  return 0;
}
