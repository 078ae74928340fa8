#include "cluster/timestamp_lookup.h"

#include <algorithm>
#include <deque>
#include <map>

namespace kafkascope::cluster {

using analysis::TimeSearch;
using std::chrono::milliseconds;

std::vector<std::pair<model::RecordPosition, std::optional<model::Time>>> look_up_timestamps(
    std::span<const model::TimestampQuery> wanted, int rounds, model::Time now, model::WallTime wall,
    Searches& unfinished,
    const std::function<std::vector<kafka::TimedOffset>(std::span<const kafka::WantedOffset>)>& ask) {
  const int64_t now_ms = std::chrono::duration_cast<milliseconds>(wall.time_since_epoch()).count();
  std::map<uint32_t, std::deque<TimeSearch>> searches;  // a request may name a partition only once
  for (const auto& [record, end, compacted] : wanted) {
    const auto before = unfinished.find(record);
    const TimeSearch search =
        before == unfinished.end() ? TimeSearch(record.offset, end, now_ms, compacted) : before->second;
    if (!search.done()) searches[record.partition].push_back(search);
  }

  std::vector<std::pair<model::RecordPosition, std::optional<model::Time>>> found;
  const auto take = [&](uint32_t partition, const TimeSearch& search) {
    const auto ms = search.result_ms();
    found.emplace_back(model::RecordPosition{partition, search.offset()}, std::nullopt);
    if (ms) found.back().second = now - milliseconds(std::max<int64_t>(0, now_ms - *ms));
  };
  for (int round = 0; round < rounds && !searches.empty(); ++round) {
    std::vector<kafka::WantedOffset> questions;
    for (const auto& [partition, waiting] : searches)
      questions.push_back({partition, waiting.front().next_timestamp()});
    const auto answers = ask(questions);
    if (answers.empty()) break;
    for (const auto& [partition, offset, timestamp] : answers) {
      const auto it = searches.find(partition);
      if (it == searches.end()) continue;
      auto& waiting = it->second;
      const int64_t asked = waiting.front().next_timestamp();
      waiting.front().narrow(offset, timestamp);
      for (size_t i = 1; i < waiting.size(); ++i) waiting[i].overhear(asked, offset, timestamp);
      while (!waiting.empty() && waiting.front().done()) {
        take(partition, waiting.front());
        waiting.pop_front();
      }
      if (waiting.empty()) searches.erase(it);
    }
  }
  unfinished.clear();
  for (const auto& [partition, waiting] : searches)
    for (const auto& search : waiting) unfinished.emplace(model::RecordPosition{partition, search.offset()}, search);
  return found;
}

}  // namespace kafkascope::cluster
