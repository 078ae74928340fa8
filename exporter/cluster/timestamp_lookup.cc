#include "cluster/timestamp_lookup.h"

#include <algorithm>

namespace kafkascope::cluster {

using std::chrono::milliseconds;

namespace {

/// Updates the searches to the records that are wanted now. Searches of other partitions end.
void begin(std::span<const model::TimestampQuery> wanted, int64_t now_ms, Searches& searches) {
  std::map<uint32_t, std::vector<const model::TimestampQuery*>> by_partition;
  for (const auto& query : wanted) by_partition[query.record.partition].push_back(&query);
  std::erase_if(searches, [&](const auto& search) { return !by_partition.contains(search.first); });
  for (const auto& [partition, queries] : by_partition) {
    std::vector<int64_t> offsets;
    for (const auto* query : queries)
      if (query->record.offset < query->end_offset) offsets.push_back(query->record.offset);
    std::sort(offsets.begin(), offsets.end());
    searches[partition].want(std::move(offsets), queries.front()->end_offset, now_ms, queries.front()->compacted);
  }
}

}  // namespace

TimestampLookup look_up_timestamps(
    std::span<const model::TimestampQuery> wanted, int rounds, model::Time now, model::WallTime wall,
    Searches& searches,
    const std::function<std::vector<kafka::TimedOffset>(std::span<const kafka::WantedOffset>)>& ask) {
  const int64_t now_ms = std::chrono::duration_cast<milliseconds>(wall.time_since_epoch()).count();
  begin(wanted, now_ms, searches);
  TimestampLookup lookup;
  while (true) {
    for (auto& [partition, search] : searches)
      for (const auto& [offset, ms] : search.take_results()) {
        lookup.found.emplace_back(model::RecordPosition{partition, offset}, std::nullopt);
        if (ms) lookup.found.back().second = now - milliseconds(now_ms - *ms);
      }
    std::erase_if(searches, [](const auto& search) { return search.second.done(); });
    if (searches.empty() || lookup.rounds == rounds) return lookup;

    std::vector<kafka::WantedOffset> questions;
    for (const auto& [partition, search] : searches) questions.push_back({partition, search.next_timestamp()});
    const auto answers = ask(questions);
    ++lookup.rounds;
    if (answers.empty()) return lookup;
    for (const auto& [partition, offset, timestamp] : answers) {
      const auto question = std::lower_bound(questions.begin(), questions.end(), partition,
                                             [](const auto& asked, uint32_t value) { return asked.partition < value; });
      if (question != questions.end() && question->partition == partition)
        searches[partition].add_answer(question->timestamp, offset, timestamp);
    }
  }
}

}  // namespace kafkascope::cluster
