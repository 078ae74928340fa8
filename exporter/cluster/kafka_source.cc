#include "cluster/kafka_source.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "analysis/partition_mapping.h"
#include "analysis/record_times.h"
#include "analysis/time_lag.h"
#include "analysis/transactions.h"
#include "kafka/collect/eligible_leaders.h"
#include "kafka/collect/features.h"
#include "kafka/collect/group_offsets.h"
#include "kafka/collect/groups.h"
#include "kafka/collect/log_dirs.h"
#include "kafka/collect/metadata.h"
#include "kafka/collect/offsets.h"
#include "kafka/collect/quorum.h"
#include "kafka/collect/reassignments.h"
#include "kafka/collect/record_times.h"
#include "kafka/collect/replica_ends.h"
#include "kafka/collect/share_groups.h"
#include "kafka/collect/topic_configs.h"
#include "kafka/collect/transaction_markers.h"
#include "kafka/collect/transactions.h"
#include "kafka/limits.h"
#include "kafka/request_batch.h"
#include "log/event.h"

namespace kafkascope::cluster {

using kafka::Failures;
using model::Collector;
using model::ReadState;
using model::Reason;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Groups that have been empty for longer than the configuration allows are neither requested nor shown.
void leave_out_empty(std::vector<model::GroupResult>& groups, const model::Snapshot& last, model::Time now,
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

/// Returns by partition number whether its end offset is needed without families by partition: a group had committed
/// an offset on it when last read, or a replica is behind.
std::vector<bool> partitions_needed(const model::PollResult& result, const model::Snapshot& last) {
  const model::Metadata& metadata = *result.metadata;
  std::vector<bool> read(metadata.partition_count, false);
  const auto note = [&](const model::PartitionRef& partition) {
    read[metadata.topics[partition.topic].first_partition + partition.partition] = true;
  };
  for (const auto& group : result.groups)
    for (const auto& commit : group.commits) note(commit.partition);
  const analysis::PartitionMapping mapping(last.numbering.get(), metadata);
  for (const auto& group : last.groups)
    for (const auto& row : group.partitions)
      if (auto partition = row.partition; mapping.map_partition(partition)) note(partition);
  for (const auto& end : result.replica_ends) read[end.partition] = true;
  return read;
}

}  // namespace

/// A poll in progress.
struct KafkaSource::Poll {
  const PollPlan& plan;
  model::PollResult result;
  kafka::RequestBatch requests, controller_requests;
  kafka::EligibleLeaders eligible = {};
  kafka::CollectedGroups groups = {};
  int32_t slow = model::kNoBroker;  ///< The broker that was slow to return the metadata.
  model::Time end{};                ///< Of the current step.
};

/// Slow collectors in progress, between two polls.
struct KafkaSource::Background {
  const BackgroundPlan& plan;
  model::WallTime wall;
  milliseconds timeout;
  kafka::RequestBatch requests;
  model::BackgroundResult result = {};
  std::vector<uint32_t> due_topics = {};  ///< Whose configuration is due.
  kafka::CollectedSettings settings = {};
  model::Time end{};  ///< Of the current step.
  const model::Metadata& metadata = *plan.last->numbering;
};

template <class Run>
void KafkaSource::run(const Step<Run>& step, Run& run) {
  if (!is_enabled(step.collector)) return;
  const auto start = steady_clock::now();
  Failures failures;
  try {
    const auto share = step.end * (run.plan.deadline - run.result.at);
    run.end = run.result.at + std::chrono::duration_cast<model::Time::duration>(share);
    run.requests.set_deadline(run.end);
    (this->*step.collect)(run, failures);
  } catch (const kafka::Error& e) {
    failures.add(e);
  } catch (const std::exception& e) {
    failures.add(model::Failure{Reason::kOther, e.what()});
  }
  for (const auto& hint : failures.missing_permissions())
    if (logged_permissions_.insert(hint).second)
      log_event(LogLevel::kInfo, "optional permission missing",
                {{"cluster", cluster_.name}, {"collector", name(step.collector)}, {"hint", hint}});
  const std::chrono::duration<double> took = steady_clock::now() - start;
  run.result.runs.push_back({step.collector, took.count(), failures.take()});
}

KafkaSource::KafkaSource(const config::Cluster& cluster)
    : cluster_(cluster),
      timeout_(cluster.polling.effective_request_timeout()),
      client_(cluster),
      background_client_(std::make_unique<kafka::Client>(cluster, client_.logins())) {}

KafkaSource::~KafkaSource() {
  try {
    background_client_end_ = std::jthread([client = std::move(background_client_)]() mutable { client.reset(); });
  } catch (const std::system_error&) {  // no thread is available: they end one after the other
  }
}

model::PollResult KafkaSource::poll(const PollPlan& plan) {
  static constexpr Step<Poll> kMetadata{Collector::kMetadata, kafka::kMetadataEnd, &KafkaSource::read_metadata};
  static constexpr Step<Poll> kSteps[]{
      {Collector::kGroups, kafka::kGroupsEnd, &KafkaSource::read_groups},
      {Collector::kGroupOffsets, kafka::kGroupOffsetsEnd, &KafkaSource::read_group_offsets},
      // After the commits, so that a commit is never ahead of the end offset that it is compared with.
      {Collector::kOffsets, kafka::kOffsetsEnd, &KafkaSource::read_offsets},
      {Collector::kShareGroups, kafka::kShareGroupsEnd, &KafkaSource::read_share_groups}};
  // A broker forwards these to the controller, and waits while there is none. They use the background client so that
  // the requests of every poll do not wait behind them.
  static constexpr Step<Poll> kControllerSteps[]{{Collector::kQuorum, 1, &KafkaSource::read_quorum},
                                                 {Collector::kReassignments, 1, &KafkaSource::read_reassignments}};

  Poll poll{plan,
            {},
            {client_, plan.deadline, timeout_, is_stopped_},
            {*background_client_, plan.deadline, timeout_, is_stopped_}};
  model::PollResult& result = poll.result;
  result.at = steady_clock::now();
  result.wall = model::WallTime::clock::now();
  result.metadata = plan.last->numbering;
  // Default: every known group may still exist until its coordinator responds.
  for (const auto& group : plan.last->groups) result.failed_groups.push_back(group.group.id);
  for (const auto& group : plan.last->share_groups) result.failed_share_groups.push_back(group.group.id);

  run(kMetadata, poll);
  result.eligible = std::move(poll.eligible.eligible);
  result.eligible_unknown = std::move(poll.eligible.unknown);
  const auto skip = [&](const Step<Poll>& step) {
    const Reason reason = result.runs.front().failures.front().reason;
    if (is_enabled(step.collector))
      result.runs.push_back({step.collector, 0, {{reason, "not requested: no metadata"}}, true});
  };
  for (const auto& step : kSteps) result.metadata_read ? run(step, poll) : skip(step);

  result.answered.assign(poll.requests.answered().begin(), poll.requests.answered().end());
  order_ = in_order(result.answered);
  std::stable_partition(order_.begin(), order_.end(),
                        [&](int32_t id) { return !poll.requests.lost(id) && id != poll.slow; });
  if (result.metadata_read) connect_background(poll);
  for (const auto& step : kControllerSteps) result.metadata_read ? run(step, poll) : skip(step);
  result.requests = poll.requests.sent();
  for (const auto& [api, count] : poll.controller_requests.sent()) result.requests[api] += count;
  result.statistics = client_.statistics();
  result.certificates = client_.certificates();
  result.certificates.merge(background_client_->certificates());
  return std::move(result);
}

bool KafkaSource::is_connected() const { return !client_.await_brokers({}, steady_clock::now(), is_stopped_).empty(); }

std::optional<model::Failure> KafkaSource::connection_error() const {
  const auto error = client_.connection_error();
  return error ? std::optional(error->failure()) : std::nullopt;
}

std::optional<kafka::TopicOperations> KafkaSource::topic_operations(model::Time deadline) {
  Failures failures;
  kafka::RequestBatch requests(client_, deadline, timeout_, is_stopped_);
  if (order_.empty()) return std::nullopt;
  return kafka::collect_topic_operations(requests, order_.front(), cluster_.topics, failures);
}

void KafkaSource::read_metadata(Poll& poll, Failures& failures) {
  client_.refresh_brokers();
  const auto candidates =
      in_order(client_.await_brokers({}, std::min(poll.end, poll.result.at + timeout_), is_stopped_));
  Failures of_metadata;
  const auto start = steady_clock::now();
  const auto metadata = kafka::collect_metadata(poll.requests, candidates, cluster_.topics, of_metadata);
  if (!candidates.empty() && steady_clock::now() - start > timeout_ / 2) poll.slow = candidates.front();
  if (!metadata) {
    if (const auto error = client_.connection_error()) return failures.add(*error);  // the cause, not the effect
  }
  for (auto& failure : of_metadata.take()) failures.add(std::move(failure));
  if (!metadata) return;
  poll.result.metadata = metadata;
  poll.result.metadata_read = true;
  note_filter("topics.filter", metadata->topics.size(), metadata->omitted_topics, logged_topics_);
  client_.forget_errors();
  std::vector<int32_t> brokers;
  for (const auto& broker : metadata->brokers) brokers.push_back(broker.id);
  client_.await_brokers(brokers, std::min(poll.end, steady_clock::now() + timeout_ / 4), is_stopped_);
  const auto answered = in_order({poll.requests.answered().begin(), poll.requests.answered().end()});
  kafka::collect_eligible_leaders(poll.requests, answered, *metadata, *poll.plan.last, poll.eligible, failures);
}

void KafkaSource::note_filter(std::string_view setting, size_t kept, size_t omitted, bool& logged) const {
  const bool none = kept == 0 && omitted > 0;
  if (std::exchange(logged, none) || !none) return;
  log_event(LogLevel::kWarning, "filter matches nothing",
            {{"cluster", cluster_.name}, {"setting", setting}, {"omitted", omitted}});
}

void KafkaSource::read_groups(Poll& poll, Failures& failures) {
  const model::Options& options = cluster_.options;
  const bool member_lists = options.members || options.owners || (options.kafka_lag_exporter && options.by_partition);
  poll.groups = kafka::collect_groups(poll.requests, *poll.result.metadata, cluster_.groups, member_lists,
                                      poll.plan.last->groups, failures);
  note_filter("groups.filter", poll.groups.groups.size() + poll.groups.share_groups.size(), poll.groups.omitted,
              logged_groups_);
  poll.result.groups = std::move(poll.groups.groups);
  poll.result.failed_groups = std::move(poll.groups.failed);
  leave_out_empty(poll.result.groups, *poll.plan.last, poll.result.at, cluster_.options);
}

void KafkaSource::read_group_offsets(Poll& poll, Failures& failures) {
  kafka::collect_group_offsets(poll.requests, *poll.result.metadata, poll.result.groups, failures);
}

void KafkaSource::read_offsets(Poll& poll, Failures& failures) {
  // Before the ends of the leaders, so that no replica is ahead of them.
  poll.result.replica_ends = kafka::collect_replica_ends(poll.requests, *poll.result.metadata, failures);
  kafka::OffsetsPlan plan{poll.plan.all_earliest, cluster_.options.read_committed};
  if (!cluster_.options.by_partition)
    plan.only = partitions_needed(poll.result, *poll.plan.last);  // only these are shown
  auto collected = kafka::collect_offsets(poll.requests, *poll.result.metadata, *poll.plan.last, plan, failures);
  poll.result.latest = std::move(collected.latest);
  poll.result.earliest = std::move(collected.earliest);
  poll.result.last_stable = std::move(collected.last_stable);
}

void KafkaSource::read_share_groups(Poll& poll, Failures& failures) {
  auto collected = kafka::collect_share_groups(poll.requests, *poll.result.metadata, poll.groups.share_groups,
                                               poll.groups.listed_by, poll.plan.last->share_groups, failures);
  poll.result.share_groups = std::move(collected.groups);
  poll.result.failed_share_groups = std::move(collected.failed);
}

void KafkaSource::connect_background(const Poll& poll) {
  if (!is_enabled(Collector::kQuorum) && !is_enabled(Collector::kReassignments)) return;
  const auto& wanted = poll.result.answered;
  if (background_client_->await_brokers({}, poll.result.at, is_stopped_) != wanted)
    background_client_->refresh_brokers();
  background_client_->await_brokers(wanted, std::min(poll.plan.deadline, steady_clock::now() + timeout_ / 4),
                                    is_stopped_);
}

void KafkaSource::read_quorum(Poll& poll, Failures& failures) {
  poll.result.quorum_state = ReadState::kFailed;
  auto collected = kafka::collect_quorum(poll.controller_requests, order_, *poll.result.metadata, failures);
  poll.result.quorum_state = collected.state;
  poll.result.quorum = std::move(collected.quorum);
  poll.result.controller = collected.controller;
}

void KafkaSource::read_reassignments(Poll& poll, Failures& failures) {
  poll.result.reassignments_state = ReadState::kFailed;
  // Both requests are forwarded to the controller: if one timed out, so would the other.
  if (const auto* quorum = model::find_run(poll.result.runs, Collector::kQuorum);
      quorum && !quorum->success() && quorum->failures.front().reason == Reason::kTimeout)
    return failures.add(model::Failure{Reason::kTimeout, "not requested: the quorum request timed out"});
  // With ZooKeeper only the controller can list them; under KRaft any broker can, and the metadata names one.
  auto brokers = order_;
  std::erase_if(brokers, [&](int32_t id) { return poll.controller_requests.lost(id); });
  if (brokers.empty())
    return failures.add(model::Failure{Reason::kTimeout, "no broker responds to requests for the controller"});
  const int32_t controller = poll.result.metadata->controller;
  const bool usable = std::find(brokers.begin(), brokers.end(), controller) != brokers.end();
  auto collected = kafka::collect_reassignments(poll.controller_requests, usable ? controller : brokers.front(),
                                                timeout_, *poll.result.metadata, failures);
  if (!collected) return;
  poll.result.reassignments_state = ReadState::kOk;
  poll.result.reassigning = std::move(*collected);
}

std::vector<int32_t> KafkaSource::in_order(std::vector<int32_t> brokers) const {
  const auto rank = [&](int32_t id) { return std::find(order_.begin(), order_.end(), id); };
  std::stable_sort(brokers.begin(), brokers.end(), [&](int32_t a, int32_t b) { return rank(a) < rank(b); });
  return brokers;
}

model::BackgroundResult KafkaSource::collect_background(const BackgroundPlan& plan) {
  static constexpr Step<Background> kTopicConfigs{Collector::kTopicConfigs, 1, &KafkaSource::read_topic_configs};
  static constexpr Step<Background> kTimeLag{Collector::kTimeLag, kafka::kTimeLagEnd, &KafkaSource::look_up_time_lag};
  static constexpr Step<Background> kLogDirs{Collector::kLogDirs, 1, &KafkaSource::read_log_dirs};
  static constexpr Step<Background> kTransactions{Collector::kTransactions, 1, &KafkaSource::read_transactions};
  static constexpr Step<Background> kFeatures{Collector::kFeatures, 1, &KafkaSource::read_features};
  static constexpr Step<Background> kRecordTimes{Collector::kRecordTimes, 1, &KafkaSource::read_record_times};

  const auto now = steady_clock::now();
  // A broker that does not respond costs a part of the time, and then gets no more requests.
  const auto timeout = std::min(timeout_, std::chrono::duration_cast<milliseconds>(plan.deadline - now) / 2);
  Background background{
      plan, model::WallTime::clock::now(), timeout, {*background_client_, plan.deadline, timeout, is_stopped_}};
  background.result.at = now;
  background.result.wall = background.wall;
  if (!order_.empty()) background.due_topics = due_topic_configs(plan);
  if (!background.due_topics.empty()) {
    run(kTopicConfigs, background);
    keep_topic_configs(background);
  }
  run(kTimeLag, background);
  if (plan.log_dirs) run(kLogDirs, background);
  if (plan.newest_records || plan.oldest_records) run(kRecordTimes, background);
  if (plan.transactions) run(kTransactions, background);
  if (plan.features) run(kFeatures, background);
  background_client_->renew_handshakes(steady_clock::now());
  background.result.requests = background.requests.sent();
  background.result.own_requests = background_client_->statistics().requests;
  return std::move(background.result);
}

std::vector<uint32_t> KafkaSource::due_topic_configs(const BackgroundPlan& plan) const {
  const model::Metadata& metadata = *plan.last->numbering;
  std::vector<uint32_t> topics;  // new ones are always due
  for (uint32_t topic = 0; topic < metadata.topics.size(); ++topic)
    if (plan.all_topic_configs || !plan.last->settings_state[topic]) topics.push_back(topic);
  const auto first = std::find_if(topics.begin(), topics.end(),
                                  [&](uint32_t topic) { return metadata.topics[topic].name >= next_topic_config_; });
  std::rotate(topics.begin(), first, topics.end());
  return topics;
}

void KafkaSource::read_topic_configs(Background& background, Failures& failures) {
  kafka::collect_topic_configs(*background_client_, order_.front(), background.metadata, background.due_topics,
                               steady_clock::now() + background.timeout, is_stopped_, background.settings, failures,
                               background.plan.all_topic_configs);
}

void KafkaSource::keep_topic_configs(Background& background) {
  auto& [state, settings, retention_state, retention_ms, max_transaction_ms, next] = background.settings;
  background.result.max_transaction_ms = max_transaction_ms;
  background.result.offsets_retention_state = retention_state;
  background.result.offsets_retention_ms = retention_ms;
  const auto left_out = std::span(background.due_topics).subspan(next);
  if (background.plan.all_topic_configs)
    next_topic_config_ = left_out.empty() ? "" : background.metadata.topics[left_out.front()].name;
  for (const uint32_t topic : left_out)
    if (!state.empty() && !background.plan.last->settings_state[topic]) state[topic] = ReadState::kNotRequested;  // new
  background.result.settings_state = std::move(state);
  background.result.settings = std::move(settings);
}

void KafkaSource::look_up_time_lag(Background& background, Failures& failures) {
  const BackgroundPlan& plan = background.plan;
  const model::Metadata& metadata = background.metadata;
  const size_t brokers = std::clamp<size_t>(metadata.brokers.size(), 1, kafka::kFewBrokers);
  int rounds = static_cast<int>(static_cast<size_t>(plan.rounds) * kafka::kFewBrokers / brokers);
  const bool start = plan.start_rounds > rounds;
  if (rounds == 0 && !start) return;  // other collectors use this run's requests
  auto wanted = analysis::find_records_without_time(
      *plan.last, cluster_.options, start ? kafka::kMaxLookups : kafka::kMaxLookups / static_cast<size_t>(rounds));
  auto markers = analysis::find_possible_transaction_markers(*plan.last, cluster_.options, kafka::kMaxMarkerChecks);
  if (start) {
    rounds = plan.start_rounds;
  } else if (!wanted.empty() && !markers.empty()) {  // they share the rounds
    if (rounds > 1)
      --rounds;
    else
      markers.clear();
  }
  const auto& settings_state = background.result.settings_state;  // as read in this run
  for (auto& query : wanted) {
    const auto topic = static_cast<size_t>(&model::topic_of(metadata, query.record.partition) - metadata.topics.data());
    if (topic < settings_state.size() && settings_state[topic] == ReadState::kOk)
      query.compacted = background.result.settings[topic].compacts();
  }
  if (!searched_ || !model::same_partitions(*searched_, metadata)) searches_.clear();
  searched_ = plan.last->numbering;
  auto lookup = look_up_timestamps(wanted, rounds, background.result.at, background.wall, searches_, [&](auto queries) {
    return kafka::collect_offsets_for_times(background.requests, metadata, queries, failures);
  });
  background.result.appended = std::move(lookup.found);
  background.result.rounds = lookup.rounds;
  background.result.markers = kafka::collect_transaction_markers(background.requests, metadata, markers, failures);
}

void KafkaSource::read_transactions(Background& background, Failures& failures) {
  const model::Snapshot& last = *background.plan.last;
  kafka::collect_transactions(background.requests, background.metadata,
                              {!cluster_.options.read_committed, analysis::held_partitions(last)},
                              background.result.transactions.emplace(), failures);
}

void KafkaSource::read_features(Background& background, Failures& failures) {
  kafka::collect_features(background.requests, background.metadata, background.result.features, failures);
}

void KafkaSource::read_log_dirs(Background& background, Failures& failures) {
  kafka::collect_log_dirs(background.requests, background.metadata, background.result.log_dirs, failures);
}

void KafkaSource::read_record_times(Background& background, Failures& failures) {
  const BackgroundPlan& plan = background.plan;
  if (plan.newest_records)
    background.result.newest = kafka::collect_newest_times(
        background.requests, background.metadata,
        analysis::find_partitions_without_newest(*plan.last, kafka::kMaxLookups, next_newest_), plan.last->latest,
        failures);
  if (plan.oldest_records)
    background.result.oldest = kafka::collect_oldest_times(
        background.requests, background.metadata,
        analysis::find_partitions_without_oldest(*plan.last, kafka::kMaxLookups, next_oldest_), plan.last->earliest,
        failures);
}

}  // namespace kafkascope::cluster
