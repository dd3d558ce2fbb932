#include "plugin/verbs/attachments.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/kube/read_file.h"
#include "rules/base/json.h"
#include "rules/base/unique_fd.h"
#include "rules/policy/policy_json.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr std::string_view kSuffix = ".json";
constexpr std::string_view kTemporarySuffix = ".json.tmp";  // until the record is whole

tl::unexpected<Error> io_error(const std::string& what) {
  const int error = errno;
  return fail(Errc::Io, what + ": " + std::strerror(error), error);
}

/// Makes `dir` and what lies above it.
Result<void> make_directories(const std::string& dir) {
  for (std::size_t slash = dir.find('/', 1);; slash = dir.find('/', slash + 1)) {
    const std::string part = dir.substr(0, slash);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return io_error("making " + part);
    if (slash == std::string::npos) return {};
  }
}

Result<void> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error("writing " + path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

json to_json(const AttachmentRecord& record) {
  json out = {{"version", 1},
              {"containerId", record.attachment.container_id},
              {"ifname", record.attachment.ifname},
              {"network", record.network},
              {"netns", record.netns},
              {"netnsInode", record.netns_inode},
              {"podNamespace", record.pod_namespace},
              {"podName", record.pod_name},
              {"podUid", record.pod_uid}};
  if (!record.policy) out["passedBecause"] = record.passed_because;
  return out;
}

/// The environment may hold any bytes; a file of ours is JSON.
std::string to_text(const AttachmentRecord& record) {
  std::string text = dump_compact(to_json(record));
  if (record.policy)
    text.replace(text.size() - 1, 1, ",\"policy\":" + canonical_json(*record.policy) + "}");
  return text + "\n";
}

Result<void> unlink_if_there(const std::string& file) {
  if (::unlink(file.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return {};
  return io_error("removing attachment record " + file);
}

Result<AttachmentRecord> from_json(const json& j) {
  AttachmentRecord record;
  record.attachment = {j.at("containerId").get<std::string>(), j.at("ifname").get<std::string>()};
  record.network = j.at("network").get<std::string>();
  record.netns = j.at("netns").get<std::string>();
  record.netns_inode = j.at("netnsInode").get<ino_t>();
  record.pod_namespace = j.at("podNamespace").get<std::string>();
  record.pod_name = j.at("podName").get<std::string>();
  record.pod_uid = j.at("podUid").get<std::string>();
  if (j.contains("policy")) {
    ASSIGN_OR_RETURN(record.policy, policy_from_json(j["policy"]));
  } else {
    record.passed_because = j.at("passedBecause").get<std::string>();
  }
  return record;
}

}  // namespace

std::string AttachmentStore::path(const cni::Attachment& attachment,
                                  std::string_view suffix) const {
  // Neither name can hold a ':' (request.h), so no two attachments share a file.
  return dir_ + "/" + attachment.container_id + ":" + attachment.ifname + std::string(suffix);
}

Result<void> AttachmentStore::save(const AttachmentRecord& record) const {
  const std::string final_path = path(record.attachment, kSuffix);
  const std::string temporary = path(record.attachment, kTemporarySuffix);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  UniqueFd file(::open(temporary.c_str(), flags, 0600));
  if (!file && errno == ENOENT) {
    RETURN_IF_ERROR(make_directories(dir_));
    file.reset(::open(temporary.c_str(), flags, 0600));
  }
  if (!file) return io_error("attachment record " + temporary);
  auto written = write_all(file.get(), to_text(record), temporary);
  if (written && ::rename(temporary.c_str(), final_path.c_str()) != 0) {
    written = io_error("attachment record " + final_path);
  }
  if (!written) static_cast<void>(::unlink(temporary.c_str()));
  return written;
}

Result<std::optional<AttachmentRecord>> AttachmentStore::load(
    const cni::Attachment& attachment) const {
  const std::string file = path(attachment, kSuffix);
  auto text = kube::read_file(file);
  if (!text && text.error().sys_errno == ENOENT) return std::nullopt;
  if (!text) return fail(std::move(text).error().wrap("attachment record"));
  try {
    auto record = from_json(json::parse(*text));
    if (!record) return fail(std::move(record).error().wrap("attachment record " + file));
    return std::move(*record);
  } catch (const json::exception&) {
    return fail(Errc::Malformed, "attachment record " + file + " cannot be read");
  }
}

Result<void> AttachmentStore::remove(const cni::Attachment& attachment) const {
  const auto record = unlink_if_there(path(attachment, kSuffix));
  const auto left_over = unlink_if_there(path(attachment, kTemporarySuffix));
  return record ? left_over : record;
}

Result<std::vector<cni::Attachment>> AttachmentStore::list() const {
  std::vector<cni::Attachment> out;
  struct Close {
    void operator()(DIR* dir) const { ::closedir(dir); }
  };
  const std::unique_ptr<DIR, Close> dir(::opendir(dir_.c_str()));
  if (!dir && errno == ENOENT) return out;
  if (!dir) return io_error("reading " + dir_);
  while (const dirent* entry = ::readdir(dir.get())) {
    std::string_view name = entry->d_name;
    const auto colon = name.find(':');
    const bool whole = name.ends_with(kSuffix);
    if (colon == std::string_view::npos || !(whole || name.ends_with(kTemporarySuffix))) continue;
    name.remove_suffix(whole ? kSuffix.size() : kTemporarySuffix.size());
    out.push_back({std::string(name.substr(0, colon)), std::string(name.substr(colon + 1))});
  }
  return out;
}

}  // namespace sluice
