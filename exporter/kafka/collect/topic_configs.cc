#include "kafka/collect/topic_configs.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "kafka/limits.h"
#include "model/deleter.h"

namespace kafkascope::kafka {
namespace {

using model::ReadState;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kCleanupPolicy = "cleanup.policy", kRetentionMs = "retention.ms",
                           kRetentionBytes = "retention.bytes", kMinInSync = "min.insync.replicas",
                           kUncleanElections = "unclean.leader.election.enable",
                           kOffsetsRetention = "offsets.retention.minutes",
                           kMaxTransaction = "transaction.max.timeout.ms";

/// Requested to see changes. Not all keys: each makes the response longer, for every topic.
constexpr std::array kWatched{"compression.type",       "delete.retention.ms",   "max.message.bytes",
                              "message.timestamp.type", "segment.bytes",         "segment.ms",
                              "local.retention.ms",     "local.retention.bytes", "remote.storage.enable"};

using Queue = std::unique_ptr<rd_kafka_queue_t, model::Deleter<rd_kafka_queue_destroy>>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t, model::Deleter<rd_kafka_AdminOptions_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, model::Deleter<rd_kafka_event_destroy>>;

/// The resources of one request.
class Resources {
 public:
  ~Resources() { rd_kafka_ConfigResource_destroy_array(list_.data(), list_.size()); }

  void add(const std::string& topic) {
    auto* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
    list_.push_back(resource);
    for (const auto key : {kCleanupPolicy, kRetentionMs, kRetentionBytes, kMinInSync, kUncleanElections})
      rd_kafka_ConfigResource_set_config(resource, key.data(), "");  // limits the response to this key
    for (const char* key : kWatched) rd_kafka_ConfigResource_set_config(resource, key, "");
  }
  void add_broker(int32_t id) {
    auto* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, std::to_string(id).c_str());
    list_.push_back(resource);
    rd_kafka_ConfigResource_set_config(resource, kOffsetsRetention.data(), "");
    rd_kafka_ConfigResource_set_config(resource, kMaxTransaction.data(), "");
  }
  rd_kafka_ConfigResource_t** data() { return list_.data(); }
  size_t size() const { return list_.size(); }

 private:
  std::vector<rd_kafka_ConfigResource_t*> list_;
};

template <class Int>
void parse(std::string_view text, Int& into) {
  std::from_chars(text.data(), text.data() + text.size(), into);
}

model::TopicSettings read(const rd_kafka_ConfigResource_t* resource) {
  model::TopicSettings settings;
  size_t count = 0;
  const auto** entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    const std::string_view key = rd_kafka_ConfigEntry_name(entries[i]);
    if (!value) continue;  // secret
    if (rd_kafka_ConfigEntry_source(entries[i]) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
      settings.own.emplace(key, value);
    if (key == kCleanupPolicy)
      settings.cleanup_policy = value;
    else if (key == kRetentionMs)
      parse(value, settings.retention_ms);
    else if (key == kRetentionBytes)
      parse(value, settings.retention_bytes);
    else if (key == kMinInSync)
      parse(value, settings.min_in_sync);
    else if (key == kUncleanElections)
      settings.unclean_elections = value == std::string_view("true");
  }
  return settings;
}

void read_broker(const rd_kafka_ConfigResource_t* resource, CollectedSettings& collected) {
  size_t count = 0;
  const auto** entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    const std::string_view key = rd_kafka_ConfigEntry_name(entries[i]);
    if (value && key == kMaxTransaction) parse(value, collected.max_transaction_ms);
    if (!value || key != kOffsetsRetention) continue;
    int64_t minutes = 0;
    parse(value, minutes);
    collected.offsets_retention_ms = minutes * 60'000;
    collected.offsets_retention_state = ReadState::kOk;
  }
}

/// Returns the settings of `topics`, with `with_broker` also the broker's; nothing at the deadline and
/// when `stopped` returns true.
Event describe(const Client& client, int32_t broker, const model::Metadata& metadata, std::span<const uint32_t> topics,
               bool with_broker, RequestBatch::Deadline deadline, const std::function<bool()>& stopped) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  if (left <= milliseconds(0)) return {};
  Resources resources;
  for (const uint32_t topic : topics) resources.add(metadata.topics[topic].name);
  if (with_broker) resources.add_broker(broker);
  const Queue queue(rd_kafka_queue_new(client.handle()));
  const Options options(rd_kafka_AdminOptions_new(client.handle(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(left.count()), nullptr, 0);
  rd_kafka_AdminOptions_set_broker(options.get(), broker, nullptr, 0);
  rd_kafka_DescribeConfigs(client.handle(), resources.data(), resources.size(), options.get(), queue.get());
  Event event;
  while (!event && !stopped() && steady_clock::now() < deadline)
    event.reset(rd_kafka_queue_poll(queue.get(), static_cast<int>(kStopCheckInterval.count())));
  return event;
}

}  // namespace

void collect_topic_configs(const Client& client, int32_t broker, const model::Metadata& metadata,
                           std::span<const uint32_t> topics, RequestBatch::Deadline deadline,
                           const std::function<bool()>& stopped, CollectedSettings& collected, Failures& failures,
                           bool with_broker) {
  collected.settings.resize(metadata.topics.size());
  collected.state.assign(metadata.topics.size(), ReadState::kNotRequested);
  for (const uint32_t topic : topics) collected.state[topic] = ReadState::kFailed;
  if (with_broker) collected.offsets_retention_state = ReadState::kFailed;
  for (size_t& next = collected.next = 0; next < topics.size() && !stopped();) {
    const auto some = topics.subspan(next, std::min(kTopicsPerRequest, topics.size() - next));
    const Event event = describe(client, broker, metadata, some, with_broker && next == 0, deadline, stopped);
    if (stopped()) return;
    if (const auto code = event ? rd_kafka_event_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT) {
      failures.add(Error(code, fmt::format("topic configurations from broker {}", broker)));
      // The first request took all the time of this run: the next run begins with other topics.
      if (next == 0) next = some.size();
      return;
    }
    next += some.size();
    size_t count = 0;
    const auto** answers =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    for (size_t i = 0; i < count; ++i) {
      if (!answers[i]) continue;  // not in the response
      if (rd_kafka_ConfigResource_type(answers[i]) == RD_KAFKA_RESOURCE_BROKER) {
        if (rd_kafka_ConfigResource_error(answers[i]) == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
          failures.note_missing_permission(
              "grant DESCRIBE_CONFIGS on the cluster for kafka_consumergroup_offset_retention_used_ratio");
        read_broker(answers[i], collected);
        continue;
      }
      const uint32_t topic = model::find_topic(metadata, rd_kafka_ConfigResource_name(answers[i]));
      if (topic == model::kNoTopic) continue;
      const auto code = rd_kafka_ConfigResource_error(answers[i]);
      if (!code) {
        collected.settings[topic] = read(answers[i]);
        collected.state[topic] = ReadState::kOk;
      } else if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
        failures.add(model::Failure{model::Reason::kAuthorization,
                                    "topic configurations: grant DESCRIBE_CONFIGS on the topics"});
      } else if (code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {  // deleted meanwhile
        failures.add(Error(code, fmt::format("configuration of topic {}", metadata.topics[topic].name)));
      }
    }
  }
}

}  // namespace kafkascope::kafka
