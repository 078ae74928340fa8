#include "cluster/change_log.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "poll/log.h"

using namespace kafkascope;
using Kind = model::ClusterEvent::Kind;

TEST_CASE("A change is one line of the log") {
  model::ClusterChanges changes;
  changes.events = {
      {.kind = Kind::kTopicCreated, .name = "orders", .number = 3},
      {.kind = Kind::kTopicDeleted, .name = "orders"},
      {.kind = Kind::kPartitionsAdded, .name = "orders", .number = 6, .before = 3},
      {.kind = Kind::kTopicConfigChanged, .name = "orders", .key = "retention.ms", .value = "1000"},
      {.kind = Kind::kTopicConfigChanged, .name = "orders", .key = "retention.ms"},
      {.kind = Kind::kBrokerAdded, .value = "kafka-4:9092", .number = 4},
      {.kind = Kind::kBrokerRemoved, .number = 4},
      {.kind = Kind::kControllerChanged, .number = 101, .before = 102},
      {.kind = Kind::kClusterReplaced, .name = "u2kHf0lqQ0uDPLcPqr8ybg"},
  };
  poll::Log log;
  cluster::log_changes("main", changes);
  CHECK(log.take() ==
        std::vector<std::string>{
            "info msg=\"topic created\" cluster=main topic=orders partitions=3",
            "info msg=\"topic deleted\" cluster=main topic=orders",
            "info msg=\"partitions added\" cluster=main topic=orders partitions=6 before=3",
            "info msg=\"topic configuration changed\" cluster=main topic=orders key=retention.ms value=1000",
            "info msg=\"topic configuration changed\" cluster=main topic=orders key=retention.ms",
            "info msg=\"broker added\" cluster=main id=4 address=kafka-4:9092",
            "info msg=\"broker removed\" cluster=main id=4",
            "info msg=\"controller changed\" cluster=main id=101 before=102",
            "warning msg=\"cluster replaced\" cluster=main cluster_id=u2kHf0lqQ0uDPLcPqr8ybg",
        });
  changes.events.clear();
  cluster::log_changes("main", changes);
  CHECK(log.take().empty());
  changes.more_events = 7;
  cluster::log_changes("", changes);
  CHECK(log.take() == std::vector<std::string>{"info msg=\"changes not logged\" count=7"});
}
