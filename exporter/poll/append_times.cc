#include "poll/append_times.h"

#include <algorithm>
#include <deque>
#include <map>

#include "analysis/time_search.h"

namespace kafkascope::poll {

using analysis::TimeSearch;
using std::chrono::milliseconds;

namespace {

/// Of a poll: three brokers take 27 requests at the most.
constexpr int kRounds = 9;

}  // namespace

std::vector<std::pair<model::OldRecord, std::optional<model::Time>>> find_append_times(
    std::span<const model::WantedAge> wanted, model::Time now, model::WallTime wall,
    const std::function<std::vector<kafka::TimedOffset>(std::span<const kafka::WantedOffset>)>& ask) {
  const int64_t now_ms = std::chrono::duration_cast<milliseconds>(wall.time_since_epoch()).count();
  std::map<uint32_t, std::deque<TimeSearch>> searches;  // a request may name a partition only once
  for (const auto& [record, end, compacted] : wanted)
    if (const TimeSearch search(record.offset, end, now_ms, compacted); !search.done())
      searches[record.partition].push_back(search);

  std::vector<std::pair<model::OldRecord, std::optional<model::Time>>> found;
  const auto take = [&](uint32_t partition, const TimeSearch& search) {
    const auto ms = search.best_ms();
    if (!ms && !search.done()) return;
    found.emplace_back(model::OldRecord{partition, search.offset()}, std::nullopt);
    if (ms) found.back().second = now - milliseconds(std::max<int64_t>(0, now_ms - *ms));
  };
  for (int round = 0; round < kRounds && !searches.empty(); ++round) {
    std::vector<kafka::WantedOffset> questions;
    for (const auto& [partition, waiting] : searches)
      questions.push_back({partition, waiting.front().next_timestamp()});
    const auto answers = ask(questions);
    if (answers.empty()) break;
    for (const auto& answer : answers) {
      const auto it = searches.find(answer.partition);
      if (it == searches.end()) continue;
      auto& [partition, waiting] = *it;
      waiting.front().narrow(answer.offset, answer.timestamp);
      if (!waiting.front().done()) continue;
      take(partition, waiting.front());
      waiting.pop_front();
      if (waiting.empty()) searches.erase(it);
    }
  }
  for (const auto& [partition, waiting] : searches) take(partition, waiting.front());
  return found;
}

}  // namespace kafkascope::poll
