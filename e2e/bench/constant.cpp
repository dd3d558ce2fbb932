// The least that a review can cost on this HTTP stack: a server that reads it whole and gives the
// same answer to all, of the length that a real one has.
//
//   sluice_bench_constant PORT CERTIFICATE KEY

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "conf/kube/read_file.h"
#include "injector/webhook/server.h"

namespace {

using namespace sluice;

// A patch of Istio's template in base64.
constexpr std::size_t kPatchLength = 11'000;

std::string constant_answer() {
  return R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"allowed":true,)"
         R"("patch":")" +
         std::string(kPatchLength, 'A') +
         R"(","patchType":"JSONPatch","uid":"00000000-9407-4dda-aaea-e98d0498d33b"}})";
}

Result<std::shared_ptr<const webhook::Serving>> read_serving(const char* certificate,
                                                             const char* key) {
  kube::Identity identity;
  ASSIGN_OR_RETURN(identity.certificate_pem, kube::read_file(certificate));
  ASSIGN_OR_RETURN(identity.key_pem, kube::read_file(key));
  return webhook::serving(identity, "");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: sluice_bench_constant PORT CERTIFICATE KEY\n");
    return 2;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  webhook::Current<webhook::Serving> tls;
  const auto identity = read_serving(argv[2], argv[3]);
  webhook::ConnectionCounts counts;
  webhook::ServerOptions options;
  options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  options.tls = &tls;
  if (identity) tls.set(*identity);
  const std::string answer = constant_answer();
  const auto server =
      !identity
          ? tl::make_unexpected(identity.error())
          : webhook::Server::start(
                options,
                [&](const webhook::HttpRequest&) { return webhook::HttpReply{.body = answer}; },
                counts);
  if (!server) {
    std::fprintf(stderr, "sluice_bench_constant: %s\n", server.error().message.c_str());
    return 1;
  }
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}
