#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cluster/source.h"
#include "cluster/timestamp_lookup.h"
#include "config/config.h"
#include "kafka/client.h"
#include "kafka/collect/topic_operations.h"
#include "kafka/failures.h"

namespace kafkascope::cluster {

/// A Kafka cluster: runs the collectors, each after those whose results it needs.
class KafkaSource : public Source {
 public:
  /// Throws kafka::Error when librdkafka refuses the configuration.
  explicit KafkaSource(const config::Cluster& cluster);
  ~KafkaSource() override;

  model::PollResult poll(const PollPlan& plan) override;
  model::BackgroundResult collect_background(const BackgroundPlan& plan) override;
  void stop() override { stopped_ = true; }

  /// Returns whether a broker has returned metadata.
  bool is_connected() const;
  /// Returns why there is no connection; nothing if that is not known yet.
  std::optional<model::Failure> connection_error() const;
  /// Asks a broker which topics the user may not read; nothing: no broker responded. Must not be called during a poll.
  std::optional<kafka::TopicOperations> topic_operations(model::Time deadline);

 private:
  struct Poll;
  struct Background;
  /// A collector's part of a poll, or of the time between two polls. It ends after `end`, a share of that time.
  template <class Run>
  struct Step {
    model::Collector collector;
    double end;
    void (KafkaSource::*collect)(Run&, kafka::Failures&);
  };
  /// Runs the step unless its collector is disabled: times it and turns exceptions into failures.
  template <class Run>
  void run(const Step<Run>& step, Run& run);

  void read_metadata(Poll& poll, kafka::Failures& failures);
  void read_groups(Poll& poll, kafka::Failures& failures);
  void read_group_offsets(Poll& poll, kafka::Failures& failures);
  void read_offsets(Poll& poll, kafka::Failures& failures);
  void read_share_groups(Poll& poll, kafka::Failures& failures);
  void read_quorum(Poll& poll, kafka::Failures& failures);
  void read_reassignments(Poll& poll, kafka::Failures& failures);
  void read_topic_configs(Background& background, kafka::Failures& failures);
  void look_up_time_lag(Background& background, kafka::Failures& failures);
  void read_log_dirs(Background& background, kafka::Failures& failures);
  void read_record_times(Background& background, kafka::Failures& failures);
  void read_transactions(Background& background, kafka::Failures& failures);
  void read_features(Background& background, kafka::Failures& failures);

  bool is_enabled(const model::Collector& collector) const { return !cluster_.disabled_collectors.contains(collector); }
  /// Connects the background client to the brokers that responded in this poll.
  void connect_background(const Poll& poll);
  std::vector<uint32_t> due_topic_configs(const BackgroundPlan& plan) const;
  /// Moves the topic configurations that were read, even if incomplete, to the result; notes where the next run begins.
  void keep_topic_configs(Background& background);
  /// Logs that a filter excludes all `omitted` topics or groups, once until it no longer does. `logged`: whether that
  /// is logged.
  void note_filter(std::string_view setting, size_t kept, size_t omitted, bool& logged) const;
  /// Returns the brokers in the order of order_, others at the end.
  std::vector<int32_t> in_order(std::vector<int32_t> brokers) const;

  const config::Cluster cluster_;
  const std::chrono::milliseconds timeout_;  ///< Of a request.
  std::jthread background_client_end_;  ///< Declared before client_, so that it is joined later: both clients end at
                                        ///< the same time.
  kafka::Client client_;
  /// For slow requests: a broker processes the requests of a connection strictly in order.
  std::unique_ptr<kafka::Client> background_client_;
  std::atomic<bool> stopped_{false};
  const std::function<bool()> is_stopped_ = [this] { return stopped_.load(); };
  /// Brokers that responded in the last poll, in the order in which to try them for requests that any broker can
  /// process: slow ones last.
  std::vector<int32_t> order_;
  bool logged_topics_ = false, logged_groups_ = false;  ///< By note_filter().
  std::set<std::string> logged_permissions_;            ///< Hints about optional ones.
  std::string next_topic_config_;  ///< Name of the topic that the next reading of all settings begins with.
  uint32_t next_newest_ = 0, next_oldest_ = 0;  ///< Partitions whose records were left out for the next run.
  Searches searches_;                           ///< Unfinished searches, by the partition numbers of searched_.
  std::shared_ptr<const model::Metadata> searched_;
};

}  // namespace kafkascope::cluster
