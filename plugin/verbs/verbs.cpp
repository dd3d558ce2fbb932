#include "plugin/verbs/verbs.h"

#include <algorithm>

#include "conf/kube/kubeconfig.h"
#include "plugin/verbs/attachments.h"

namespace sluice {

Result<std::string> del(const cni::Call& call, const cni::Config& config) {
  RETURN_IF_ERROR(AttachmentStore(config.state_dir).remove(call.attachment));
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
