#include "families/topic_series.h"

namespace kafkascope::families {

using model::Collector;

namespace {

/// States that are exported as 0 if no transactional id is in them, as Kafka names them.
constexpr std::string_view kStates[]{"Empty",        "Ongoing",        "PrepareCommit",
                                     "PrepareAbort", "CompleteCommit", "CompleteAbort"};

}  // namespace

void write_transactions(const PageContext& w) {
  const auto& states = w.snapshot.transaction_states;
  w.out.family(
      {"kafka_transactions", "Number of transactional ids by state, as Kafka names it. Absent before Kafka 3.0.",
       Type::kGauge, Collector::kTransactions},
      [&](SampleWriter& s) {
        if (!states) return;
        auto all = *states.value;
        for (const auto state : kStates) all.emplace(state, 0);
        for (const auto& [state, count] : all) s.with(label("state", state)).value(count, states.held());
      });
  const auto& oldest = w.snapshot.oldest_transaction_seconds;
  w.out.family({"kafka_transaction_oldest_open_seconds",
                "Age of the oldest open transaction, 0 if none is open. Absent before Kafka 3.0.", Type::kGauge,
                Collector::kTransactions},
               [&](SampleWriter& s) {
                 if (oldest) s.value(*oldest.value, oldest.held());
               });

  const TopicSeries topics(w);
  const auto collector = topics.held ? Collector::kMetadata : Collector::kTransactions;
  const auto& figures = w.figures.transactions;
  topics.by_topic({"kafka_topic_hanging_transaction_partitions",
                   "Partitions whose last stable offset is held back by a transaction that was not ended after its "
                   "timeout, or that its coordinator does not know. The log has its ids."},
                  [&](size_t t, const auto& series) {
                    if (const auto& hanging = figures[t].hanging; hanging.known())
                      series().value(hanging.value, hanging.held(), collector);
                  });
  topics.by_topic({"kafka_topic_last_stable_offset_held_seconds",
                   "Longest time for which the last stable offset of a partition has stood still below its end, as "
                   "seen. 0 if none does."},
                  [&](size_t t, const auto& series) {
                    if (const auto& figure = figures[t]; figure.hanging.known())
                      series().value(figure.held_seconds, figure.hanging.held(), collector);
                  });
}

}  // namespace kafkascope::families
