#include "poll/poller.h"

#include <spdlog/fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "analysis/advance.h"
#include "metrics/subjects.h"
#include "poll/status.h"

namespace kafkascope::poll {

using std::chrono::steady_clock;

namespace {

/// With less until the next poll nothing is asked in between.
constexpr std::chrono::milliseconds kLeastTime{50};
/// How often each broker may be asked something in a poll that not every poll asks; at the start, when nothing has been
/// seen yet, more often, so that lag in time is told soon.
constexpr int kRounds = 2, kFirstRounds = 4, kFirstPolls = 4;
/// A slow question that failed is asked again after so long at the latest.
constexpr std::chrono::seconds kRetry{30};

}  // namespace

metrics::ClusterPage down_page(const config::Cluster& cluster, const std::string& constant_labels) {
  metrics::Families families(constant_labels);
  metrics::write_all({}, cluster.options, families);
  return {families.take(), initial_status(cluster)};
}

Poller::Poller(size_t number, const config::Cluster& cluster, const std::string& constant_labels,
               std::unique_ptr<Source> source, metrics::ExporterMetrics& exporter, metrics::Publisher& publisher)
    : number_(number),
      cluster_(cluster),
      constant_labels_(constant_labels),
      source_(std::move(source)),
      exporter_(exporter),
      publisher_(publisher),
      families_(constant_labels),
      failures_(cluster.name),
      status_(initial_status(cluster)),
      thread_([this] { run(); }) {}

Poller::~Poller() {
  stop();
  thread_.join();
}

void Poller::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;  // before the source ends its poll halfway
    stopping_.notify_all();
  }
  source_->stop();
}

void Poller::run() {
  auto next = steady_clock::now();
  while (true) {
    try {
      poll();
      ask_slowly(next + cluster_.polling.interval);
    } catch (const std::exception& e) {  // ours to mend, and no reason to stop
      spdlog::error("{}{}poll failed: {}", cluster_.name, cluster_.name.empty() ? "" : ": ", e.what());
    }
    next += cluster_.polling.interval;
    if (const auto late = steady_clock::now() - next; late > late.zero()) {
      const auto skipped = late / cluster_.polling.interval + 1;
      exporter_.polls_skipped(cluster_.name, skipped);
      next += skipped * cluster_.polling.interval;
    }
    std::unique_lock lock(mutex_);
    if (stopping_.wait_until(lock, next, [this] { return stop_; })) return;
  }
}

bool Poller::stopped() {
  const std::lock_guard lock(mutex_);
  return stop_;
}

void Poller::poll() {
  const auto start = steady_clock::now();
  Plan plan;
  plan.deadline = start + cluster_.polling.effective_deadline();
  plan.all_earliest = polls_++ % cluster_.polling.earliest_every == 0;
  plan.last = &snapshot_;
  model::Facts facts = source_->ask(plan);
  if (stopped()) return;  // half a poll is not published
  const auto runs = std::move(facts.runs);
  const auto wall = facts.wall;
  failures_.note(runs);
  snapshot_ = analysis::advance(std::move(snapshot_), std::move(facts), cluster_.options);

  const auto render_start = steady_clock::now();
  auto families = render();
  const std::chrono::duration<double> took = steady_clock::now() - start;
  status_ = next_status(std::move(status_), runs, wall, took.count(), snapshot_);
  exporter_.collectors_ran(cluster_.name, runs, wall);
  exporter_.poll_ended(cluster_.name, families_.held(), took);
  // Not before it is published: a poll whose page cannot be published has not ended, or the last page would stay for
  // ever. In one step for watch(), which must not take a page that has just come for an old one.
  const std::lock_guard lock(mutex_);
  publish(std::move(families), render_start);
  last_end_ = steady_clock::now();
  dropped_ = false;
}

void Poller::ask_slowly(model::Time next) {
  const auto now = steady_clock::now();
  if (stopped() || !snapshot_.up || next - now < kLeastTime) return;
  SlowPlan plan;
  plan.deadline = next - (next - now) / 4;  // what is learnt has to be written, too
  // What not every poll asks takes turns, so that no poll costs much more than another: start offsets, configurations,
  // log directories. The last of these not with the many questions to the time index at the start.
  const bool start_offsets = cluster_.polling.earliest_every > 1 && (polls_ - 1) % cluster_.polling.earliest_every == 0;
  const bool turn = polls_ == 1 || !start_offsets;
  const bool log_dirs = polls_ > 1 && now >= log_dirs_due_;
  plan.all_topic_configs = turn && now >= topic_configs_due_ && !(log_dirs && log_dirs_due_ < topic_configs_due_);
  plan.log_dirs = turn && log_dirs && !plan.all_topic_configs;
  plan.rounds = (polls_ <= kFirstPolls ? kFirstRounds : kRounds) - start_offsets - plan.log_dirs;
  plan.last = &snapshot_;
  model::SlowFacts facts = source_->ask_slowly(plan);
  if (stopped()) return;
  const auto next_due = [&](model::Collector collector, std::chrono::milliseconds interval) {
    const bool failed = std::any_of(facts.runs.begin(), facts.runs.end(), [&](const model::CollectorRun& run) {
      return run.collector == collector && !run.success();
    });
    return now + (failed ? std::min<std::chrono::milliseconds>(interval, kRetry) : interval);
  };
  if (plan.all_topic_configs)
    topic_configs_due_ = next_due(model::Collector::kTopicConfigs, cluster_.options.topic_configs_interval);
  if (plan.log_dirs) log_dirs_due_ = next_due(model::Collector::kLogDirs, cluster_.options.log_dirs_interval);
  failures_.note(facts.runs);
  status_ = with_runs(std::move(status_), facts.runs, model::WallTime::clock::now());
  exporter_.collectors_ran(cluster_.name, facts.runs, model::WallTime::clock::now());
  const bool learnt =
      !facts.settings_asked.empty() || !facts.log_dirs.empty() || !facts.appended.empty() || !facts.markers.empty();
  snapshot_ = analysis::complete(std::move(snapshot_), std::move(facts), cluster_.options);
  if (!learnt) return;
  const auto render_start = steady_clock::now();
  publish(render(), render_start);
}

std::vector<metrics::Family> Poller::render() {
  metrics::write_all(snapshot_, cluster_.options, families_);
  auto families = families_.take();
  exporter_.series_dropped(cluster_.name, families_.dropped());
  std::set<std::string> names;
  for (const auto& [name, series] : families_.dropped()) names.insert(name);
  if (std::exchange(left_out_, names) != names) {
    const std::string of = cluster_.name.empty() ? "" : cluster_.name + ": ";
    if (names.empty())
      spdlog::info("{}nothing is left out any more, for there are fewer series than max_series again", of);
    else
      spdlog::warn("{}more series than max_series ({}): left out, until there are fewer, are {}", of,
                   cluster_.options.max_series, fmt::join(names, ", "));
  }
  return families;
}

void Poller::publish(std::vector<metrics::Family> families, model::Time render_start) {
  publisher_.publish(number_, {std::move(families), status_}, exporter_.families(*publisher_.page(), last_render_));
  last_render_ = steady_clock::now() - render_start;
}

void Poller::watch() {
  const std::lock_guard lock(mutex_);
  const auto patience = std::max(3 * cluster_.polling.interval, 2 * cluster_.polling.effective_deadline());
  if (dropped_ || steady_clock::now() - last_end_ < patience) return;
  dropped_ = true;
  spdlog::error("{}{}no poll has ended for long: the cluster is taken off the page", cluster_.name,
                cluster_.name.empty() ? "" : ": ");
  publisher_.drop(number_, down_page(cluster_, constant_labels_).families);
}

}  // namespace kafkascope::poll
