#include "plugin/verbs/verbs.h"

#include <algorithm>

#include "conf/kube/kubeconfig.h"
#include "plugin/verbs/attachments.h"

namespace sluice {
namespace {

/// Whether the sandbox is attached to another network as well: the redirect is one for both.
bool has_sibling(const AttachmentStore& store, const cni::Attachment& attachment) {
  const auto there = store.list();
  return there && std::any_of(there->begin(), there->end(), [&](const cni::Attachment& other) {
           return other.container_id == attachment.container_id && other != attachment;
         });
}

/// Takes the redirect out of a namespace that outlives its attachment. Most do not, and what cannot
/// be opened, or is by now another's, needs nothing; nor may a pod that is going be held up by it.
void undo(const AttachmentStore& store, const cni::Call& call, const Ports& ports) {
  if (call.netns.empty() || has_sibling(store, call.attachment)) return;
  const auto ns = kernel::NetNamespace::open(call.netns);
  if (!ns) return;
  const auto record = store.load(call.attachment);
  if (record && *record) {
    const bool left_alone = !(*record)->policy;
    if (left_alone || (*record)->netns_inode != ns->inode()) return;
  }
  if (const auto removed = ports.kernel.remove(*ns); !removed) {
    ports.log.write(cni::LogLevel::Warn, "the redirect stays: " + removed.error().message);
  }
}

}  // namespace

Result<std::string> del(const cni::Call& call, const cni::Config& config, const Ports& ports) {
  const AttachmentStore store(config.state_dir);
  undo(store, call, ports);
  RETURN_IF_ERROR(store.remove(call.attachment));
  return std::string();
}

Result<std::string> status(const cni::Config& config, const Ports& ports) {
  if (config.version < cni::SpecVersion::V1_1_0) {
    return fail(Errc::Version, "config version does not allow STATUS");
  }
  RETURN_IF_ERROR(ports.kernel.available());
  if (config.kubeconfig.empty()) {
    return fail(Errc::Unavailable, "configuration key kubeconfig is not set");
  }
  if (auto access = kube::load_kubeconfig(config.kubeconfig); !access) {
    Error error = std::move(access).error();
    error.code = Errc::Unavailable;
    return fail(std::move(error));
  }
  return std::string();
}

namespace {

/// Whether GC for `network` may drop what is there of `attachment`, which its list does not name.
/// The list says nothing of other networks' attachments; what cannot be read serves nobody.
bool is_stale(const AttachmentStore& store, const cni::Attachment& attachment,
              const std::string& network) {
  const auto record = store.load(attachment);
  return !record || !*record || (*record)->network == network;
}

}  // namespace

Result<std::string> gc(const cni::Config& config) {
  if (config.version < cni::SpecVersion::V1_1_0) {
    return fail(Errc::Version, "config version does not allow GC");
  }
  if (!config.valid_attachments) return std::string();
  const auto& valid = *config.valid_attachments;
  const AttachmentStore store(config.state_dir);
  ASSIGN_OR_RETURN(const std::vector<cni::Attachment> there, store.list());
  std::optional<Error> first;  // go on after an error: the rest can still be cleaned (SPEC, GC)
  for (const cni::Attachment& attachment : there) {
    if (std::find(valid.begin(), valid.end(), attachment) != valid.end()) continue;
    if (!is_stale(store, attachment, config.network)) continue;
    auto removed = store.remove(attachment);
    if (!removed && !first) first = std::move(removed).error();
  }
  if (first) return fail(std::move(*first));
  return std::string();
}

}  // namespace sluice
