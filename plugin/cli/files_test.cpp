#include "plugin/cli/files.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "conf/kube/error_of.h"

using namespace sluice;
using namespace sluice::cli;
namespace fs = std::filesystem;

namespace {

struct Directory {
  Directory() {
    std::string name = fs::temp_directory_path() / "sluice-files-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { fs::remove_all(path); }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path / name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), {}));
  }
  fs::path path;
};

}  // namespace

TEST_CASE("a directory means its YAML and JSON files by name, and not deeper") {
  const Directory directory;
  for (const char* name : {"b.yml", "a.yaml", "c.json", "d.txt", "e", ".yaml"}) {
    directory.write(name, "");
  }
  fs::create_directory(directory / "f.yaml");
  directory.write("f.yaml/g.yaml", "");
  fs::create_symlink("a.yaml", directory / "z.yaml");

  const auto files = input_files({"-", directory.path, directory / "d.txt"});
  REQUIRE(files.has_value());
  CHECK(*files == std::vector<std::string>{"-", directory / "a.yaml", directory / "b.yml",
                                           directory / "c.json", directory / "z.yaml",
                                           directory / "d.txt"});
}

TEST_CASE("what is not there, an empty directory and a second stdin are wrong usage") {
  const Directory directory;
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{directory / "none.yaml"}, {directory.path}, {"-", "-"}}) {
    const Error error = error_of(input_files(names));
    CHECK(error.code == Errc::Usage);
    CHECK(error.message.find(names[0] == "-" ? "--filename -" : names[0]) == 0);
  }
}

TEST_CASE("output replaces a file whole, keeps its mode, and follows a link") {
  const Directory directory;
  CHECK(write_output(directory / "new", "1\n").has_value());
  CHECK(directory.read("new") == "1\n");

  directory.write("old", "long before\n");
  REQUIRE(::chmod((directory / "old").c_str(), 0640) == 0);
  fs::create_symlink("old", directory / "link");
  CHECK(write_output(directory / "link", "2\n").has_value());
  CHECK(directory.read("old") == "2\n");
  CHECK(fs::is_symlink(directory / "link"));
  struct stat status{};
  REQUIRE(::stat((directory / "old").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0640);
  CHECK(directory.entries() == 3);  // no draft is left
}

TEST_CASE("output that cannot be written leaves nothing behind") {
  const Directory directory;
  const Error error = error_of(write_output(directory / "none/x", "1\n"));
  CHECK(error.code == Errc::Io);
  CHECK(error.message.find(directory / "none/x") == 0);
  fs::create_directory(directory / "d");
  CHECK(error_of(write_output(directory / "d", "1\n")).code == Errc::Io);
  CHECK(directory.entries() == 1);
  CHECK(write_output("/dev/null", "1\n").has_value());
}
