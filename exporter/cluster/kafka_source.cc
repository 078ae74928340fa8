#include "cluster/kafka_source.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "analysis/renumber.h"
#include "analysis/waiting.h"
#include "kafka/collect.h"
#include "kafka/limits.h"
#include "kafka/requests.h"

namespace kafkascope::cluster {

using kafka::Failures;
using model::Collector;
using std::chrono::steady_clock;

namespace {

/// How much is asked of the brokers' time index, and of the log itself, between two polls: lookups and batches.
constexpr size_t kMostLookups = 20'000, kMostMarkers = 300;
/// As many requests may be sent to few brokers as to so many.
constexpr size_t kFewBrokers = 3;

/// Runs one collector: the only place that times it, and that turns what it throws into a failure.
template <class Body>
void run(Collector collector, std::vector<model::CollectorRun>& runs, const Body& body) {
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
  runs.push_back({collector, took.count(), failures.take()});
}

model::Time time_at(double part, model::Time start, model::Time end) {
  return start + std::chrono::duration_cast<model::Time::duration>(part * (end - start));
}

/// Groups that have been empty for longer than the configuration wants them are neither asked about nor shown.
void leave_out_empty(std::vector<model::GroupFacts>& groups, const model::Snapshot& last, model::Time now,
                     const model::Options& options) {
  if (options.drop_empty_after.count() == 0) return;
  auto before = last.groups.begin();
  for (auto& group : groups) {
    while (before != last.groups.end() && before->group.id < group.group.id) ++before;
    if (before == last.groups.end() || before->group.id != group.group.id) continue;
    group.left_out = group.group.members <= 0 && before->empty_since != model::Time{} &&
                     now - before->empty_since >= options.drop_empty_after;
  }
}

/// Partitions that groups have committed on, or had when they were last asked; by partition number.
std::vector<bool> partitions_read(const model::Facts& facts, const model::Snapshot& last) {
  const model::Metadata& metadata = *facts.metadata;
  std::vector<bool> read(metadata.partition_count, false);
  const auto note = [&](const model::PartitionRef& partition) {
    read[metadata.topics[partition.topic].first_partition + partition.partition] = true;
  };
  for (const auto& group : facts.groups)
    for (const auto& commit : group.commits) note(commit.partition);
  const analysis::Renumbering renumbering(last.numbering.get(), metadata);
  for (const auto& group : last.groups)
    for (const auto& row : group.partitions)
      if (auto partition = row.partition; renumbering.renumber(partition)) note(partition);
  return read;
}

}  // namespace

KafkaSource::KafkaSource(const config::Cluster& cluster)
    : cluster_(cluster), client_(cluster), slow_client_(std::make_unique<kafka::Client>(cluster, client_.logins())) {}

KafkaSource::~KafkaSource() {
  try {
    slow_client_end_ = std::jthread([client = std::move(slow_client_)]() mutable { client.reset(); });
  } catch (const std::system_error&) {  // no thread is available: they end one after the other
  }
}

model::Facts KafkaSource::ask(const Plan& plan) {
  const auto stopped = [this] { return stopped_.load(); };
  const auto timeout = cluster_.polling.effective_request_timeout();
  model::Facts facts;
  facts.at = steady_clock::now();
  facts.wall = model::WallTime::clock::now();
  facts.metadata = plan.last->numbering;
  const auto end_of = [&](double part) { return time_at(part, facts.at, plan.deadline); };
  kafka::Requests requests(client_, end_of(kafka::kMetadataEnd), timeout, stopped);
  int32_t slow = model::kNoBroker;
  kafka::CollectedEligible eligible;

  run(Collector::kMetadata, facts.runs, [&](Failures& failures) {
    const auto end = end_of(kafka::kMetadataEnd);
    client_.refresh_brokers();
    const auto candidates = in_order(client_.await_brokers({}, std::min(end, facts.at + timeout), stopped));
    Failures of_metadata;
    const auto start = steady_clock::now();
    const auto metadata = kafka::collect_metadata(requests, candidates, cluster_.topics, of_metadata);
    if (!candidates.empty() && steady_clock::now() - start > timeout / 2) slow = candidates.front();
    if (!metadata) {
      if (const auto error = client_.connection_error())
        return failures.add(*error);  // the cause rather than the effect
    }
    for (auto& failure : of_metadata.take()) failures.add(std::move(failure));
    if (!metadata) return;
    facts.metadata = metadata;
    facts.metadata_read = true;
    client_.forget_errors();
    std::vector<int32_t> brokers;
    for (const auto& broker : metadata->brokers) brokers.push_back(broker.id);
    client_.await_brokers(brokers, std::min(end, steady_clock::now() + timeout / 4), stopped);
    const auto answered = in_order({requests.answered().begin(), requests.answered().end()});
    kafka::collect_eligible(requests, answered, *metadata, *plan.last, eligible, failures);
  });
  facts.eligible = std::move(eligible.eligible);
  facts.eligible_unread = std::move(eligible.unread);

  // Until we know better.
  for (const auto& group : plan.last->groups) facts.unread_groups.push_back(group.group.id);
  for (const auto& group : plan.last->share_groups) facts.unread_share_groups.push_back(group.group.id);
  if (facts.metadata_read) {
    kafka::CollectedGroups groups;
    run(Collector::kGroups, facts.runs, [&](Failures& failures) {
      requests.set_deadline(end_of(kafka::kGroupsEnd));
      const bool member_lists = cluster_.options.members || cluster_.options.owners;
      groups =
          kafka::collect_groups(requests, *facts.metadata, cluster_.groups, member_lists, plan.last->groups, failures);
      facts.groups = std::move(groups.groups);
      facts.unread_groups = std::move(groups.unread);
      leave_out_empty(facts.groups, *plan.last, facts.at, cluster_.options);
    });
    run(Collector::kGroupOffsets, facts.runs, [&](Failures& failures) {
      requests.set_deadline(end_of(kafka::kGroupOffsetsEnd));
      kafka::collect_group_offsets(requests, *facts.metadata, facts.groups, failures);
    });
    // After the commits, so that a commit is never ahead of the end that it is compared with.
    run(Collector::kOffsets, facts.runs, [&](Failures& failures) {
      requests.set_deadline(end_of(kafka::kOffsetsEnd));
      kafka::OffsetsPlan offsets{plan.all_earliest, cluster_.options.read_committed};
      if (!cluster_.options.by_partition) offsets.only = partitions_read(facts, *plan.last);  // no others show
      auto collected = kafka::collect_offsets(requests, *facts.metadata, *plan.last, offsets, failures);
      facts.latest = std::move(collected.latest);
      facts.earliest = std::move(collected.earliest);
      facts.last_stable = std::move(collected.last_stable);
    });
    if (wants(Collector::kShareGroups))
      run(Collector::kShareGroups, facts.runs, [&](Failures& failures) {
        requests.set_deadline(end_of(kafka::kShareGroupsEnd));
        auto collected = kafka::collect_share_groups(requests, *facts.metadata, groups.share_groups, groups.listed_by,
                                                     plan.last->share_groups, failures);
        facts.share_groups = std::move(collected.groups);
        facts.unread_share_groups = std::move(collected.unread);
      });
  } else {
    const auto reason = facts.runs.front().failures.front().reason;
    for (const auto collector : {Collector::kGroups, Collector::kGroupOffsets, Collector::kOffsets,
                                 Collector::kShareGroups, Collector::kQuorum, Collector::kReassignments})
      if (wants(collector))
        facts.runs.push_back({collector, 0, {{reason, "not asked, for there is no metadata"}}, true});
  }

  facts.answered.assign(requests.answered().begin(), requests.answered().end());
  order_ = in_order(facts.answered);
  std::stable_partition(order_.begin(), order_.end(), [&](int32_t id) { return !requests.lost(id) && id != slow; });
  facts.requests = requests.sent();
  if (facts.metadata_read) ask_controller(plan, facts);
  facts.statistics = client_.statistics();
  return facts;
}

std::vector<int32_t> KafkaSource::in_order(std::vector<int32_t> brokers) const {
  const auto rank = [&](int32_t id) { return std::find(order_.begin(), order_.end(), id); };
  std::stable_sort(brokers.begin(), brokers.end(), [&](int32_t a, int32_t b) { return rank(a) < rank(b); });
  return brokers;
}

void KafkaSource::ask_controller(const Plan& plan, model::Facts& facts) {
  if (!wants(Collector::kQuorum) && !wants(Collector::kReassignments)) return;
  const auto stopped = [this] { return stopped_.load(); };
  const auto timeout = cluster_.polling.effective_request_timeout();
  // A broker passes these on to the controller, and waits while there is none: what every poll needs does not wait with
  // it.
  kafka::Requests requests(*slow_client_, plan.deadline, timeout, stopped);
  if (slow_client_->await_brokers({}, facts.at, stopped) != facts.answered) slow_client_->refresh_brokers();
  slow_client_->await_brokers(facts.answered, std::min(plan.deadline, steady_clock::now() + timeout / 4), stopped);
  if (wants(Collector::kQuorum))
    run(Collector::kQuorum, facts.runs, [&](Failures& failures) {
      facts.quorum_asked = model::Asked::kUnread;
      auto collected = kafka::collect_quorum(requests, order_, *facts.metadata, failures);
      facts.quorum_asked = collected.asked;
      facts.quorum = std::move(collected.quorum);
      facts.controller = collected.controller;
    });
  if (wants(Collector::kReassignments))
    run(Collector::kReassignments, facts.runs, [&](Failures& failures) {
      facts.reassignments_asked = model::Asked::kUnread;
      // Whom the one question would wait for, the other would, too.
      if (const auto& last = facts.runs.back(); last.collector == Collector::kQuorum && !last.success() &&
                                                last.failures.front().reason == model::Reason::kTimeout)
        return failures.add(model::Failure{model::Reason::kTimeout, "not asked, for the quorum was not told in time"});
      // With ZooKeeper only the controller knows; under KRaft this is any broker.
      auto brokers = order_;
      std::erase_if(brokers, [&](int32_t id) { return requests.lost(id); });
      if (brokers.empty())
        return failures.add(model::Failure{model::Reason::kTimeout, "no broker answers what it has to pass on"});
      const int32_t controller = facts.metadata->controller;
      const bool usable = std::find(brokers.begin(), brokers.end(), controller) != brokers.end();
      auto collected = kafka::collect_reassignments(requests, usable ? controller : brokers.front(), timeout,
                                                    *facts.metadata, failures);
      if (!collected) return;
      facts.reassignments_asked = model::Asked::kRead;
      facts.reassigning = std::move(*collected);
    });
  for (const auto& [api, count] : requests.sent()) facts.requests[api] += count;
}

model::SlowFacts KafkaSource::ask_slowly(const SlowPlan& plan) {
  const auto stopped = [this] { return stopped_.load(); };
  const model::Metadata& metadata = *plan.last->numbering;
  model::SlowFacts facts;
  facts.at = steady_clock::now();
  const auto wall = model::WallTime::clock::now();
  // A broker that is silent costs a part of the time, and then is not asked again.
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(plan.deadline - facts.at);
  const auto timeout = std::min(cluster_.polling.effective_request_timeout(), left / 2);
  kafka::Requests requests(*slow_client_, plan.deadline, timeout, stopped);

  if (wants(Collector::kTopicConfigs) && !order_.empty()) {
    std::vector<uint32_t> topics;  // new ones are always due
    for (uint32_t topic = 0; topic < metadata.topics.size(); ++topic)
      if (plan.all_topic_configs || !plan.last->settings_asked[topic]) topics.push_back(topic);
    const auto first = std::find_if(topics.begin(), topics.end(),
                                    [&](uint32_t topic) { return metadata.topics[topic].name >= next_topic_config_; });
    std::rotate(topics.begin(), first, topics.end());
    kafka::CollectedSettings collected;
    if (!topics.empty())
      run(Collector::kTopicConfigs, facts.runs, [&](Failures& failures) {
        kafka::collect_topic_configs(*slow_client_, order_.front(), metadata, topics, steady_clock::now() + timeout,
                                     stopped, collected, failures);
      });
    const auto left_out = std::span(topics).subspan(collected.next);
    if (plan.all_topic_configs) next_topic_config_ = left_out.empty() ? "" : metadata.topics[left_out.front()].name;
    for (const uint32_t topic : left_out)
      if (!collected.asked.empty() && !plan.last->settings_asked[topic])
        collected.asked[topic] = model::Asked::kNo;  // still new
    facts.settings_asked = std::move(collected.asked);
    facts.settings = std::move(collected.settings);
  }
  if (wants(Collector::kTimeLag))
    run(Collector::kTimeLag, facts.runs, [&](Failures& failures) {
      requests.set_deadline(time_at(kafka::kTimeLagEnd, facts.at, plan.deadline));
      const size_t brokers = std::clamp<size_t>(metadata.brokers.size(), 1, kFewBrokers);
      int rounds = static_cast<int>(static_cast<size_t>(plan.rounds) * kFewBrokers / brokers);
      auto wanted = analysis::wanted_ages(*plan.last, cluster_.options, kMostLookups / static_cast<size_t>(rounds));
      auto markers = analysis::wanted_markers(*plan.last, cluster_.options, kMostMarkers);
      if (!wanted.empty() && !markers.empty()) {  // they share the rounds
        if (rounds > 1)
          --rounds;
        else
          markers.clear();
      }
      for (auto& age : wanted) {  // what was learnt of their topics a moment ago
        const auto topic =
            static_cast<size_t>(&model::topic_of(metadata, age.record.partition) - metadata.topics.data());
        if (topic < facts.settings_asked.size() && facts.settings_asked[topic] == model::Asked::kRead)
          age.compacted = facts.settings[topic].compacts();
      }
      if (!searched_ || !model::same_partitions(*searched_, metadata)) searches_.clear();
      searched_ = plan.last->numbering;
      facts.appended = find_append_times(wanted, rounds, facts.at, wall, searches_, [&](auto questions) {
        return kafka::collect_offsets_at(requests, metadata, questions, failures);
      });
      facts.markers = kafka::collect_markers(requests, metadata, markers, failures);
    });
  if (wants(Collector::kLogDirs) && plan.log_dirs)
    run(Collector::kLogDirs, facts.runs, [&](Failures& failures) {
      requests.set_deadline(plan.deadline);
      kafka::collect_log_dirs(requests, metadata, facts.log_dirs, failures);
    });
  facts.requests = requests.sent();
  facts.own_requests = slow_client_->statistics().requests;
  return facts;
}

}  // namespace kafkascope::cluster
