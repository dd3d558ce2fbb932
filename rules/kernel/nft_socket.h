#pragma once

// One netlink socket to nf_tables in one network namespace: transactions in, the table out.

#include <optional>

#include "rules/kernel/encode.h"
#include "rules/kernel/kernel.h"
#include "rules/kernel/table.h"

namespace sluice::kernel {

class NftSocket {
 public:
  [[nodiscard]] static Result<NftSocket> open(const NetNamespace& ns);
  /// In the calling thread's own namespace; only to ask what the kernel can do.
  [[nodiscard]] static Result<NftSocket> open_here();

  /// Sends `batch` as one transaction: the kernel takes all of it or none. The error names the
  /// message that was refused. Exists: the table is already there; NotFound: it is not;
  /// Unavailable: no nf_tables here.
  [[nodiscard]] Result<void> commit(const Batch& batch);

  /// Reads the table back; nothing when there is none.
  [[nodiscard]] Result<std::optional<TableState>> read_table();

  /// Asks nf_tables for its generation, the cheapest question there is.
  [[nodiscard]] Result<void> probe();

 private:
  explicit NftSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  [[nodiscard]] static Result<NftSocket> adopt(Result<UniqueFd> fd);

  UniqueFd fd_;
  std::uint32_t seq_ = 0;
};

}  // namespace sluice::kernel
