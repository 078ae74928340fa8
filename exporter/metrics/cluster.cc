#include <string>

#include "metrics/subjects.h"

namespace kafkascope::metrics {

void write_all(const model::Snapshot& snapshot, const model::Options& options, Families& out) {
  write_cluster(snapshot, out);
  write_topics(snapshot, out);
  write_groups(snapshot, options, out);
  write_client(snapshot, out);
}

void write_cluster(const model::Snapshot& snapshot, Families& out) {
  const model::Metadata* metadata = snapshot.metadata.get();
  const bool held = snapshot.metadata_held();

  out.family({"kafka_up", "1 if the last poll got the cluster's metadata, else 0."},
             [&](Samples& s) { s.value(int64_t{snapshot.up}); });

  out.family({"kafka_cluster_info", "The cluster's id. Always 1."}, [&](Samples& s) {
    if (metadata && !metadata->cluster_id.empty())
      s.with(label("cluster_id", metadata->cluster_id)).value(int64_t{1}, held);
  });

  out.family({"kafka_brokers", "Number of live brokers in the cluster's metadata."}, [&](Samples& s) {
    if (metadata) s.value(static_cast<int64_t>(metadata->brokers.size()), held);
  });

  out.family({"kafka_broker_info", "A live broker and its advertised address. Always 1."}, [&](Samples& s) {
    if (!metadata) return;
    for (const auto& broker : metadata->brokers)
      s.with("id", broker.id)
          .with(label("address", broker.host + ":" + std::to_string(broker.port)))
          .value(int64_t{1}, held);
  });

  out.family({"kafka_broker_up",
              "1 if the broker answered a request in the last poll, else 0, also for one that is only known as "
              "somebody's replica. Absent an hour after a broker was last mentioned."},
             [&](Samples& s) {
               for (const auto& [id, broker] : snapshot.brokers) s.with("id", id).value(int64_t{broker.up});
             });
}

}  // namespace kafkascope::metrics
