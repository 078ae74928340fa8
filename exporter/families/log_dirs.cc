#include <string>

#include "families/page_sections.h"

namespace kafkascope::families {

using model::LogDir;

void write_log_dirs(const PageContext& w) {
  /// Writes a family by directory. A negative value is unknown.
  const auto by_dir = [&](std::string_view name, std::string_view help, const auto& of) {
    w.out.family({name, help, Type::kGauge, model::Collector::kLogDirs}, [&](SampleWriter& s) {
      for (const auto& [id, dirs] : w.snapshot.log_dirs) {
        if (!dirs) continue;
        for (const LogDir& dir : dirs->dirs)
          if (const int64_t value = of(dir); value >= 0)
            s.with("id", id).with(label("log_dir", dir.path)).value(value, dirs.held());
      }
    });
  };
  by_dir("kafka_broker_log_dir_size_bytes",
         "Size of all replicas in the broker's log directory. Absent while the directory is offline.",
         [](const LogDir& dir) { return dir.online ? dir.size : -1; });
  by_dir("kafka_broker_log_dir_volume_bytes",
         "Size of the volume that holds the log directory. Absent before Kafka 3.3.",
         [](const LogDir& dir) { return dir.volume_bytes; });
  by_dir("kafka_broker_log_dir_usable_bytes",
         "Free space on the volume that holds the log directory. Absent before Kafka 3.3.",
         [](const LogDir& dir) { return dir.usable_bytes; });
  by_dir("kafka_broker_log_dir_online", "1 if the log directory is online, else 0.",
         [](const LogDir& dir) { return int64_t{dir.online}; });

  const auto by_broker = [&](std::string_view name, std::string_view help, int64_t model::LogDirs::*of) {
    w.out.family({name, help, Type::kGauge, model::Collector::kLogDirs}, [&](SampleWriter& s) {
      for (const auto& [id, dirs] : w.snapshot.log_dirs)
        if (dirs) s.with("id", id).value((*dirs.value).*of, dirs.held());
    });
  };
  by_broker("kafka_broker_future_replicas",
            "Number of replicas that are being moved from one log directory of the broker to another.",
            &model::LogDirs::future_replicas);
  by_broker("kafka_broker_future_replica_lag_records",
            "Number of records that have still to be copied to replicas that are being moved from one log directory of "
            "the broker to another.",
            &model::LogDirs::future_lag);
}

}  // namespace kafkascope::families
