#include "families/page_sections.h"

namespace kafkascope::families {

void write_cluster(const PageContext& w) {
  const model::Metadata* metadata = w.snapshot.metadata.get();
  const bool held = w.snapshot.metadata_held();

  w.out.family({"kafka_up", "1 if the last poll got the cluster's metadata, else 0."},
               [&](SampleWriter& s) { s.value(int64_t{w.snapshot.up}); });

  w.out.family({"kafka_cluster_info", "The cluster's id. Always 1."}, [&](SampleWriter& s) {
    if (metadata && !metadata->cluster_id.empty())
      s.with(label("cluster_id", metadata->cluster_id)).value(int64_t{1}, held);
  });

  w.out.family({"kafka_controller",
                "The id of the active controller. With KRaft it is the quorum leader, which need not be a broker. "
                "Always 1. Absent if there is none or the request failed.",
                Type::kGauge, model::Collector::kQuorum},
               [&](SampleWriter& s) {
                 if (w.snapshot.controller) s.with("id", *w.snapshot.controller).value(int64_t{1});
               });

  w.out.family({"kafka_brokers", "Number of live brokers in the cluster's metadata."}, [&](SampleWriter& s) {
    if (metadata) s.value(static_cast<int64_t>(metadata->brokers.size()), held);
  });
}

}  // namespace kafkascope::families
