#include "injector/webhook/webhook_configs.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "conf/kube/api.h"
#include "conf/kube/watch.h"
#include "injector/webhook/ca_bundle.h"
#include "injector/webhook/repeater.h"
#include "injector/webhook/selectors.h"
#include "rules/base/json.h"

namespace sluice::webhook {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr const char* kGroup = "/apis/admissionregistration.k8s.io/v1/";
constexpr const char* kMutating = "mutatingwebhookconfigurations";
constexpr const char* kValidating = "validatingwebhookconfigurations";
constexpr const char* kCondition = "other-injectors";
constexpr milliseconds kInterval{300'000};
constexpr milliseconds kCallTime{10'000};

bool has_own_webhook(const json& configuration) {
  const json& webhooks = at_path(configuration, {"webhooks"});
  return std::any_of(webhooks.begin(), webhooks.end(), [](const json& webhook) {
    return text_at(webhook, {"name"}).ends_with(kOwnWebhooks);
  });
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string_view reason_of(const Error& error) {
  switch (error.code) {
    case Errc::NotFound:
      return "not-found";
    case Errc::Denied:
      return "denied";
    case Errc::Invalid:
      return "invalid";
    case Errc::Exists:
      return "conflict";
    default:
      return "unreachable";
  }
}

}  // namespace

class WebhookConfigs::Loop {
 public:
  Loop(std::shared_ptr<const kube::Client> client, std::vector<std::string> names, State& state)
      : client_(std::move(client)),
        names_(std::move(names)),
        state_(state),
        repeater_(
            kInterval, [this] { return patch_all(); },
            [this](const Error& error) {
              state_.health().set("ca-bundle", Health::State::Warning, error.message);
              state_.log().error("caBundle not patched", {{"error", error.message}});
            }) {
    watches_.push_back(watch(kMutating));
    if (!names_.empty()) watches_.push_back(watch(kValidating));
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() { watches_.clear(); }

  void trust(const std::string& ca_pem) {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(ca_pem_, ca_pem) == ca_pem) return;
    }
    repeater_.poke();
  }

 private:
  kube::Watch watch(const std::string& kind) {
    kube::WatchOptions options;
    options.path = kGroup + kind;
    return kube::Watch::start(
        client_, options,
        {[this, kind](const kube::Objects& objects) { changed(kind, objects); },
         [this, kind](const std::optional<Error>& error) {
           if (error) state_.log().warn("cannot watch " + kind, {{"error", error->message}});
         }});
  }

  void changed(const std::string& kind, const kube::Objects& objects) {
    std::vector<json> ours;
    std::vector<json> others;
    for (const auto& [name, object] : objects)
      (is_ours(name, object) ? ours : others).push_back(object);
    if (kind == kMutating) tell_others(other_injectors(ours, others));
    if (names_.empty()) return;
    {
      const std::lock_guard lock(mutex_);
      ours_[kind] = std::move(ours);
    }
    repeater_.poke();
  }

  [[nodiscard]] bool is_ours(const std::string& name, const json& object) const {
    if (names_.empty()) return has_own_webhook(object);
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }

  void tell_others(std::vector<std::string> found) {
    state_.metrics().other_injectors = static_cast<std::int64_t>(found.size());
    if (found == told_) return;
    told_ = std::move(found);
    if (told_.empty()) {
      state_.health().forget(kCondition);
      state_.log().info("no other injector is called for the same pods any more");
      return;
    }
    state_.health().set(kCondition, Health::State::Warning,
                        "called for the same pods: " + joined(told_));
    state_.log().warn("another injector is called for the same pods", {{"webhooks", told_}});
  }

  /// Each configuration that lacks the caBundle gets it. Ends with an error if one did not.
  Result<void> patch_all() {
    std::map<std::string, std::vector<json>> ours;
    std::string ca_pem;
    {
      const std::lock_guard lock(mutex_);
      ours = ours_;
      ca_pem = ca_pem_;
    }
    if (ca_pem.empty()) return {};
    for (const auto& [kind, configurations] : ours) {
      for (const json& configuration : configurations) {
        RETURN_IF_ERROR(patch(kind, configuration, ca_pem));
      }
    }
    state_.health().forget("ca-bundle");
    return {};
  }

  Result<void> patch(const std::string& kind, const json& configuration,
                     const std::string& ca_pem) {
    if (ca_bundle_patch(configuration, ca_pem).empty()) return {};
    const std::string name = configuration.at("metadata").at("name").get<std::string>();
    const std::string path = kGroup + kind + "/" + name;
    // What the watch brought may be older than what somebody else has done meanwhile.
    auto fresh = kube::read_object(*client_, path, kube::in(kCallTime));
    if (!fresh && fresh.error().code == Errc::NotFound) return {};
    if (!fresh) return failed(name, std::move(fresh).error());
    const json operations = ca_bundle_patch(*fresh, ca_pem);
    if (operations.empty()) return {};
    state_.metrics().patch_attempts.add(name);
    auto patched = kube::patch_object(*client_, path, operations, kube::in(kCallTime));
    if (!patched) return failed(name, std::move(patched).error());
    state_.log().info("caBundle patched", {{"configuration", name}, {"kind", kind}});
    return {};
  }

  tl::unexpected<Error> failed(const std::string& name, Error error) {
    state_.metrics().patch_failures.add(name, reason_of(error));
    state_.metrics().patch_retries.add(name);
    return fail(std::move(error).wrap("webhook configuration " + name));
  }

  std::shared_ptr<const kube::Client> client_;
  std::vector<std::string> names_;
  State& state_;
  std::vector<std::string> told_;  // of the watch's thread
  std::mutex mutex_;               // of what follows
  std::map<std::string, std::vector<json>> ours_;
  std::string ca_pem_;
  Repeater repeater_;
  std::vector<kube::Watch> watches_;
};

WebhookConfigs::WebhookConfigs(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
WebhookConfigs::~WebhookConfigs() = default;

std::unique_ptr<WebhookConfigs> WebhookConfigs::start(std::shared_ptr<const kube::Client> client,
                                                      std::vector<std::string> names,
                                                      State& state) {
  return std::unique_ptr<WebhookConfigs>(
      new WebhookConfigs(std::make_unique<Loop>(std::move(client), std::move(names), state)));
}

void WebhookConfigs::trust(const std::string& ca_pem) {
  loop_->trust(ca_pem);
}

}  // namespace sluice::webhook
