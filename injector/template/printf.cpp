#include "injector/template/print.h"
#include "injector/template/printer.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

constexpr int kLargest = 1'000'000;  // of widths and precisions, as in Go

/// Reads one format from left to right, and takes operands as verbs need them.
class Formatter {
 public:
  Formatter(std::string_view format, std::span<const Value> operands)
      : format_(format), operands_(operands) {}

  std::string run() {
    while (at_ < format_.size()) {
      const std::size_t percent = std::min(format_.find('%', at_), format_.size());
      out_ += format_.substr(at_, percent - at_);
      at_ = percent + 1;
      if (percent < format_.size()) directive();
    }
    extra();
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool is_at(char c) const { return at_ < format_.size() && format_[at_] == c; }

  void directive() {
    flags_ = {};
    good_index_ = true;
    after_index_ = false;
    read_flags();
    read_index();
    read_width();
    if (at_ + 1 < format_.size() && format_[at_] == '.') read_precision();
    if (!after_index_) read_index();
    if (at_ >= format_.size()) {
      out_ += "%!(NOVERB)";
      return;
    }
    const Rune verb = first_rune(format_.substr(at_));
    at_ += verb.size;
    apply(verb.value);
  }

  void apply(char32_t verb) {
    if (verb == '%') {
      out_ += '%';
    } else if (!good_index_) {
      append_rune(out_ += "%!", verb);
      out_ += "(BADINDEX)";
    } else if (next_ >= operands_.size()) {
      append_rune(out_ += "%!", verb);
      out_ += "(MISSING)";
    } else {
      if (verb == 'v') {
        flags_.go_syntax = std::exchange(flags_.sharp, false);
        flags_.field_names = std::exchange(flags_.plus, false);
      }
      Printer(out_, flags_).operand(operands_[next_++], verb);
    }
  }

  void read_flags() {
    for (; at_ < format_.size(); ++at_) {
      switch (format_[at_]) {
        case '#':
          flags_.sharp = true;
          break;
        case '0':
          flags_.zero = true;
          break;
        case '+':
          flags_.plus = true;
          break;
        case '-':
          flags_.minus = true;
          break;
        case ' ':
          flags_.space = true;
          break;
        default:
          return;
      }
    }
  }

  std::optional<int> read_number() {
    if (at_ >= format_.size()) return std::nullopt;
    std::optional<int> number;
    for (; at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9'; ++at_) {
      if (number.value_or(0) > kLargest) {
        at_ = format_.size();
        return std::nullopt;
      }
      number = number.value_or(0) * 10 + (format_[at_] - '0');
    }
    return number;
  }

  /// [3]: the operand to go on with.
  void read_index() {
    after_index_ = false;
    if (!is_at('[')) return;
    reordered_ = true;
    const std::size_t close = format_.find(']', at_);
    if (close == std::string_view::npos || format_.size() - at_ < 3) {
      ++at_;
      good_index_ = false;
      return;
    }
    ++at_;
    const auto number = read_number();
    const bool whole = number && at_ == close;
    at_ = close + 1;
    after_index_ = whole;
    if (whole && *number >= 1 && static_cast<std::size_t>(*number) <= operands_.size()) {
      next_ = static_cast<std::size_t>(*number) - 1;
    } else {
      good_index_ = false;
    }
  }

  /// The operand of a `*`.
  std::optional<int> number_operand() {
    if (next_ >= operands_.size()) return std::nullopt;
    const auto* number = std::get_if<std::int64_t>(&operands_[next_++].held());
    if (number == nullptr || *number > kLargest || *number < -kLargest) return std::nullopt;
    return static_cast<int>(*number);
  }

  void read_width() {
    if (!is_at('*')) {
      flags_.width = read_number();
      if (after_index_ && flags_.width) good_index_ = false;
      return;
    }
    ++at_;
    flags_.width = number_operand();
    if (!flags_.width) out_ += "%!(BADWIDTH)";
    if (flags_.width.value_or(0) < 0) {
      flags_.width = -*flags_.width;
      flags_.minus = true;
      flags_.zero = false;
    }
    after_index_ = false;
  }

  void read_precision() {
    ++at_;
    if (after_index_) good_index_ = false;
    read_index();
    if (!is_at('*')) {
      flags_.precision = read_number().value_or(0);
      return;
    }
    ++at_;
    flags_.precision = number_operand();
    if (flags_.precision.value_or(0) < 0) flags_.precision.reset();
    if (!flags_.precision) out_ += "%!(BADPREC)";
    after_index_ = false;
  }

  void extra() {
    if (reordered_ || next_ >= operands_.size()) return;
    out_ += "%!(EXTRA ";
    for (std::size_t i = next_; i < operands_.size(); ++i) {
      if (i > next_) out_ += ", ";
      const std::string type = operands_[i].type_name();
      out_ += type;
      if (type == "<nil>") continue;
      out_ += '=';
      append_printed(out_, operands_[i]);
    }
    out_ += ')';
  }

  std::string_view format_;
  std::span<const Value> operands_;
  std::string out_;
  Flags flags_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
  bool reordered_ = false;
  bool good_index_ = true;
  bool after_index_ = false;
};

}  // namespace

std::string sprintf(std::string_view format, std::span<const Value> operands) {
  return Formatter(format, operands).run();
}

}  // namespace sluice::tmpl
