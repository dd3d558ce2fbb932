#include "rules/kernel/encode.h"

#include <algorithm>
#include <array>
#include <memory>

#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

#include "rules/kernel/ownership.h"
#include "rules/kernel/table.h"
#include "rules/program/lower.h"

namespace sluice::kernel {
namespace {

// An attribute's length has 16 bits: this many elements of 16-byte keys fit in one message.
constexpr std::size_t kElementsPerMessage = 1000;
constexpr std::size_t kLargestMessage = 80UL * 1024;

/// libnftnl copies the data of all setters; only nftnl_rule_add_expr and its like take ownership.
struct ToExpr {
  static ExprPtr make(const char* name) { return ExprPtr(nftnl_expr_alloc(name)); }
  static void set(const ExprPtr& e, std::uint16_t attribute, std::uint32_t value) {
    nftnl_expr_set_u32(e.get(), attribute, value);
  }
  static void set(const ExprPtr& e, std::uint16_t attribute, const nft::Bytes& bytes) {
    nftnl_expr_set(e.get(), attribute, bytes.data(), static_cast<std::uint32_t>(bytes.size()));
  }

  static std::uint32_t number(nft::MetaKey key) {
    static constexpr std::array<std::uint32_t, 7> kKeys{
        NFT_META_L4PROTO, NFT_META_NFPROTO, NFT_META_IIFNAME, NFT_META_OIFNAME,
        NFT_META_SKUID,   NFT_META_SKGID,   NFT_META_MARK};
    return kKeys[static_cast<std::size_t>(key)];
  }
  static std::uint32_t number(nft::CtKey key) {
    static constexpr std::array<std::uint32_t, 3> kKeys{NFT_CT_STATE, NFT_CT_MARK, NFT_CT_ZONE};
    return kKeys[static_cast<std::size_t>(key)];
  }

  ExprPtr operator()(const nft::LoadMeta& load) const {
    ExprPtr e = make("meta");
    set(e, NFTNL_EXPR_META_KEY, number(load.key));
    set(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
    return e;
  }
  ExprPtr operator()(const nft::SetMeta& to) const {
    ExprPtr e = make("meta");
    set(e, NFTNL_EXPR_META_KEY, number(to.key));
    set(e, NFTNL_EXPR_META_SREG, NFT_REG_1);
    return e;
  }
  ExprPtr operator()(const nft::LoadCt& load) const {
    ExprPtr e = make("ct");
    set(e, NFTNL_EXPR_CT_KEY, number(load.key));
    set(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
    return e;
  }
  ExprPtr operator()(const nft::SetCt& to) const {
    ExprPtr e = make("ct");
    set(e, NFTNL_EXPR_CT_KEY, number(to.key));
    set(e, NFTNL_EXPR_CT_SREG, NFT_REG_1);
    return e;
  }
  ExprPtr operator()(const nft::LoadPayload& load) const {
    ExprPtr e = make("payload");
    const bool network = load.base == nft::Header::Network;
    set(e, NFTNL_EXPR_PAYLOAD_BASE,
        network ? NFT_PAYLOAD_NETWORK_HEADER : NFT_PAYLOAD_TRANSPORT_HEADER);
    set(e, NFTNL_EXPR_PAYLOAD_OFFSET, load.offset);
    set(e, NFTNL_EXPR_PAYLOAD_LEN, load.length);
    set(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
    return e;
  }
  ExprPtr operator()(const nft::Mask& mask) const {
    ExprPtr e = make("bitwise");
    set(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
    set(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
    set(e, NFTNL_EXPR_BITWISE_LEN, sizeof(mask.mask));
    const std::uint32_t none = 0;
    nftnl_expr_set(e.get(), NFTNL_EXPR_BITWISE_MASK, &mask.mask, sizeof(mask.mask));
    nftnl_expr_set(e.get(), NFTNL_EXPR_BITWISE_XOR, &none, sizeof(none));
    return e;
  }
  ExprPtr operator()(const nft::Compare& compare) const {
    ExprPtr e = make("cmp");
    set(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
    set(e, NFTNL_EXPR_CMP_OP, compare.sense == Sense::Is ? NFT_CMP_EQ : NFT_CMP_NEQ);
    set(e, NFTNL_EXPR_CMP_DATA, compare.bytes);
    return e;
  }
  ExprPtr operator()(const nft::Lookup& lookup) const {
    ExprPtr e = make("lookup");
    set(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
    nftnl_expr_set_str(e.get(), NFTNL_EXPR_LOOKUP_SET, lookup.set.c_str());
    if (lookup.sense == Sense::IsNot) set(e, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
    return e;
  }
  ExprPtr operator()(const nft::Immediate& immediate) const {
    ExprPtr e = make("immediate");
    set(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
    set(e, NFTNL_EXPR_IMM_DATA, immediate.bytes);
    return e;
  }
  ExprPtr operator()(const nft::Counter&) const { return make("counter"); }
  ExprPtr operator()(const nft::Redir&) const {
    ExprPtr e = make("redir");
    set(e, NFTNL_EXPR_REDIR_REG_PROTO_MIN, NFT_REG_1);
    set(e, NFTNL_EXPR_REDIR_FLAGS, NF_NAT_RANGE_PROTO_SPECIFIED);
    return e;
  }
  ExprPtr operator()(const nft::Tproxy& tproxy) const {
    ExprPtr e = make("tproxy");
    set(e, NFTNL_EXPR_TPROXY_FAMILY, tproxy.family == Family::V4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
    set(e, NFTNL_EXPR_TPROXY_REG_PORT, NFT_REG_1);
    return e;
  }
  ExprPtr operator()(const nft::GiveVerdict& verdict) const {
    ExprPtr e = make("immediate");
    set(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
    set(e, NFTNL_EXPR_IMM_VERDICT, verdict.code == nft::VerdictCode::Accept ? NF_ACCEPT : NF_DROP);
    return e;
  }
};

/// User data: type, length and text of each entry.
class UserData {
 public:
  UserData() : buffer_(nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN)) {}

  void text(std::uint8_t type, const std::string& value) {
    nftnl_udata_put_strz(buffer_.get(), type, value.c_str());
  }
  void number(std::uint8_t type, std::uint32_t value) {
    nftnl_udata_put_u32(buffer_.get(), type, value);
  }
  [[nodiscard]] const void* bytes() const { return nftnl_udata_buf_data(buffer_.get()); }
  [[nodiscard]] std::uint32_t size() const { return nftnl_udata_buf_len(buffer_.get()); }

 private:
  std::unique_ptr<nftnl_udata_buf, FreeWith<nftnl_udata_buf_free>> buffer_;
};

/// Appends messages to a batch, each with its label.
class BatchWriter {
 public:
  BatchWriter() {
    put("begin of transaction", [](char* at, std::uint32_t seq) { nftnl_batch_begin(at, seq); });
  }

  /// `build` writes one message at `at`; its nlmsg_len tells how long it became.
  template <class Build>
  void put(std::string label, Build build) {
    build(scratch_.get(), static_cast<std::uint32_t>(batch_.labels.size()));
    std::uint32_t length = 0;
    std::copy_n(scratch_.get(), sizeof(length), reinterpret_cast<char*>(&length));
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(scratch_.get());
    batch_.bytes.insert(batch_.bytes.end(), bytes, bytes + NLMSG_ALIGN(length));
    batch_.labels.push_back(std::move(label));
  }

  template <class Object, class Payload>
  void put(std::string label, std::uint16_t type, std::uint16_t flags, Object* object,
           Payload payload) {
    put(std::move(label), [&](char* at, std::uint32_t seq) {
      payload(nftnl_nlmsg_build_hdr(at, type, NFPROTO_INET, flags, seq), object);
    });
  }

  Batch finish() {
    put("end of transaction", [](char* at, std::uint32_t seq) { nftnl_batch_end(at, seq); });
    return std::move(batch_);
  }

 private:
  // Not zeroed: most messages are short, and a page that is never touched costs nothing.
  std::unique_ptr<char[]> scratch_ = std::make_unique_for_overwrite<char[]>(kLargestMessage);
  Batch batch_;
};

void put_table(BatchWriter& out, const nft::Program* program, std::uint16_t type,
               std::uint16_t flags) {
  const TablePtr table(nftnl_table_alloc());
  nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, nft::kTableName);
  if (program != nullptr) {
    UserData data;
    data.text(NFTNL_UDATA_TABLE_COMMENT, program->comment);
    data.text(kUdataFingerprint, expected_table(*program).listing_fingerprint());
    nftnl_table_set_data(table.get(), NFTNL_TABLE_USERDATA, data.bytes(), data.size());
  }
  out.put(std::string("table inet ") + nft::kTableName, type, flags, table.get(),
          nftnl_table_nlmsg_build_payload);
}

SetPtr make_set(const nft::Set& set) {
  SetPtr s(nftnl_set_alloc());
  nftnl_set_set_str(s.get(), NFTNL_SET_TABLE, nft::kTableName);
  nftnl_set_set_str(s.get(), NFTNL_SET_NAME, set.name.c_str());
  nftnl_set_set_u32(s.get(), NFTNL_SET_FAMILY, NFPROTO_INET);
  return s;
}

void put_elements(BatchWriter& out, const nft::Set& set) {
  const std::vector<nft::Element> all = nft::elements(set);
  for (std::size_t start = 0; start < all.size(); start += kElementsPerMessage) {
    const SetPtr part = make_set(set);
    const std::size_t end = std::min(all.size(), start + kElementsPerMessage);
    for (std::size_t i = start; i < end; ++i) {
      nftnl_set_elem* element = nftnl_set_elem_alloc();
      nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, all[i].key.data(),
                         static_cast<std::uint32_t>(all[i].key.size()));
      if (all[i].interval_end) {
        nftnl_set_elem_set_u32(element, NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
      }
      if (all[i].open) {
        UserData data;
        data.number(NFTNL_UDATA_SET_ELEM_FLAGS, NFTNL_SET_ELEM_F_INTERVAL_OPEN);
        nftnl_set_elem_set(element, NFTNL_SET_ELEM_USERDATA, data.bytes(), data.size());
      }
      nftnl_set_elem_add(part.get(), element);
    }
    out.put("elements of set " + set.name, NFT_MSG_NEWSETELEM, NLM_F_CREATE, part.get(),
            nftnl_set_elems_nlmsg_build_payload);
  }
}

/// nft's enum byteorder: 1 is the host's, 2 the network's.
std::uint32_t byte_order(nft::SetType type) {
  switch (type) {
    case nft::SetType::Uid:
    case nft::SetType::Gid:
    case nft::SetType::IfName:
      return 1;
    case nft::SetType::InetService:
    case nft::SetType::Ipv4Addr:
    case nft::SetType::Ipv6Addr:
      return 2;
  }
  return 0;
}

void put_set(BatchWriter& out, const nft::Set& set, std::uint32_t id) {
  const SetPtr s = make_set(set);
  nftnl_set_set_u32(s.get(), NFTNL_SET_ID, id);
  nftnl_set_set_u32(s.get(), NFTNL_SET_KEY_TYPE, key_type(set.type));
  nftnl_set_set_u32(s.get(), NFTNL_SET_KEY_LEN, nft::key_length(set.type));
  nftnl_set_set_u32(s.get(), NFTNL_SET_FLAGS, set.interval ? NFT_SET_INTERVAL : 0);
  // Without it nft lists numbers with their bytes turned round.
  UserData data;
  data.number(NFTNL_UDATA_SET_KEYBYTEORDER, byte_order(set.type));
  nftnl_set_set_data(s.get(), NFTNL_SET_USERDATA, data.bytes(), data.size());
  out.put("set " + set.name, NFT_MSG_NEWSET, NLM_F_CREATE, s.get(), nftnl_set_nlmsg_build_payload);
  put_elements(out, set);
}

void put_chain(BatchWriter& out, const nft::Chain& chain) {
  static constexpr std::array<const char*, 3> kTypes{"filter", "route", "nat"};
  const ChainPtr c(nftnl_chain_alloc());
  nftnl_chain_set_str(c.get(), NFTNL_CHAIN_TABLE, nft::kTableName);
  nftnl_chain_set_str(c.get(), NFTNL_CHAIN_NAME, chain.name.c_str());
  nftnl_chain_set_str(c.get(), NFTNL_CHAIN_TYPE, kTypes[static_cast<std::size_t>(chain.type)]);
  nftnl_chain_set_u32(c.get(), NFTNL_CHAIN_HOOKNUM, hook_number(chain.hook));
  nftnl_chain_set_s32(c.get(), NFTNL_CHAIN_PRIO, chain.priority);
  nftnl_chain_set_u32(c.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
  out.put("chain " + chain.name, NFT_MSG_NEWCHAIN, NLM_F_CREATE, c.get(),
          nftnl_chain_nlmsg_build_payload);
}

void put_rule(BatchWriter& out, const nft::Chain& chain, const nft::Rule& rule) {
  const RulePtr r(nftnl_rule_alloc());
  nftnl_rule_set_str(r.get(), NFTNL_RULE_TABLE, nft::kTableName);
  nftnl_rule_set_str(r.get(), NFTNL_RULE_CHAIN, chain.name.c_str());
  nftnl_rule_set_u32(r.get(), NFTNL_RULE_FAMILY, NFPROTO_INET);
  for (const nft::Expr& expr : nft::lower(rule)) {
    nftnl_rule_add_expr(r.get(), std::visit(ToExpr{}, expr).release());
  }
  UserData data;
  data.text(NFTNL_UDATA_RULE_COMMENT, rule.comment);
  nftnl_rule_set_data(r.get(), NFTNL_RULE_USERDATA, data.bytes(), data.size());
  out.put("chain " + chain.name + ", rule \"" + rule.comment + "\"", NFT_MSG_NEWRULE,
          NLM_F_CREATE | NLM_F_APPEND, r.get(), nftnl_rule_nlmsg_build_payload);
}

}  // namespace

std::uint32_t key_type(nft::SetType type) {
  static constexpr std::array<std::uint32_t, 6> kTypes{13, 7, 8, 24, 25, 41};
  return kTypes[static_cast<std::size_t>(type)];
}

Batch encode_create(const nft::Program& program, Onto onto) {
  BatchWriter out;
  if (onto == Onto::Any) {
    // To delete a table that may not be there, make sure first that it is.
    put_table(out, nullptr, NFT_MSG_NEWTABLE, NLM_F_CREATE);
    put_table(out, nullptr, NFT_MSG_DELTABLE, 0);
  }
  // A transaction that went through answers with this acknowledgement and nothing else.
  put_table(out, &program, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
  std::uint32_t id = 0;
  for (const nft::Set& set : program.sets) put_set(out, set, ++id);
  for (const nft::Chain& chain : program.chains) {
    put_chain(out, chain);
    for (const nft::Rule& rule : chain.rules) put_rule(out, chain, rule);
  }
  return out.finish();
}

Batch encode_remove() {
  BatchWriter out;
  put_table(out, nullptr, NFT_MSG_DELTABLE, NLM_F_ACK);
  return out.finish();
}

}  // namespace sluice::kernel
