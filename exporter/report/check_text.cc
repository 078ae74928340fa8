#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "report/check.h"
#include "report/text.h"

namespace kafkascope::report {
namespace {

/// As JSON has them.
std::string_view name(Outcome outcome) {
  static constexpr std::string_view kNames[] = {"ok", "warning", "failed", "unknown", "off"};
  return kNames[static_cast<size_t>(outcome)];
}

size_t count(const CheckReport& report, Outcome outcome) {
  size_t count = 0;
  for (const auto& cluster : report.clusters)
    count += static_cast<size_t>(std::count_if(cluster.lines.begin(), cluster.lines.end(),
                                               [&](const auto& line) { return line.outcome == outcome; }));
  return count;
}

}  // namespace

std::string check_text(const CheckReport& report) {
  std::string out;
  for (const auto& cluster : report.clusters) {
    if (!cluster.name.empty()) out += fmt::format("cluster {}\n", printable(cluster.name));
    size_t width = 0;
    for (const auto& line : cluster.lines) width = std::max(width, columns_of(printable(line.subject)));
    for (const auto& line : cluster.lines) {
      const std::string subject = printable(line.subject);
      out += fmt::format("{:8} {:10}  {}{}  {}\n", name(line.outcome), line.area, subject,
                         std::string(width - columns_of(subject), ' '), printable(line.text));
      if (!line.fix.empty()) out += fmt::format("{:8} {}\n", "", printable(line.fix));
    }
  }
  out += fmt::format("page: {} bytes, {} compressed, {} series\n", report.page_bytes, report.page_gzip_bytes,
                     report.series);
  return out + fmt::format("{}: {} failed, {} warnings\n", report.good() ? "good" : "not good",
                           count(report, Outcome::kFailed), count(report, Outcome::kWarning));
}

std::string check_json(const CheckReport& report) {
  std::string out =
      fmt::format("{{\"good\":{},\"page\":{{\"bytes\":{},\"gzip_bytes\":{},\"series\":{}}},\"clusters\":[",
                  report.good(), report.page_bytes, report.page_gzip_bytes, report.series);
  const auto add = [&](std::string_view key, std::string_view value) {
    out.append(key);
    append_json(value, out);
  };
  const char* separator = "";
  for (const auto& cluster : report.clusters) {
    out += std::exchange(separator, ",");
    add("{\"name\":", cluster.name);
    out += ",\"checks\":[";
    const char* next = "";
    for (const auto& line : cluster.lines) {
      out += std::exchange(next, ",");
      add("{\"area\":", line.area);
      add(",\"subject\":", line.subject);
      add(",\"outcome\":", name(line.outcome));
      add(",\"text\":", line.text);
      add(",\"fix\":", line.fix);
      out += '}';
    }
    out += "]}";
  }
  return out + "]}\n";
}

}  // namespace kafkascope::report
