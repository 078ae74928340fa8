#include "app/running_ensemble.h"

#include <utility>

#include "log/event.h"
#include "metrics/family_writer.h"
#include "zookeeper/target.h"

namespace kafkascope::app {

using model::TargetName;

RunningEnsemble::RunningEnsemble(const config::ZooKeeper& ensemble, const config::Labels& labels,
                                 metrics::ExporterMetrics& exporter, metrics::Publisher& publisher)
    : exporter_(exporter), publisher_(publisher) {
  start(ensemble, labels, poll::Poller::Start::kNew);
}

void RunningEnsemble::start(const config::ZooKeeper& ensemble, const config::Labels& labels, poll::Poller::Start how) {
  const auto name = TargetName::zookeeper(ensemble.name);
  auto target =
      std::make_unique<zookeeper::ZooKeeperTarget>(ensemble, metrics::constant_labels(labels, name));  // may throw
  if (poller_) poller_->end();
  const poll::Schedule schedule{.interval = ensemble.polling.interval,
                                .deadline = ensemble.polling.effective_deadline()};
  poller_ = std::make_unique<poll::Poller>(name, schedule, std::move(target), exporter_, publisher_, how);
  current_ = ensemble;
  labels_ = labels;
}

void RunningEnsemble::replace(const config::ZooKeeper& ensemble, const config::Labels& labels) {
  if (ensemble == current_ && labels == labels_) return;
  start(ensemble, labels, poll::Poller::Start::kContinue);
  log_event(LogLevel::kInfo, "new settings in use", {{"ensemble", ensemble.name}});
}

}  // namespace kafkascope::app
