#include "rules/kernel/encode.h"

#include <algorithm>
#include <array>
#include <memory>

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
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

/// Writes the expressions of a rule into its message, each by its name and then its attributes
/// (linux/netfilter/nf_tables.h). Straight to libmnl: a rule has half a dozen expressions, and
/// libnftnl would make, fill and free an object for each.
class ExprWriter {
 public:
  explicit ExprWriter(nlmsghdr* message) : message_(message) {}

  void operator()(const nft::LoadMeta& load) const {
    expr("meta", [&] {
      number(NFTA_META_KEY, meta_key(load.key));
      number(NFTA_META_DREG, NFT_REG_1);
    });
  }
  void operator()(const nft::SetMeta& to) const {
    expr("meta", [&] {
      number(NFTA_META_KEY, meta_key(to.key));
      number(NFTA_META_SREG, NFT_REG_1);
    });
  }
  void operator()(const nft::LoadCt& load) const {
    expr("ct", [&] {
      number(NFTA_CT_KEY, ct_key(load.key));
      number(NFTA_CT_DREG, NFT_REG_1);
    });
  }
  void operator()(const nft::SetCt& to) const {
    expr("ct", [&] {
      number(NFTA_CT_KEY, ct_key(to.key));
      number(NFTA_CT_SREG, NFT_REG_1);
    });
  }
  void operator()(const nft::LoadPayload& load) const {
    const bool network = load.base == nft::Header::Network;
    expr("payload", [&] {
      number(NFTA_PAYLOAD_DREG, NFT_REG_1);
      number(NFTA_PAYLOAD_BASE,
             network ? NFT_PAYLOAD_NETWORK_HEADER : NFT_PAYLOAD_TRANSPORT_HEADER);
      number(NFTA_PAYLOAD_OFFSET, load.offset);
      number(NFTA_PAYLOAD_LEN, load.length);
    });
  }
  void operator()(const nft::Mask& mask) const {
    const std::uint32_t none = 0;
    expr("bitwise", [&] {
      number(NFTA_BITWISE_SREG, NFT_REG_1);
      number(NFTA_BITWISE_DREG, NFT_REG_1);
      number(NFTA_BITWISE_LEN, sizeof(mask.mask));
      value(NFTA_BITWISE_MASK, &mask.mask, sizeof(mask.mask));
      value(NFTA_BITWISE_XOR, &none, sizeof(none));
    });
  }
  void operator()(const nft::Compare& compare) const {
    expr("cmp", [&] {
      number(NFTA_CMP_SREG, NFT_REG_1);
      number(NFTA_CMP_OP, compare.sense == Sense::Is ? NFT_CMP_EQ : NFT_CMP_NEQ);
      value(NFTA_CMP_DATA, compare.bytes.data(), compare.bytes.size());
    });
  }
  void operator()(const nft::Lookup& lookup) const {
    expr("lookup", [&] {
      mnl_attr_put_strz(message_, NFTA_LOOKUP_SET, lookup.set.c_str());
      number(NFTA_LOOKUP_SREG, NFT_REG_1);
      if (lookup.sense == Sense::IsNot) number(NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
    });
  }
  void operator()(const nft::Immediate& immediate) const {
    expr("immediate", [&] {
      number(NFTA_IMMEDIATE_DREG, NFT_REG_1);
      value(NFTA_IMMEDIATE_DATA, immediate.bytes.data(), immediate.bytes.size());
    });
  }
  void operator()(const nft::Counter&) const {
    expr("counter", [] {});
  }
  void operator()(const nft::Redir&) const {
    expr("redir", [&] {
      number(NFTA_REDIR_REG_PROTO_MIN, NFT_REG_1);
      number(NFTA_REDIR_FLAGS, NF_NAT_RANGE_PROTO_SPECIFIED);
    });
  }
  void operator()(const nft::Tproxy& tproxy) const {
    expr("tproxy", [&] {
      number(NFTA_TPROXY_FAMILY, tproxy.family == Family::V4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
      number(NFTA_TPROXY_REG_PORT, NFT_REG_1);
    });
  }
  void operator()(const nft::GiveVerdict& verdict) const {
    const bool accept = verdict.code == nft::VerdictCode::Accept;
    expr("immediate", [&] {
      number(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
      nested(NFTA_IMMEDIATE_DATA, [&] {
        nested(NFTA_DATA_VERDICT, [&] { number(NFTA_VERDICT_CODE, accept ? NF_ACCEPT : NF_DROP); });
      });
    });
  }

 private:
  static std::uint32_t meta_key(nft::MetaKey key) {
    static constexpr std::array<std::uint32_t, 7> kKeys{
        NFT_META_L4PROTO, NFT_META_NFPROTO, NFT_META_IIFNAME, NFT_META_OIFNAME,
        NFT_META_SKUID,   NFT_META_SKGID,   NFT_META_MARK};
    return kKeys[static_cast<std::size_t>(key)];
  }
  static std::uint32_t ct_key(nft::CtKey key) {
    static constexpr std::array<std::uint32_t, 3> kKeys{NFT_CT_STATE, NFT_CT_MARK, NFT_CT_ZONE};
    return kKeys[static_cast<std::size_t>(key)];
  }

  template <class Inner>
  void nested(std::uint16_t attribute, const Inner& inner) const {
    nlattr* const nest = mnl_attr_nest_start(message_, attribute);
    inner();
    mnl_attr_nest_end(message_, nest);
  }
  template <class Attributes>
  void expr(const char* name, const Attributes& attributes) const {
    nested(NFTA_LIST_ELEM, [&] {
      mnl_attr_put_strz(message_, NFTA_EXPR_NAME, name);
      nested(NFTA_EXPR_DATA, attributes);
    });
  }
  /// All numbers of nf_tables have the network's byte order.
  void number(std::uint16_t attribute, std::uint32_t value) const {
    mnl_attr_put_u32(message_, attribute, htonl(value));
  }
  void value(std::uint16_t attribute, const void* bytes, std::size_t size) const {
    nested(attribute, [&] { mnl_attr_put(message_, NFTA_DATA_VALUE, size, bytes); });
  }

  nlmsghdr* message_;
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
  out.put("chain " + chain.name + ", rule \"" + rule.comment + "\"",
          [&](char* at, std::uint32_t seq) {
            nlmsghdr* const message = nftnl_nlmsg_build_hdr(at, NFT_MSG_NEWRULE, NFPROTO_INET,
                                                            NLM_F_CREATE | NLM_F_APPEND, seq);
            mnl_attr_put_strz(message, NFTA_RULE_TABLE, nft::kTableName);
            mnl_attr_put_strz(message, NFTA_RULE_CHAIN, chain.name.c_str());
            nlattr* const exprs = mnl_attr_nest_start(message, NFTA_RULE_EXPRESSIONS);
            for (const nft::Expr& expr : nft::lower(rule)) std::visit(ExprWriter(message), expr);
            mnl_attr_nest_end(message, exprs);
            UserData data;
            data.text(NFTNL_UDATA_RULE_COMMENT, rule.comment);
            mnl_attr_put(message, NFTA_RULE_USERDATA, data.size(), data.bytes());
          });
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
