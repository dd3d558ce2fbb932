// What injecting costs without a server: the pods of AdmissionReviews, each another one, through
// the injector's library.
//
//   sluice_bench_injections BODIES [CONFIG VALUES MESH]
//
// BODIES has one review in each line; where it says @@@@@@@@ a number goes. Without the other files
// it is the built-in template. Prints pods a second and the nanoseconds of the median and of the
// 99th of a hundred.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>

#include "conf/kube/read_file.h"
#include "injector/webhook/compile.h"

namespace {

using namespace sluice;
using Clock = std::chrono::steady_clock;

constexpr int kPods = 4000;
constexpr int kWarmUp = 200;

std::vector<std::string> read_lines(const char* path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

injector::PodRequest pod_of(std::string review, int number) {
  constexpr std::string_view kPlace = "@@@@@@@@";
  char digits[16];
  std::snprintf(digits, sizeof digits, "%08d", number);
  for (std::size_t at = 0; (at = review.find(kPlace, at)) != std::string::npos;) {
    review.replace(at, kPlace.size(), digits);
  }
  injector::PodRequest request;
  auto document = nlohmann::json::parse(review);
  request.pod = std::move(document["request"]["object"]);
  request.namespace_name = document["request"]["namespace"];
  return request;
}

Result<webhook::Compiled> read_settings(int argc, char** argv) {
  webhook::Texts texts;
  if (argc > 4) {
    ASSIGN_OR_RETURN(texts.inject, kube::read_file(argv[2]));
    ASSIGN_OR_RETURN(texts.values, kube::read_file(argv[3]));
    ASSIGN_OR_RETURN(texts.mesh, kube::read_file(argv[4]));
  }
  return webhook::compile(texts, {}, webhook::NativeSidecars::Always);
}

Result<std::vector<double>> measure(const webhook::Inject& inject,
                                    const std::vector<std::string>& reviews) {
  std::vector<double> times;
  for (int i = 0; i < kWarmUp + kPods; ++i) {
    const injector::PodRequest request =
        pod_of(reviews[static_cast<std::size_t>(i) % reviews.size()], i);
    const auto start = Clock::now();
    ASSIGN_OR_RETURN(const injector::Injection injection, inject(request));
    const auto end = Clock::now();
    if (!injection.verdict.inject) return fail(Errc::Invalid, injection.verdict.text);
    if (i >= kWarmUp)
      times.push_back(std::chrono::duration<double, std::nano>(end - start).count());
  }
  return times;
}

}  // namespace

int main(int argc, char** argv) {
  const auto reviews = argc > 1 ? read_lines(argv[1]) : std::vector<std::string>{};
  if (reviews.empty()) {
    std::fprintf(stderr, "usage: sluice_bench_injections BODIES [CONFIG VALUES MESH]\n");
    return 2;
  }
  const auto settings = read_settings(argc, argv);
  auto times = settings ? measure(settings->native, reviews)
                        : Result<std::vector<double>>(tl::make_unexpected(settings.error()));
  if (!times) {
    std::fprintf(stderr, "sluice_bench_injections: %s\n", times.error().message.c_str());
    return 1;
  }
  double sum = 0;
  for (const double time : *times) sum += time;
  std::sort(times->begin(), times->end());
  std::printf("%f %f %f\n", kPods * 1e9 / sum, (*times)[kPods / 2], (*times)[kPods * 99 / 100]);
  return 0;
}
