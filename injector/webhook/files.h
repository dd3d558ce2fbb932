#pragma once

// Files that change while they are read: those of ConfigMaps and Secrets, which the kubelet
// replaces by renaming the symlink `..data` beside them, and those that a person edits.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rules/base/result.h"

namespace sluice::webhook {

class FileWatch {
 public:
  using Changed = std::function<void()>;

  /// Watches the directories that `paths` are in, and calls `changed` on a thread of its own once
  /// they have been quiet for `settle`. Since not every file system tells, also once a minute:
  /// whoever is called compares. Io when inotify is not to be had, or a directory is not there.
  [[nodiscard]] static Result<FileWatch> start(
      const std::vector<std::string>& paths, Changed changed,
      std::chrono::milliseconds settle = std::chrono::milliseconds(100));

  FileWatch(FileWatch&&) noexcept;
  FileWatch& operator=(FileWatch&&) noexcept;
  ~FileWatch();  ///< ends the thread; `changed` is not called any more

 private:
  class Loop;
  explicit FileWatch(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace sluice::webhook
