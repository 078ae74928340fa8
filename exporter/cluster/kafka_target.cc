#include "cluster/kafka_target.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "analysis/figures.h"
#include "analysis/merge_background.h"
#include "analysis/next_snapshot.h"
#include "cluster/change_log.h"
#include "cluster/status.h"
#include "cluster/transaction_log.h"
#include "families/page_sections.h"
#include "poll/status.h"

namespace kafkascope::cluster {

using model::Collector;
using std::chrono::steady_clock;

namespace {

/// Returns the time between two requests for log directories after this result.
std::chrono::milliseconds log_dirs_interval(const model::BackgroundResult& result, std::chrono::milliseconds interval) {
  const bool moving = std::any_of(result.log_dirs.begin(), result.log_dirs.end(),
                                  [](const auto& dirs) { return dirs.second && dirs.second->future_replicas > 0; });
  return moving ? interval / kafka::kMovingReplicasRate : interval;
}

/// Returns when a collector that ran at `now` is due again.
model::Time next_due(const std::vector<model::CollectorRun>& runs, const Collector& collector, model::Time now,
                     std::chrono::milliseconds interval) {
  const model::CollectorRun* run = model::find_run(runs, collector);
  return now +
         (run && !run->success() ? std::min<std::chrono::milliseconds>(interval, kafka::kBackgroundRetry) : interval);
}

}  // namespace

KafkaTarget::KafkaTarget(const config::Cluster& cluster, std::string constant_labels, std::unique_ptr<Source> source,
                         model::Snapshot snapshot)
    : cluster_(cluster),
      constant_labels_(std::move(constant_labels)),
      source_(std::move(source)),
      families_(constant_labels_),
      topic_labels_(cluster.topic_labels),
      group_labels_(cluster.group_labels),
      dead_letters_(cluster.dead_letters),
      snapshot_(std::move(snapshot)),
      status_(initial_status(cluster)) {}

metrics::TargetPage KafkaTarget::down_page() const {
  metrics::FamilyWriter families(constant_labels_);
  families::write_all({}, {}, cluster_.options, families);
  return {families.take(), initial_status(cluster_)};
}

poll::Output KafkaTarget::poll(model::Time deadline) {
  const auto start = steady_clock::now();
  const PollPlan plan{
      .deadline = deadline, .all_earliest = polls_++ % cluster_.polling.earliest_every == 0, .last = &snapshot_};
  model::PollResult result = source_->poll(plan);
  const std::chrono::duration<double> polling = steady_clock::now() - start;
  poll::Output output;
  if (stopped_) return output;  // the result is incomplete
  output.runs = std::move(result.runs);
  output.at = result.wall;
  // If this throws, the last snapshot is lost, because parts of it have been moved.
  snapshot_ = analysis::next_snapshot(std::exchange(snapshot_, {}), std::move(result), cluster_.options);
  snapshot_.poll_seconds = polling.count();
  log_changes(cluster_.name, snapshot_.cluster_changes);
  is_up_ = snapshot_.up;
  render(output);
  const std::chrono::duration<double> took = steady_clock::now() - start;
  output.status = status_ = next_status(status_, output.runs, output.at, took.count(), snapshot_);
  return output;
}

BackgroundPlan KafkaTarget::plan_background(model::Time now, model::Time deadline) const {
  // Slow collectors take turns, so that no poll costs much more than another: start offsets, configurations, log
  // directories, record times. During the many time index requests of the start, only configurations run.
  const int earliest_every = cluster_.polling.earliest_every;
  const bool start_offsets = earliest_every > 1 && (polls_ - 1) % earliest_every == 0;
  BackgroundPlan plan{.deadline = deadline, .last = &snapshot_};
  const std::pair<model::Time, bool*> turns[]{
      {topic_configs_due_, &plan.all_topic_configs}, {log_dirs_due_, &plan.log_dirs},
      {newest_records_due_, &plan.newest_records},   {oldest_records_due_, &plan.oldest_records},
      {transactions_due_, &plan.transactions},       {features_due_, &plan.features}};
  if (polls_ == 1) {
    plan.all_topic_configs = now >= topic_configs_due_;
  } else if (!start_offsets) {
    const auto& [due, turn] =
        *std::min_element(std::begin(turns), std::end(turns), [](auto& a, auto& b) { return a.first < b.first; });
    *turn = now >= due;
  }
  plan.rounds = plan.transactions ? 0
                                  : kafka::kRounds - start_offsets -
                                        (plan.log_dirs || plan.newest_records || plan.oldest_records || plan.features);
  if (now - started_ < kafka::kStartTime) plan.start_rounds = start_rounds_;
  return plan;
}

std::optional<poll::Output> KafkaTarget::between_polls(model::Time deadline) {
  if (!snapshot_.up) return {};
  const auto now = steady_clock::now();
  if (started_ == model::Time{}) started_ = now;
  const BackgroundPlan plan = plan_background(now, deadline);
  model::BackgroundResult result = source_->collect_background(plan);
  if (stopped_) return {};
  if (plan.all_topic_configs)
    topic_configs_due_ = next_due(result.runs, Collector::kTopicConfigs, now, cluster_.options.topic_configs_interval);
  if (plan.log_dirs)
    log_dirs_due_ =
        next_due(result.runs, Collector::kLogDirs, now, log_dirs_interval(result, cluster_.options.log_dirs_interval));
  for (auto [ran, due] :
       {std::pair(plan.newest_records, &newest_records_due_), {plan.oldest_records, &oldest_records_due_}})
    if (ran) *due = next_due(result.runs, Collector::kRecordTimes, now, cluster_.options.record_times_interval);

  if (plan.transactions)
    transactions_due_ = next_due(result.runs, Collector::kTransactions, now, cluster_.options.transactions_interval);
  if (plan.features)
    features_due_ = next_due(result.runs, Collector::kFeatures, now, cluster_.options.features_interval);

  start_rounds_ -= std::min(start_rounds_, result.rounds);

  poll::Output output;
  output.runs = std::move(result.runs);
  output.at = model::WallTime::clock::now();
  output.status = status_ = poll::with_runs(status_, output.runs, output.at);
  // Record times wait for the page of the next poll.
  const bool changed = result.offsets_retention_state != model::ReadState::kNotRequested ||
                       !result.settings_state.empty() || !result.log_dirs.empty() || !result.appended.empty() ||
                       !result.markers.empty() || result.transactions || !result.features.empty();
  snapshot_ = analysis::merge_background(std::exchange(snapshot_, {}), std::move(result), cluster_.options);
  log_changes(cluster_.name, snapshot_.cluster_changes);
  log_transactions(cluster_.name, snapshot_.transaction_events);
  if (changed) render(output);
  return output;
}

void KafkaTarget::stop() {
  stopped_ = true;
  source_->stop();
}

void KafkaTarget::add_configured(model::Figures& figures) {
  add_dead_letters(figures);
  if (!topic_labels_.empty() && snapshot_.metadata) {
    topic_labels_.trim(snapshot_.metadata->topics.size());
    for (const auto& topic : snapshot_.metadata->topics) figures.topic_labels.push_back(topic_labels_.of(topic.name));
  }
  if (!group_labels_.empty()) {
    group_labels_.trim(snapshot_.groups.size());
    for (const auto& group : snapshot_.groups) figures.group_labels.push_back(group_labels_.of(group.group.id));
  }
}

void KafkaTarget::add_dead_letters(model::Figures& figures) {
  if (dead_letters_.empty() || !snapshot_.metadata) return;
  const auto& topics = snapshot_.metadata->topics;
  dead_letters_.trim(topics.size());
  const auto is_known = [&](const std::string& name) {
    if (name.empty()) return false;
    if (model::find_topic(*snapshot_.metadata, name) != model::kNoTopic) return true;
    const auto& groups = snapshot_.groups;
    const auto group = std::lower_bound(groups.begin(), groups.end(), name,
                                        [](const auto& entry, const auto& id) { return entry.group.id < id; });
    return group != groups.end() && group->shown && group->group.id == name;
  };
  for (uint32_t t = 0; t < topics.size(); ++t)
    if (const auto& rest = dead_letters_.of(topics[t].name))
      figures.dead_letters.push_back({t, is_known(*rest) ? *rest : ""});
}

void KafkaTarget::render(poll::Output& output) {
  const auto start = steady_clock::now();
  model::Figures figures = analysis::figures(snapshot_, cluster_.options);
  add_configured(figures);
  families::write_all(snapshot_, figures, cluster_.options, families_);
  output.families = families_.take();
  output.held = families_.held();
  output.dropped = families_.dropped();
  output.rendering = steady_clock::now() - start;
}

}  // namespace kafkascope::cluster
