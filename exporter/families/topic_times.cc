#include "families/topic_series.h"

namespace kafkascope::families {

using model::Collector;

void write_topic_times(const TopicSeries& topics) {
  const auto collector = topics.held ? Collector::kMetadata : Collector::kRecordTimes;
  const auto timestamp = [&](std::string_view name, std::string_view help, const std::vector<model::Value>& times) {
    topics.by_topic({name, help}, [&](size_t t, const auto& series) {
      if (const auto& time = times[t]; time.known())
        series().value(static_cast<double>(time.value) / 1000, time.held(), collector);
    });
  };
  const model::RecordTimeFigures& times = topics.w.figures.record_times;
  timestamp(
      "kafka_topic_newest_record_timestamp_seconds",
      "Highest record timestamp of the topic, at most the time at which the record was first seen. Absent without "
      "records and before Kafka 3.0.",
      times.newest);
  timestamp(
      "kafka_topic_oldest_record_timestamp_seconds",
      "Lowest timestamp of the first records of the topic's partitions, at most the time at which they were first "
      "seen. Absent without records and for topics in remote storage.",
      times.oldest);
}

}  // namespace kafkascope::families
