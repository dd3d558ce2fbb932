#pragma once

// What ADD did, kept for CHECK, repair and GC: one small file for each attachment.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "plugin/cni/request.h"
#include "rules/policy/redirect_policy.h"

namespace sluice {

struct AttachmentRecord {
  cni::Attachment attachment;
  std::string network;  ///< whose attachment it is: GC speaks for one network at a time
  std::string netns;    ///< path at ADD
  ino_t netns_inode = 0;
  std::string pod_namespace;
  std::string pod_name;
  std::string pod_uid;
  std::optional<RedirectPolicy> policy;  ///< what was committed; nothing: the pod was left alone
  std::string passed_because;
};

/// The directory `STATE_DIR/attachments`. Nothing in it is secret, but only root writes it.
class AttachmentStore {
 public:
  explicit AttachmentStore(const std::string& state_dir) : dir_(state_dir + "/attachments") {}

  /// Writes a record whole or not at all. Io names the path. Nothing else works on the same
  /// attachment meanwhile (SPEC, lifecycle), so what a killed call left is overwritten.
  [[nodiscard]] Result<void> save(const AttachmentRecord& record) const;
  /// Nothing where there is no record; Malformed for one that cannot be read.
  [[nodiscard]] Result<std::optional<AttachmentRecord>> load(
      const cni::Attachment& attachment) const;
  /// The record and what a killed call left of one. Fine when there is none.
  [[nodiscard]] Result<void> remove(const cni::Attachment& attachment) const;
  /// Attachments with a record, or with what a killed call left of one.
  [[nodiscard]] Result<std::vector<cni::Attachment>> list() const;

 private:
  [[nodiscard]] std::string path(const cni::Attachment& attachment, std::string_view suffix) const;
  std::string dir_;
};

}  // namespace sluice
