#include "poll/kafka_source.h"

#include <algorithm>
#include <utility>

#include "kafka/collect.h"
#include "kafka/requests.h"

namespace kafkascope::poll {

using kafka::Failures;
using model::Collector;
using std::chrono::steady_clock;

namespace {

/// Runs one collector: the only place that times it, and that turns what it throws into a failure.
template <class Body>
void run(Collector collector, model::Facts& facts, const Body& body) {
  const auto start = steady_clock::now();
  Failures failures;
  try {
    body(failures);
  } catch (const kafka::Error& e) {
    failures.add(e);
  } catch (const std::exception& e) {
    failures.add(model::Failure{model::Reason::kOther, e.what()});
  }
  const std::chrono::duration<double> took = steady_clock::now() - start;
  facts.runs.push_back({collector, took.count(), failures.take()});
}

}  // namespace

model::Facts KafkaSource::ask(const Plan& plan) {
  const auto stopped = [this] { return stopped_.load(); };
  const auto timeout = cluster_.polling.effective_request_timeout();
  model::Facts facts;
  facts.at = steady_clock::now();
  facts.wall = model::WallTime::clock::now();
  kafka::Requests requests(client_, plan.deadline, timeout, stopped);
  const auto soon = [&] { return std::min(plan.deadline, steady_clock::now() + timeout); };

  run(Collector::kMetadata, facts, [&](Failures& failures) {
    client_.refresh_brokers();
    auto candidates = client_.await_brokers({}, soon(), stopped);
    std::stable_partition(candidates.begin(), candidates.end(), [this](int32_t id) { return answered_.contains(id); });
    Failures of_metadata;
    const auto metadata = kafka::collect_metadata(requests, candidates, cluster_.topics, of_metadata);
    facts.metadata_read = metadata != nullptr;
    facts.metadata = metadata ? metadata : plan.last->metadata;
    if (!metadata) {
      if (const auto error = client_.connection_error())
        return failures.add(*error);  // the cause rather than the effect
    }
    for (auto& failure : of_metadata.take()) failures.add(std::move(failure));
    if (!metadata) return;
    client_.forget_errors();
    std::vector<int32_t> brokers;
    for (const auto& broker : metadata->brokers) brokers.push_back(broker.id);
    client_.await_brokers(brokers, std::min(soon(), steady_clock::now() + timeout / 4), stopped);
  });

  for (const auto& group : plan.last->groups) facts.unread_groups.push_back(group.group.id);  // until we know better
  if (facts.metadata_read) {
    run(Collector::kGroups, facts, [&](Failures& failures) {
      auto collected = kafka::collect_groups(requests, *facts.metadata, cluster_.groups, plan.last->groups, failures);
      facts.groups = std::move(collected.groups);
      facts.unread_groups = std::move(collected.unread);
    });
    run(Collector::kGroupOffsets, facts,
        [&](Failures& failures) { kafka::collect_group_offsets(requests, *facts.metadata, facts.groups, failures); });
    // After the commits, so that a commit is never ahead of the end that it is compared with.
    run(Collector::kOffsets, facts, [&](Failures& failures) {
      auto collected = kafka::collect_offsets(requests, *facts.metadata, *plan.last, plan.all_earliest, failures);
      facts.latest = std::move(collected.latest);
      facts.earliest = std::move(collected.earliest);
    });
  } else {
    const auto reason = facts.runs.front().failures.front().reason;
    for (const auto collector : {Collector::kGroups, Collector::kGroupOffsets, Collector::kOffsets})
      facts.runs.push_back({collector, 0, {{reason, "not asked, for there is no metadata"}}});
  }

  answered_ = requests.answered();
  facts.answered.assign(answered_.begin(), answered_.end());
  facts.requests = requests.sent();
  facts.statistics = client_.statistics();
  return facts;
}

}  // namespace kafkascope::poll
