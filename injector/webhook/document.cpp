#include "injector/webhook/document.h"

#include <nlohmann/json.hpp>

namespace sluice::webhook {
namespace {

using nlohmann::json;

constexpr std::size_t kDeepest = 256;
constexpr std::size_t kAskedLevels = 4;

/// Receives the parser's events and builds the document, or counts levels while it skips.
class Builder {
 public:
  explicit Builder(Keep keep) : keep_(keep) {}

  bool null() { return value(nullptr); }
  bool boolean(bool held) { return value(held); }
  bool number_integer(json::number_integer_t held) { return value(held); }
  bool number_unsigned(json::number_unsigned_t held) { return value(held); }
  bool number_float(json::number_float_t held, const std::string&) { return value(held); }
  bool string(std::string& held) { return value(std::move(held)); }
  bool binary(json::binary_t&) { return false; }

  bool start_object(std::size_t) { return open(json::value_t::object); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(json::value_t::array); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    if (skipped_ > 0) return true;
    key_ = std::move(name);
    if (!asks()) return true;
    path_.push_back(key_);
    skip_next_ = !keep_(path_);
    path_.pop_back();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const json::exception&) {
    error_ = "not JSON at byte " + std::to_string(position);
    return false;
  }

  [[nodiscard]] json& root() { return root_; }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  struct Level {
    json* container;
    bool asked;  // whether its key was put on path_
  };

  /// Whether the members of the innermost container are asked about.
  [[nodiscard]] bool asks() const {
    return path_.size() < kAskedLevels && levels_.size() == path_.size() + 1;
  }

  /// Where a value goes; nullptr when it is left out.
  template <class Value>
  json* place(Value&& held) {
    if (levels_.empty()) return &(root_ = std::forward<Value>(held));
    json& container = *levels_.back().container;
    if (container.is_array()) return &container.emplace_back(std::forward<Value>(held));
    if (std::exchange(skip_next_, false)) return nullptr;
    return &(container[key_] = std::forward<Value>(held));
  }

  template <class Value>
  bool value(Value&& held) {
    if (skipped_ == 0) place(std::forward<Value>(held));
    return true;
  }

  bool open(json::value_t type) {
    if (levels_.size() + skipped_ >= kDeepest) {
      error_ = "nested deeper than " + std::to_string(kDeepest) + " levels";
      return false;
    }
    if (skipped_ > 0) {
      ++skipped_;
      return true;
    }
    const bool member = !levels_.empty() && levels_.back().container->is_object();
    const bool asked = member && type == json::value_t::object && asks();
    json* const container = place(json(type));
    if (container == nullptr) {
      skipped_ = 1;
      return true;
    }
    if (asked) path_.push_back(key_);
    levels_.push_back({container, asked});
    return true;
  }

  bool close() {
    if (skipped_ > 0) {
      --skipped_;
      return true;
    }
    if (levels_.back().asked) path_.pop_back();
    levels_.pop_back();
    return true;
  }

  Keep keep_;
  json root_;
  std::vector<Level> levels_;
  Path path_;
  std::string key_;
  std::string error_;
  std::size_t skipped_ = 0;  // levels inside a member that is left out
  bool skip_next_ = false;
};

}  // namespace

Result<json> parse_document(std::string_view text, Keep keep) {
  Builder builder(keep);
  if (json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder.root());
  return fail(Errc::Malformed, builder.error().empty() ? "not JSON" : builder.error());
}

}  // namespace sluice::webhook
