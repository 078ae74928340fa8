#include "poll/poller.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "log/event.h"

namespace kafkascope::poll {

using std::chrono::steady_clock;

namespace {

/// Minimum time until the next poll to run slow collectors in between.
constexpr std::chrono::milliseconds kMinTimeBetweenPolls{50};

}  // namespace

Poller::Poller(model::TargetName name, const Schedule& schedule, std::unique_ptr<Target> target,
               metrics::ExporterMetrics& exporter, metrics::Publisher& publisher, Start how)
    : name_(std::move(name)),
      schedule_(schedule),
      target_(std::move(target)),
      exporter_(exporter),
      publisher_(publisher),
      failures_(name_) {
  exporter_.add_target(name_, schedule_.interval, target_->collectors());
  if (how == Start::kNew) publisher_.add(name_, target_->down_page());
  thread_ = std::thread([this] { run(); });
}

Poller::~Poller() { end(); }

void Poller::end() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void Poller::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;  // set first: poll() then returns an incomplete result
    stopping_.notify_all();
  }
  target_->stop();
}

void Poller::run() {
  auto next = steady_clock::now();
  while (true) {
    try {
      poll();
      between_polls(next + schedule_.interval);
    } catch (const std::exception& e) {  // A bug on our side: log it and keep polling.
      log_event(LogLevel::kError, "poll failed", {{name_.field, name_.name}, {"error", e.what()}});
    }
    next += schedule_.interval;
    if (const auto late = steady_clock::now() - next; late > late.zero()) {
      const auto skipped = late / schedule_.interval + 1;
      exporter_.polls_skipped(name_, skipped);
      next += skipped * schedule_.interval;
    }
    std::unique_lock lock(mutex_);
    if (stopping_.wait_until(lock, next, [this] { return stop_; })) return;
    // Polls due while the process was suspended do not count as skipped.
    next += (steady_clock::now() - next) / schedule_.interval * schedule_.interval;
  }
}

bool Poller::stopped() {
  const std::lock_guard lock(mutex_);
  return stop_;
}

void Poller::poll() {
  const auto start = steady_clock::now();
  Output output = target_->poll(start + schedule_.deadline);
  if (stopped()) return;  // the result may be incomplete
  const std::chrono::duration<double> took = steady_clock::now() - start;
  record(output);
  exporter_.poll_ended(name_, output.held, took);
  // After publishing: a poll that cannot be published must not count as completed, or the last page would stay forever.
  // Atomic with publishing, so that watch() does not drop a new page.
  const std::lock_guard lock(mutex_);
  publish(std::move(output));
  since_completed_.restart(steady_clock::now());
  dropped_ = false;
}

void Poller::between_polls(model::Time next) {
  const auto now = steady_clock::now();
  if (stopped() || next - now < kMinTimeBetweenPolls) return;
  auto output = target_->between_polls(next - (next - now) / 4);  // leave a quarter for rendering
  if (!output || stopped()) return;
  record(*output);
  if (output->families) publish(std::move(*output));
}

void Poller::record(const Output& output) {
  failures_.note(output.runs, steady_clock::now());
  exporter_.collectors_ran(name_, output.runs, output.at);
  if (!output.families) return;
  exporter_.series_dropped(name_, output.dropped);
  log_dropped(output.dropped);
}

void Poller::log_dropped(const std::map<std::string, size_t>& dropped) {
  std::set<std::string> names;
  for (const auto& [name, series] : dropped) names.insert(name);
  if (std::exchange(dropped_families_, names) == names) return;
  if (names.empty())
    log_event(LogLevel::kInfo, "series limit no longer exceeded",
              {{name_.field, name_.name}, {"max_series", schedule_.max_series}});
  else
    log_event(LogLevel::kWarning, "series limit exceeded",
              {{name_.field, name_.name},
               {"max_series", schedule_.max_series},
               {"families", fmt::to_string(fmt::join(names, ","))},
               {"effect", "these families are omitted"}});
}

void Poller::publish(Output output) {
  const auto start = steady_clock::now();
  publisher_.publish(name_, {std::move(*output.families), std::move(output.status)});
  exporter_.page_rendered(output.rendering + (steady_clock::now() - start));
}

bool Poller::watch() {
  const std::lock_guard lock(mutex_);
  const auto limit = std::max(3 * schedule_.interval, 2 * schedule_.deadline);
  const auto since = since_completed_.update(steady_clock::now());
  if (dropped_) return false;
  if (since < limit) return true;
  publisher_.drop(name_, target_->down_page().families);
  dropped_ = true;
  log_event(LogLevel::kError, "no poll completed",
            {{name_.field, name_.name}, {"for", since}, {"effect", "its series are dropped"}});
  return false;
}

}  // namespace kafkascope::poll
