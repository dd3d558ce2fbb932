#include "plugin/cli/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/base/unique_fd.h"

namespace sluice::cli {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> failed(Errc code, const std::string& path, int error) {
  return fail(code, path + ": " + std::strerror(error), error);
}

Result<std::vector<std::string>> files_in(const std::string& directory) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string extension = entry->path().extension();
    const bool fits = extension == ".yaml" || extension == ".yml" || extension == ".json";
    std::error_code gone;
    if (fits && entry->is_regular_file(gone)) out.push_back(entry->path());
  }
  if (error) return failed(Errc::Usage, directory, error.value());
  if (out.empty()) {
    return fail(Errc::Usage, directory + ": no *.yaml, *.yml or *.json in this directory");
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t size = ::write(fd, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failed(Errc::Io, path, errno);
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

/// A file without a name yet: removed again unless it gets one.
class Draft {
 public:
  static Result<Draft> beside(const std::string& path) {
    Draft draft;
    draft.path_ = path + ".XXXXXX";
    draft.fd_.reset(::mkostemp(draft.path_.data(), O_CLOEXEC));
    if (!draft.fd_) {
      draft.path_.clear();
      return failed(Errc::Io, path, errno);
    }
    return draft;
  }
  Draft(Draft&& other) noexcept : path_(std::move(other.path_)), fd_(std::move(other.fd_)) {
    other.path_.clear();
  }
  Draft& operator=(Draft&&) = delete;
  ~Draft() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  Result<void> become(const std::string& path, const std::string& text, mode_t mode) {
    RETURN_IF_ERROR(write_all(fd_.get(), text, path));
    if (::fchmod(fd_.get(), mode) != 0 || ::fsync(fd_.get()) != 0 ||
        ::rename(path_.c_str(), path.c_str()) != 0) {
      return failed(Errc::Io, path, errno);
    }
    path_.clear();
    return {};
  }

 private:
  Draft() = default;
  std::string path_;
  UniqueFd fd_;
};

mode_t mode_of_new_files() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

Result<std::vector<std::string>> input_files(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  if (std::count(names.begin(), names.end(), "-") > 1) {
    return fail(Errc::Usage, "--filename - can be given only once: there is one stdin");
  }
  for (const std::string& name : names) {
    struct stat status{};
    if (name != "-" && ::stat(name.c_str(), &status) != 0) {
      return failed(Errc::Usage, name, errno);
    }
    if (name == "-" || !S_ISDIR(status.st_mode)) {
      out.push_back(name);
      continue;
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> inside, files_in(name));
    out.insert(out.end(), inside.begin(), inside.end());
  }
  return out;
}

Result<std::string> read_input(const std::string& path) {
  UniqueFd file;
  if (path != "-") {
    file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return fail(Errc::Usage, path + ": " + std::strerror(errno), errno);
  }
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t size = ::read(file ? file.get() : STDIN_FILENO, buffer.data(), buffer.size());
    if (size == 0) return text;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail(Errc::Usage, path + ": " + std::strerror(errno), errno);
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

Result<void> write_output(const std::string& path, const std::string& text) {
  if (path.empty() || path == "-") return write_all(STDOUT_FILENO, text, "stdout");
  struct stat status{};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return failed(Errc::Io, path, errno);
    return write_all(fd.get(), text, path);
  }
  std::error_code no_link;
  const fs::path target = exists ? fs::canonical(path, no_link) : fs::path(path);
  const std::string where = no_link ? path : target.string();
  ASSIGN_OR_RETURN(Draft draft, Draft::beside(where));
  return draft.become(where, text, exists ? status.st_mode & 07777 : mode_of_new_files());
}

}  // namespace sluice::cli
