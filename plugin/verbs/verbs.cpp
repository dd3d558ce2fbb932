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
  if (auto access = kube::load_kubeconfig(config.kubeconfig); !access) {
    Error error = std::move(access).error();
    error.code = Errc::Unavailable;
    return fail(std::move(error));
  }
  return std::string();
}

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
    auto removed = store.remove(attachment);
    if (!removed && !first) first = std::move(removed).error();
  }
  if (first) return fail(std::move(*first));
  return std::string();
}

}  // namespace sluice
