#include "plugin/cli/lab/report.h"

#include <algorithm>
#include <cstdio>

#include "plugin/cli/command.h"

namespace sluice::lab {
namespace {

void print_table(const std::vector<Row>& rows, const std::vector<PluginCall>& calls) {
  std::printf("%-32s %-4s %-32s %-9s %-9s %s\n", "probe", "", "to", "expected", "seen", "by");
  for (const Row& row : rows) {
    const Packet& packet = row.probe.packet;
    std::printf("%-32s %-4s %-32s %-9s %-9s %s%s\n", row.probe.name.c_str(),
                packet.protocol == Protocol::Tcp ? "tcp" : "udp",
                to_string(packet.dst, packet.dst_port).c_str(),
                std::string(to_string(row.expected.verdict)).c_str(),
                std::string(to_string(row.seen.verdict)).c_str(), row.seen.words.c_str(),
                row.agrees() ? "" : "   <== DISAGREES");
  }
  std::printf("\n");
  for (const PluginCall& call : calls) {
    std::printf("%-12s %-6s %8.1f ms\n", call.plugin.c_str(), call.verb.c_str(), call.milliseconds);
  }
}

void print_json(const std::vector<Row>& rows, const std::vector<PluginCall>& calls) {
  nlohmann::ordered_json out = {{"probes", nlohmann::ordered_json::array()},
                                {"calls", nlohmann::ordered_json::array()}};
  for (const Row& row : rows) {
    out["probes"].push_back({{"name", row.probe.name},
                             {"to", to_string(row.probe.packet.dst, row.probe.packet.dst_port)},
                             {"expected", to_string(row.expected.verdict)},
                             {"step", row.expected.step},
                             {"seen", to_string(row.seen.verdict)},
                             {"by", row.seen.words},
                             {"agrees", row.agrees()}});
  }
  for (const PluginCall& call : calls) {
    out["calls"].push_back(
        {{"plugin", call.plugin}, {"verb", call.verb}, {"ms", call.milliseconds}});
  }
  cli::print(out.dump() + "\n");
}

}  // namespace

std::size_t report(const std::vector<Row>& rows, const std::vector<PluginCall>& calls, Form form) {
  const auto wrong = static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](const Row& row) { return !row.agrees(); }));
  if (form == Form::Json) {
    print_json(rows, calls);
  } else {
    print_table(rows, calls);
    std::printf("\n%zu connections, %zu not where they should be\n", rows.size(), wrong);
  }
  std::fflush(stdout);
  return wrong;
}

}  // namespace sluice::lab
