// Reading the table back: libnftnl's objects into words.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "rules/kernel/netlink.h"
#include "rules/kernel/nft_socket.h"
#include "rules/kernel/ownership.h"

namespace sluice::kernel {
namespace {

std::string text_or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

/// The text of entry `type` in nft's user data: type, length, value, again and again.
std::string udata_text(const void* data, std::uint32_t size, std::uint8_t type) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  for (std::uint32_t at = 0; bytes != nullptr && at + 2 <= size;) {
    const std::uint32_t length = bytes[at + 1];
    if (at + 2 + length > size) break;
    if (bytes[at] == type) {
      const char* text = reinterpret_cast<const char*>(bytes + at + 2);
      return {text, strnlen(text, length)};
    }
    at += 2 + length;
  }
  return {};
}

bool is_nat_or_lookup(std::string_view words) {
  return words.starts_with("[ redir ") || words.starts_with("[ lookup ");
}

/// An expression in libnftnl's words, with counters set to zero and taken into `rule`.
int add_expr(nftnl_expr* expr, void* rule_data) {
  auto* rule = static_cast<RuleState*>(rule_data);
  if (text_or_empty(nftnl_expr_get_str(expr, NFTNL_EXPR_NAME)) == "counter") {
    rule->packets = nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_PACKETS);
    rule->bytes = nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_BYTES);
    nftnl_expr_set_u64(expr, NFTNL_EXPR_CTR_PACKETS, 0);
    nftnl_expr_set_u64(expr, NFTNL_EXPR_CTR_BYTES, 0);
  }
  std::array<char, 512> text{};
  nftnl_expr_snprintf(text.data(), text.size(), expr, NFTNL_OUTPUT_DEFAULT, 0);
  std::string words =
      std::string("[ ") + nftnl_expr_get_str(expr, NFTNL_EXPR_NAME) + " " + text.data();
  while (words.ends_with(' ')) words.pop_back();
  // The kernel fills in what a rule left out.
  for (const std::string_view filled : {" proto_max reg 1", " 0x0"}) {
    if (const auto at = words.find(filled); at != std::string::npos && is_nat_or_lookup(words)) {
      words.erase(at, filled.size());
    }
  }
  rule->exprs.append(words).append(" ]\n");
  return 0;
}

RuleState rule_state(nftnl_rule* rule) {
  RuleState state;
  std::uint32_t size = 0;
  const void* data = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &size);
  state.comment = udata_text(data, size, NFTNL_UDATA_RULE_COMMENT);
  nftnl_expr_foreach(rule, add_expr, &state);
  return state;
}

int add_element(nftnl_set_elem* element, void* set_data) {
  std::uint32_t size = 0;
  const auto* key =
      static_cast<const std::uint8_t*>(nftnl_set_elem_get(element, NFTNL_SET_ELEM_KEY, &size));
  const bool end =
      nftnl_set_elem_is_set(element, NFTNL_SET_ELEM_FLAGS) &&
      (nftnl_set_elem_get_u32(element, NFTNL_SET_ELEM_FLAGS) & NFT_SET_ELEM_INTERVAL_END) != 0;
  static_cast<SetState*>(set_data)->elements.push_back(element_text(key, size, end));
  return 0;
}

using Buffer = std::array<char, 2048>;

template <class Object, class Payload>
Result<void> ask(int fd, std::uint32_t seq, std::uint16_t type, std::uint16_t flags,
                 const Object* filter, Payload payload,
                 const std::function<void(const nlmsghdr*)>& each) {
  Buffer buffer{};
  nlmsghdr* header = nftnl_nlmsg_build_hdr(buffer.data(), type, NFPROTO_INET, flags, seq);
  payload(header, filter);
  return request(fd, header, seq, each);
}

/// The reading of one table, message by message.
class Reader {
 public:
  Reader(int fd, std::uint32_t& seq) : fd_(fd), seq_(seq) {}

  Result<std::optional<TableState>> read() {
    auto there = read_header();
    if (!there && there.error().sys_errno == ENOENT) return std::nullopt;
    RETURN_IF_ERROR(there);
    RETURN_IF_ERROR(read_chains());
    RETURN_IF_ERROR(read_rules());
    RETURN_IF_ERROR(read_sets());
    const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    std::sort(table_.sets.begin(), table_.sets.end(), by_name);
    std::sort(table_.chains.begin(), table_.chains.end(), by_name);
    return std::move(table_);
  }

 private:
  Result<void> read_header() {
    const TablePtr filter(nftnl_table_alloc());
    nftnl_table_set_str(filter.get(), NFTNL_TABLE_NAME, nft::kTableName);
    const auto payload = [](nlmsghdr* h, const nftnl_table* t) {
      nftnl_table_nlmsg_build_payload(h, t);
    };
    return ask(fd_, ++seq_, NFT_MSG_GETTABLE, 0, filter.get(), payload,
               [&](const nlmsghdr* message) {
                 const TablePtr table(nftnl_table_alloc());
                 if (nftnl_table_nlmsg_parse(message, table.get()) < 0) return;
                 std::uint32_t size = 0;
                 const void* data = nftnl_table_get_data(table.get(), NFTNL_TABLE_USERDATA, &size);
                 table_.comment = udata_text(data, size, NFTNL_UDATA_TABLE_COMMENT);
                 table_.committed = udata_text(data, size, kUdataFingerprint);
                 const std::uint32_t flags = nftnl_table_get_u32(table.get(), NFTNL_TABLE_FLAGS);
                 table_.dormant = (flags & NFT_TABLE_F_DORMANT) != 0;
               });
  }

  Result<void> read_chains() {
    // Kernels do not filter chains by table in a dump: ours are picked out here.
    const ChainPtr filter(nftnl_chain_alloc());
    const auto payload = [](nlmsghdr*, const nftnl_chain*) {};
    return ask(
        fd_, ++seq_, NFT_MSG_GETCHAIN, NLM_F_DUMP, filter.get(), payload,
        [&](const nlmsghdr* message) {
          const ChainPtr chain(nftnl_chain_alloc());
          if (nftnl_chain_nlmsg_parse(message, chain.get()) < 0) return;
          const nftnl_chain* c = chain.get();
          if (text_or_empty(nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE)) != nft::kTableName) return;
          table_.chains.push_back({text_or_empty(nftnl_chain_get_str(c, NFTNL_CHAIN_NAME)),
                                   text_or_empty(nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE)),
                                   nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM),
                                   nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO),
                                   !nftnl_chain_is_set(c, NFTNL_CHAIN_POLICY) ||
                                       nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_ACCEPT,
                                   {}});
        });
  }

  Result<void> read_rules() {
    const RulePtr filter(nftnl_rule_alloc());
    nftnl_rule_set_str(filter.get(), NFTNL_RULE_TABLE, nft::kTableName);
    const auto payload = [](nlmsghdr* h, nftnl_rule* r) { nftnl_rule_nlmsg_build_payload(h, r); };
    nftnl_rule* const f = filter.get();
    return ask(
        fd_, ++seq_, NFT_MSG_GETRULE, NLM_F_DUMP, f,
        [&](nlmsghdr* h, const nftnl_rule*) { payload(h, f); },
        [&](const nlmsghdr* message) {
          const RulePtr rule(nftnl_rule_alloc());
          if (nftnl_rule_nlmsg_parse(message, rule.get()) < 0) return;
          if (text_or_empty(nftnl_rule_get_str(rule.get(), NFTNL_RULE_TABLE)) != nft::kTableName)
            return;
          const std::string name = text_or_empty(nftnl_rule_get_str(rule.get(), NFTNL_RULE_CHAIN));
          for (ChainState& chain : table_.chains) {
            if (chain.name == name) chain.rules.push_back(rule_state(rule.get()));
          }
        });
  }

  Result<void> read_sets() {
    const SetPtr filter(nftnl_set_alloc());
    nftnl_set_set_str(filter.get(), NFTNL_SET_TABLE, nft::kTableName);
    nftnl_set* const f = filter.get();
    RETURN_IF_ERROR(ask(
        fd_, ++seq_, NFT_MSG_GETSET, NLM_F_DUMP, f,
        [&](nlmsghdr* h, const nftnl_set*) { nftnl_set_nlmsg_build_payload(h, f); },
        [&](const nlmsghdr* message) {
          const SetPtr set(nftnl_set_alloc());
          if (nftnl_set_nlmsg_parse(message, set.get()) < 0) return;
          const nftnl_set* s = set.get();
          table_.sets.push_back({text_or_empty(nftnl_set_get_str(s, NFTNL_SET_NAME)),
                                 nftnl_set_get_u32(s, NFTNL_SET_KEY_TYPE),
                                 (nftnl_set_get_u32(s, NFTNL_SET_FLAGS) & NFT_SET_INTERVAL) != 0,
                                 {}});
        }));
    for (SetState& set : table_.sets) RETURN_IF_ERROR(read_elements(set));
    return {};
  }

  Result<void> read_elements(SetState& state) {
    const SetPtr filter(nftnl_set_alloc());
    nftnl_set_set_str(filter.get(), NFTNL_SET_TABLE, nft::kTableName);
    nftnl_set_set_str(filter.get(), NFTNL_SET_NAME, state.name.c_str());
    nftnl_set* const f = filter.get();
    RETURN_IF_ERROR(ask(
        fd_, ++seq_, NFT_MSG_GETSETELEM, NLM_F_DUMP, f,
        [&](nlmsghdr* h, const nftnl_set*) { nftnl_set_elems_nlmsg_build_payload(h, f); },
        [&](const nlmsghdr* message) {
          const SetPtr part(nftnl_set_alloc());
          if (nftnl_set_elems_nlmsg_parse(message, part.get()) < 0) return;
          nftnl_set_elem_foreach(part.get(), add_element, &state);
        }));
    std::sort(state.elements.begin(), state.elements.end());
    return {};
  }

  int fd_;
  std::uint32_t& seq_;
  TableState table_;
};

}  // namespace

Result<std::optional<TableState>> NftSocket::read_table() {
  // A dump that another transaction interrupts is void; a namespace sees few, so a few tries do.
  for (int tries = 3;; --tries) {
    auto table = Reader(fd_.get(), seq_).read();
    if (table || table.error().sys_errno != EINTR || tries == 1) {
      if (!table) return fail(std::move(table).error().wrap("reading the table back"));
      return table;
    }
  }
}

}  // namespace sluice::kernel
