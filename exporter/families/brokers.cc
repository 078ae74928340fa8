#include <string>

#include "families/page_sections.h"
#include "metrics/input_hash.h"

namespace kafkascope::families {

using model::BrokerLoad;
using model::RestartImpact;

void write_brokers(const PageContext& w) {
  const model::Metadata* metadata = w.snapshot.metadata.get();
  const bool held = w.snapshot.metadata_held();

  w.out.family({"kafka_broker_info", "A live broker and its advertised address. Always 1."}, [&](SampleWriter& s) {
    if (!metadata) return;
    for (const auto& broker : metadata->brokers)
      s.with("id", broker.id)
          .with(label("address", broker.host + ":" + std::to_string(broker.port)))
          .value(int64_t{1}, held);
  });

  w.out.family({"kafka_broker_up",
                "1 if the broker answered a request in the last poll, else 0. Includes brokers that appear only in "
                "replica lists. Absent one hour after a broker last appeared in the metadata."},
               [&](SampleWriter& s) {
                 for (const auto& [id, broker] : w.snapshot.brokers) s.with("id", id).value(int64_t{broker.up});
               });

  w.out.family({"kafka_broker_rack_info", "The rack of a live broker. Always 1. Absent if the broker has no rack."},
               [&](SampleWriter& s) {
                 if (!metadata) return;
                 for (const auto& broker : metadata->brokers)
                   if (!broker.rack.empty())
                     s.with("id", broker.id).with(label("rack", broker.rack)).value(int64_t{1}, held);
               });

  metrics::InputHash input_hash;
  input_hash.add(w.topics_hash);
  if (metadata)
    for (const auto& broker : metadata->brokers) input_hash.add(broker.id);
  for (const auto& [id, broker] : w.snapshot.brokers) input_hash.add(id);
  const auto load = [&](std::string_view name, std::string_view help, int64_t BrokerLoad::*of) {
    w.out.family({.name = name, .help = help, .input_hash = input_hash.value()}, [&](SampleWriter& s) {
      for (const auto& [id, load] : w.figures.broker_loads) s.with("id", id).value(load.*of, held);
    });
  };
  load("kafka_broker_leader_partitions", "Number of partitions that the broker leads.", &BrokerLoad::leader);
  load("kafka_broker_preferred_leader_partitions",
       "Number of partitions whose preferred leader (first replica) is the broker.", &BrokerLoad::preferred_leader);
  load("kafka_broker_replica_partitions", "Number of partitions that have a replica assigned to the broker.",
       &BrokerLoad::replicas);
  load("kafka_broker_out_of_sync_replicas", "Number of the broker's replicas that are not in sync.",
       &BrokerLoad::out_of_sync);

  w.out.family({"kafka_broker_replica_lag_records",
                "Number of records that the broker's out-of-sync replicas are behind their leaders, 0 if all are in "
                "sync. Replicas of partitions without a leader and future replicas are not counted. Absent for brokers "
                "that are down.",
                Type::kGauge, model::Collector::kOffsets},
               [&](SampleWriter& s) {
                 for (const auto& [id, lag] : w.snapshot.replica_lags)
                   if (lag.known()) s.with("id", id).value(lag);
               });

  const auto impact = [&](std::string_view name, std::string_view help, model::Value RestartImpact::*of) {
    w.out.family({.name = name, .help = help}, [&](SampleWriter& s) {
      for (const auto& [id, impact] : w.figures.restart_impacts)
        if (const auto& value = impact.*of; value.known()) s.with("id", id).value(value);
    });
  };
  impact("kafka_broker_restart_would_stop_partitions",
         "Number of partitions that have a leader and would have none if the broker stopped now. Absent for brokers "
         "that are down, and while a topic setting that decides it is unknown.",
         &RestartImpact::stops);
  impact("kafka_broker_restart_would_under_min_isr_partitions",
         "Number of partitions that would keep a leader but fall below min.insync.replicas if the broker stopped now. "
         "Absent for brokers that are down, and while a topic's min.insync.replicas is unknown.",
         &RestartImpact::under_min_isr);
}

}  // namespace kafkascope::families
