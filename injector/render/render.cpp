#include "injector/render/render.h"

#include "injector/render/cache.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

/// Whether there is nothing but blank lines and comments.
bool is_blank(std::string_view text) {
  while (!text.empty()) {
    const auto newline = text.find('\n');
    const auto line = text.substr(0, newline);
    const auto first = line.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && line[first] != '#') return false;
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
  return true;
}

Result<json> object_or_null(json document) {
  if (document.is_object() || document.is_null()) return document;
  return fail(Errc::Invalid,
              "the rendered template is no YAML object but " + std::string(document.type_name()));
}

Result<json> parse(std::string_view document) {
  if (is_blank(document)) return json();
  auto parsed = kube::yaml_to_json(document);
  if (!parsed) return fail(std::move(parsed).error().wrap("the rendered template"));
  return object_or_null(std::move(*parsed));
}

constexpr std::size_t kLargestForm = 256u << 10;

}  // namespace

struct Renderer::State {
  explicit State(tmpl::Template of) : source(std::move(of)) {}

  tmpl::Template source;
  FormCache cache{};

  /// The document by filling in, if its form is known. May close holes of `skeleton`.
  std::optional<json> from_cache(Skeleton& skeleton) {
    // Closing a Phrase's hole can be needed twice: for what is before it, and for where it is.
    for (int turn = 0; turn < 3; ++turn) {
      const auto made = cache.find(skeleton.key());
      if (made == nullptr) {
        learn(skeleton);
        return std::nullopt;
      }
      if (const auto* filler = std::get_if<Filler>(made.get()))
        return filler->fill(skeleton.words());
      const auto& close = std::get<Filler::Refusal>(*made).close;
      if (close.empty()) return std::nullopt;
      skeleton.close(close);
    }
    return std::nullopt;
  }

  void learn(const Skeleton& skeleton) {
    if (!cache.seen(skeleton.key())) return;
    const std::string form = skeleton.form();
    if (form.size() > kLargestForm || holes_of(form).size() != skeleton.words().size()) return;
    cache.insert(skeleton.key(), Filler::make(form));
  }
};

Renderer::Renderer(tmpl::Template source) : state_(std::make_unique<State>(std::move(source))) {}
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer::~Renderer() = default;

Result<json> Renderer::render(const tmpl::Value& data) const {
  thread_local Skeleton skeleton;
  skeleton.clear();
  RETURN_IF_ERROR(state_->source.execute(data, skeleton));
  if (auto filled = state_->from_cache(skeleton)) return object_or_null(std::move(*filled));
  return parse(skeleton.document());
}

}  // namespace sluice::injector
