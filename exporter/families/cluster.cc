#include <algorithm>

#include "families/page_sections.h"

namespace kafkascope::families {

using model::ClusterChanges;

namespace {

/// Counters stay while the cluster cannot be reached.
void write_cluster_changes(const PageContext& w) {
  const ClusterChanges& changes = w.snapshot.cluster_changes;
  const auto counter = [&](std::string_view name, std::string_view help, uint64_t ClusterChanges::*of, bool known) {
    w.out.family({name, help, Type::kCounter}, [&](SampleWriter& s) {
      if (known) s.value(static_cast<int64_t>(changes.*of));
    });
  };
  const auto& read = w.snapshot.settings_state;
  const bool any_settings = std::find(read.begin(), read.end(), true) != read.end();
  counter("kafka_topics_created_total", "Topics that appeared between polls, of those that match the filter.",
          &ClusterChanges::topics_created, changes.baseline != nullptr);
  counter("kafka_topics_deleted_total",
          "Topics that disappeared between polls, of those that match the filter. A re-created topic counts as deleted "
          "and created.",
          &ClusterChanges::topics_deleted, changes.baseline != nullptr);
  counter("kafka_topic_config_changes_total",
          "Settings of topics that were set, changed or removed on the topic itself, as seen each time configurations "
          "are requested. Absent until then.",
          &ClusterChanges::topic_configs, any_settings || changes.topic_configs > 0);
  counter("kafka_brokers_added_total", "Brokers that appeared in the cluster's metadata between polls.",
          &ClusterChanges::brokers_added, changes.baseline != nullptr);
  counter("kafka_brokers_removed_total",
          "Brokers that disappeared from the cluster's metadata between polls: stopped, failed or removed.",
          &ClusterChanges::brokers_removed, changes.baseline != nullptr);
  counter("kafka_controller_changes_total",
          "Changes of the active controller between polls. Absent until a controller was known.",
          &ClusterChanges::controllers, changes.controller.has_value());
}

}  // namespace

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

  write_cluster_changes(w);
}

}  // namespace kafkascope::families
