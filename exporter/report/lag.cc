#include "report/lag.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

#include "analysis/group_status.h"
#include "report/table.h"
#include "report/text.h"

namespace kafkascope::report {

using model::GroupPartition;
using model::GroupSnapshot;
using model::Member;
using model::PartitionRef;

namespace {

using Owners = std::vector<std::pair<PartitionRef, const Member*>>;

Owners owners_of(const model::Group& group) {
  Owners owners;
  for (const Member& member : group.member_list)
    for (const PartitionRef& partition : member.assigned) owners.emplace_back(partition, &member);
  std::stable_sort(owners.begin(), owners.end(), [](auto& a, auto& b) { return a.first < b.first; });
  return owners;
}

std::optional<int64_t> known(const model::Value& value) {
  return value.known() ? std::optional(value.value) : std::nullopt;
}

/// Adds the rows of one cluster.
class Rows {
 public:
  Rows(std::string_view cluster, const model::Snapshot& snapshot, const model::Options& options,
       std::vector<LagRow>& to)
      : cluster_(cluster), snapshot_(snapshot), parameters_{options.status_window, 2 * options.interval}, to_(to) {}

  void add(const GroupSnapshot& group) const {
    const Owners owners = owners_of(group.group);
    auto row = group.partitions.begin();
    auto owner = owners.begin();
    while (row != group.partitions.end() || owner != owners.end()) {
      const PartitionRef partition =
          owner == owners.end() || (row != group.partitions.end() && row->partition < owner->first) ? row->partition
                                                                                                    : owner->first;
      LagRow values = describe_partition(group, partition);
      if (row != group.partitions.end() && row->partition == partition) add_offsets(group, *row++, values);
      if (owner == owners.end() || owner->first != partition) to_.push_back(values);
      for (; owner != owners.end() && owner->first == partition; ++owner) {
        values.member = owner->second;
        to_.push_back(values);
      }
    }
  }

 private:
  LagRow describe_partition(const GroupSnapshot& group, const PartitionRef& partition) const {
    const model::Topic& topic = snapshot_.metadata->topics[partition.topic];
    LagRow row{.cluster = cluster_, .group = group.group.id, .topic = topic.name, .partition = partition.partition};
    const size_t number = topic.first_partition + static_cast<size_t>(partition.partition);
    if (number < snapshot_.latest.size()) row.end = known(snapshot_.latest[number]);
    return row;
  }

  void add_offsets(const GroupSnapshot& group, const GroupPartition& from, LagRow& to) const {
    to.committed = known(from.committed);
    to.lag = known(from.lag);
    if (from.lag.known() && from.lag_seconds >= 0) to.lag_seconds = from.lag_seconds;
    if (group.group.members >= 0) to.status = analysis::partition_status(from, group.group.members > 0, parameters_);
  }

  const std::string_view cluster_;
  const model::Snapshot& snapshot_;
  const analysis::StatusParameters parameters_;
  std::vector<LagRow>& to_;
};

template <class T>
std::string text(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "";
}

std::string_view status(const LagRow& row) {
  return row.status ? model::kStatusNames[static_cast<size_t>(*row.status)] : "";
}

/// Returns the fields of the member that owns the row, empty without one.
struct Owner {
  explicit Owner(const LagRow& row) {
    if (!row.member) return;
    id = row.member->id;
    host = row.member->host;
    client_id = row.member->client_id;
  }

  std::string_view id, host, client_id;
};

}  // namespace

void add_lag_rows(std::string_view cluster, const model::Snapshot& snapshot, const model::Options& options,
                  std::vector<LagRow>& rows) {
  if (!snapshot.metadata) return;
  const Rows of_cluster(cluster, snapshot, options, rows);
  for (const GroupSnapshot& group : snapshot.groups)
    if (group.shown) of_cluster.add(group);
}

void sort_rows(std::vector<LagRow>& rows, model::LagOrder order) {
  if (order == model::LagOrder::kLag)
    std::stable_sort(rows.begin(), rows.end(), [](auto& a, auto& b) { return a.lag > b.lag; });
  if (order == model::LagOrder::kSeconds)
    std::stable_sort(rows.begin(), rows.end(), [](auto& a, auto& b) { return a.lag_seconds > b.lag_seconds; });
}

std::string describe(const CollectorError& error) {
  return printable(fmt::format("{}{}{} failed: {}: {}{}{}", error.cluster, error.cluster.empty() ? "" : ": ",
                               error.collector, name(error.failure.reason), error.failure.what,
                               error.failure.hint.empty() ? "" : "; ", error.failure.hint));
}

std::string lag_table(const LagReport& report, size_t width, size_t height) {
  const bool clusters =
      std::any_of(report.rows.begin(), report.rows.end(), [](auto& row) { return !row.cluster.empty(); });
  using Align = Table::Align;
  std::vector<Table::Column> columns{{"GROUP", Align::kLeft, 5},        {"TOPIC", Align::kLeft, 4},
                                     {"PARTITION", Align::kRight},      {"CURRENT-OFFSET", Align::kRight},
                                     {"LOG-END-OFFSET", Align::kRight}, {"LAG", Align::kRight},
                                     {"LAG-SECONDS", Align::kRight},    {"STATUS"},
                                     {"CONSUMER-ID", Align::kLeft, 1},  {"HOST", Align::kLeft, 2},
                                     {"CLIENT-ID", Align::kLeft, 3}};
  if (clusters) columns.insert(columns.begin(), {"CLUSTER", Align::kLeft, 6});
  const size_t most = height == 0 ? report.rows.size() : height - std::min<size_t>(height, 2);  // heading, last line
  Table table(std::move(columns));
  const size_t shown = std::min(report.rows.size(), report.rows.size() == most + 1 ? most + 1 : most);
  for (size_t i = 0; i < shown; ++i) {
    const LagRow& row = report.rows[i];
    const Owner owner(row);
    if (clusters) table.add(row.cluster);
    table.add(row.group);
    table.add(row.topic);
    table.add(fmt::format("{}", row.partition));
    table.add(text(row.committed));
    table.add(text(row.end));
    table.add(text(row.lag));
    table.add(!row.lag_seconds ? "" : fmt::format("{:.{}f}", *row.lag_seconds, *row.lag_seconds == 0 ? 0 : 1));
    table.add(status(row));
    table.add(owner.id);
    table.add(owner.host);
    table.add(owner.client_id);
  }
  std::string text = table.text(width, shown);
  if (shown < report.rows.size()) text += fmt::format("and {} more\n", report.rows.size() - shown);
  return text;
}

std::string lag_json(const LagReport& report) {
  std::string out = fmt::format("{{\"time\":\"{}\",\"partitions\":[", utc(report.unix_seconds));
  const auto add = [&](std::string_view key, std::string_view value) {
    out.append(key);
    value.empty() ? out.append("null") : (append_json(value, out), out);
  };
  const auto add_number = [&](std::string_view key, const std::string& value) {
    out.append(key).append(value.empty() ? "null" : value);
  };
  const char* separator = "";
  for (const LagRow& row : report.rows) {
    const Owner owner(row);
    out += std::exchange(separator, ",");
    add("{\"cluster\":", row.cluster);
    out += ",\"group\":";
    append_json(row.group, out);  // may be empty
    add(",\"topic\":", row.topic);
    add_number(",\"partition\":", fmt::format("{}", row.partition));
    add_number(",\"current_offset\":", text(row.committed));
    add_number(",\"log_end_offset\":", text(row.end));
    add_number(",\"lag\":", text(row.lag));
    add_number(",\"lag_seconds\":", row.lag_seconds ? fmt::format("{}", rounded(*row.lag_seconds)) : "");
    add(",\"status\":", status(row));
    add(",\"consumer_id\":", owner.id);
    add(",\"host\":", owner.host);
    add(",\"client_id\":", owner.client_id);
    out += '}';
  }
  out += "],\"errors\":[";
  separator = "";
  for (const CollectorError& error : report.errors) {
    out += std::exchange(separator, ",");
    add("{\"cluster\":", error.cluster);
    add(",\"collector\":", error.collector);
    add(",\"reason\":", name(error.failure.reason));
    add(",\"error\":", error.failure.what);
    add(",\"hint\":", error.failure.hint);
    out += '}';
  }
  return out + "]}\n";
}

std::string lag_csv(const LagReport& report, bool heading) {
  std::string out;
  if (heading)
    out =
        "time,cluster,group,topic,partition,current_offset,log_end_offset,lag,lag_seconds,status,consumer_id,host,"
        "client_id\r\n";
  const std::string time = utc(report.unix_seconds);
  for (const LagRow& row : report.rows) {
    const Owner owner(row);
    out += time;
    const auto add = [&](std::string_view field) {
      out += ',';
      append_csv(field, out);
    };
    add(row.cluster);
    add(row.group);
    add(row.topic);
    add(fmt::format("{}", row.partition));
    add(text(row.committed));
    add(text(row.end));
    add(text(row.lag));
    add(row.lag_seconds ? fmt::format("{}", rounded(*row.lag_seconds)) : "");
    add(status(row));
    add(owner.id);
    add(owner.host);
    add(owner.client_id);
    out += "\r\n";
  }
  return out;
}

}  // namespace kafkascope::report
