// Drives a fuzz target without libFuzzer, so that every machine and every compiler can run it:
//
//   TARGET RUNS CORPUS...    CORPUS: files, or directories of them
//
// Every input is a mutation of a corpus file, drawn from its number alone: a run that fails names
// the number, and `TARGET N CORPUS...` reaches it again. Meant for builds with sanitizers. The
// preset `fuzz` links libFuzzer in this file's place.

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::size_t current = 0;
std::string input;

constexpr unsigned kPatience = 10;  // seconds for one input

/// abort(), the sanitizers (with abort_on_error=1) and a lost patience end here.
extern "C" void tell_input(int) {
  std::cerr << "\ninput " << current << " failed, or took too long:\n" << input << "\n";
  std::_Exit(1);
}

/// Without these a sanitizer would end the process by itself, and nobody knew at which input.
extern "C" const char* __asan_default_options() {
  return "abort_on_error=1";
}
extern "C" const char* __ubsan_default_options() {
  return "abort_on_error=1:print_stacktrace=1";
}

std::vector<std::string> read_corpus(const std::vector<std::string>& names) {
  std::vector<fs::path> paths;
  for (const fs::path name : names) {
    if (!fs::is_directory(name)) {
      paths.push_back(name);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(name)) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const fs::path& path : paths) {
    std::ifstream file(path);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

class Mutation {
 public:
  Mutation(std::size_t number, const std::vector<std::string>& corpus)
      : engine_(number), corpus_(corpus), text_(pick()) {}

  std::string result() {
    for (std::size_t left = 1 + below(6); left > 0; --left) step();
    return std::move(text_);
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : engine_() % limit; }
  const std::string& pick() { return corpus_[below(corpus_.size())]; }

  void step() {
    using namespace std::string_view_literals;  // which do not end at a NUL
    static constexpr std::string_view kTelling = "\"{}[],:-/*\\\n\0 09\x7f\xff\xc3=&<>#'|%"sv;
    const std::size_t at = below(text_.size() + 1);
    const std::size_t length = below(std::min<std::size_t>(text_.size() - at, 32) + 1);
    const std::string& other = pick();
    const std::size_t from = below(other.size() + 1);
    switch (below(6)) {
      case 0:
        text_.erase(at, length);
        break;
      case 1:
        text_.insert(at, text_.substr(at, length));
        break;
      case 2:
        text_.insert(at, 1, kTelling[below(kTelling.size())]);
        break;
      case 3:
        if (at < text_.size()) text_[at] = static_cast<char>(engine_());
        break;
      case 4:
        text_.replace(at, length, other, from, below(64));
        break;
      default:
        text_.insert(at, std::to_string(engine_() >> below(64)));
        break;
    }
  }

  std::mt19937_64 engine_;
  const std::vector<std::string>& corpus_;
  std::string text_;
};

void run(const std::string& text) {
  input = text;
  // A copy of exactly its size, so that a read past the end is seen.
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  alarm(kPatience);
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) {
    std::cerr << "usage: " << words[0] << " RUNS CORPUS...\n";
    return 2;
  }
  const std::size_t runs = std::stoul(words[1]);
  const std::vector<std::string> corpus = read_corpus({words + 2, words + count});
  if (corpus.empty()) return 2;
  std::signal(SIGABRT, tell_input);
  std::signal(SIGALRM, tell_input);
  for (const std::string& text : corpus) run(text);
  for (current = 1; current <= runs; ++current) run(Mutation(current, corpus).result());
  std::cout << corpus.size() << " files, " << runs << " mutations\n";
}
