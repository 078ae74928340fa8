#include "analysis/transactions.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace kafkascope::analysis {
namespace {

using model::HangingTransaction;
using model::ReadState;
using model::Snapshot;
using model::StableOffset;
using model::Time;
using model::TransactionsResult;
using model::Value;

constexpr size_t kMaxEvents = 100;

void update_stable_offset(int64_t read, const Value& end, Time at, const Holding& holding, StableOffset& stable) {
  if (read < 0 || !end.known()) {
    stable.offset = holding.hold(stable.offset);
    return;
  }
  const bool stands_still = stable.offset.known() && stable.offset.value == read && stable.since != Time{};
  if (read >= end.value)
    stable.since = {};
  else if (!stands_still)
    stable.since = at;
  stable.offset = {read, {}};
  stable.read = at;
}

void update_stable_offsets(const TransactionsResult& read, Time at, const Holding& holding, Snapshot& now) {
  const size_t count = now.numbering->partition_count;
  if (read.last_stable.empty() && now.last_stable.size() != count) return;
  now.stable_offsets.resize(count);
  for (uint32_t p = 0; p < count; ++p) {
    const Value& polled = now.last_stable.size() == count ? now.last_stable[p] : Value{};
    const int64_t offset = !read.last_stable.empty() ? read.last_stable[p] : polled.fresh() ? polled.value : -1;
    update_stable_offset(offset, now.latest[p], at, holding, now.stable_offsets[p]);
  }
}

/// Returns the hanging transaction that a producer belongs to, or nothing.
std::optional<HangingTransaction> judge(const model::BlockingProducer& producer, const TransactionsResult& read,
                                        double held_seconds, int64_t now_ms, int64_t max_transaction_ms) {
  HangingTransaction found{.reason = HangingTransaction::Reason::kUnknownToCoordinator,
                           .producer_id = producer.producer_id,
                           .epoch = producer.epoch,
                           .start_offset = producer.start_offset};
  if (const auto id = read.producers.find(producer.producer_id); id != read.producers.end())
    found.transactional_id = id->second;
  const auto by_id = [](const auto& transaction, int64_t id) { return transaction.producer_id < id; };
  for (auto open = std::lower_bound(read.open.begin(), read.open.end(), producer.producer_id, by_id);
       open != read.open.end() && open->producer_id == producer.producer_id; ++open) {
    if (!std::binary_search(open->partitions.begin(), open->partitions.end(), producer.partition)) continue;
    if (open->start_ms < 0 || now_ms - open->start_ms <= open->timeout_ms + kTimeoutGraceMs) return std::nullopt;
    found.reason = HangingTransaction::Reason::kTimedOut;
    return found;
  }
  if (held_seconds * 1000 <= static_cast<double>(max_transaction_ms)) return std::nullopt;
  return found;
}

using Hanging = std::map<uint32_t, HangingTransaction>;

Hanging next_hanging(const TransactionsResult& read, int64_t now_ms, const Snapshot& now) {
  const bool complete = read.listed && read.described;
  Hanging hanging;
  for (const auto& [partition, transaction] : now.hanging) {  // what could not be decided stays
    const StableOffset& stable = now.stable_offsets[partition];
    const bool described =
        std::binary_search(read.described_partitions.begin(), read.described_partitions.end(), partition);
    if (stable.offset.known() && stable.offset.value == transaction.start_offset && stable.since != Time{} &&
        !(complete && described))
      hanging.emplace(partition, transaction);
  }
  if (!complete) return hanging;
  for (const auto& producer : read.blocking) {
    const StableOffset& stable = now.stable_offsets[producer.partition];
    if (stable.since == Time{} || stable.offset.value != producer.start_offset) continue;
    if (auto found = judge(producer, read, stable.held_seconds(), now_ms, now.max_transaction_ms))
      hanging[producer.partition] = std::move(*found);
  }
  return hanging;
}

/// Adds an event for each transaction that `of` has and `other` has not.
void note(const Hanging& of, const Hanging& other, bool hangs, Snapshot& now) {
  for (const auto& [partition, transaction] : of) {
    const auto same = other.find(partition);
    if (same != other.end() && same->second == transaction) continue;
    if (now.transaction_events.size() == kMaxEvents) return;
    const model::Topic& topic = model::topic_of(*now.numbering, partition);
    now.transaction_events.push_back({topic.name, static_cast<int32_t>(partition - topic.first_partition), transaction,
                                      hangs, now.stable_offsets[partition].held_seconds()});
  }
}

}  // namespace

std::map<uint32_t, int64_t> held_partitions(const Snapshot& now) {
  std::map<uint32_t, int64_t> held;
  for (uint32_t p = 0; p < now.stable_offsets.size(); ++p)
    if (const StableOffset& stable = now.stable_offsets[p]; stable.offset.known() && stable.since != Time{})
      held.emplace_hint(held.end(), p, stable.offset.value);
  return held;
}

void merge_transactions(TransactionsResult&& read, const model::BackgroundResult& result, const Holding& holding,
                        Snapshot& now) {
  using std::chrono::milliseconds;
  const int64_t now_ms = std::chrono::duration_cast<milliseconds>(result.wall.time_since_epoch()).count();
  holding.update(now.transaction_states, read.listed ? ReadState::kOk : ReadState::kFailed, std::move(read.states));
  double oldest = 0;
  for (const auto& transaction : read.open)
    if (transaction.start_ms >= 0) oldest = std::max(oldest, static_cast<double>(now_ms - transaction.start_ms) / 1000);
  holding.update(now.oldest_transaction_seconds, read.described ? ReadState::kOk : ReadState::kFailed, oldest);
  update_stable_offsets(read, result.at, holding, now);
  if (now.stable_offsets.empty()) return;
  auto hanging = next_hanging(read, now_ms, now);
  note(hanging, now.hanging, true, now);
  note(now.hanging, hanging, false, now);
  now.hanging = std::move(hanging);
}

model::TransactionFigures transaction_figures(const Snapshot& snapshot) {
  model::TransactionFigures figures;
  if (!snapshot.metadata) return figures;
  for (const auto& topic : snapshot.metadata->topics) {
    auto& [hanging, held_seconds] = figures.emplace_back();
    if (snapshot.stable_offsets.empty() || topic.partitions.empty()) continue;
    hanging = {0, snapshot.metadata_failing_since};
    for (uint32_t p = topic.first_partition; p < topic.first_partition + topic.partitions.size(); ++p) {
      const StableOffset& stable = snapshot.stable_offsets[p];
      if (!stable.offset.known()) {
        hanging = {};
        break;
      }
      held_seconds = std::max(held_seconds, stable.held_seconds());
      add({snapshot.hanging.contains(p) ? 1 : 0, stable.offset.failing_since}, hanging);
    }
  }
  return figures;
}

}  // namespace kafkascope::analysis
