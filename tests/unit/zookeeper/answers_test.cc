#include "zookeeper/answers.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "zookeeper/fake_zookeeper.h"

using namespace kafkascope::zookeeper;
using kafkascope::model::ZooKeeperValues;
using Numbers = std::vector<std::pair<std::string, double>>;

namespace {

/// The numbers in an answer to mntr with these lines.
Numbers numbers(const std::string& lines) {
  const auto values = parse_mntr("zk_server_state\tfollower\n" + lines);
  REQUIRE(values);
  return values->numbers;
}

}  // namespace

TEST_CASE("mntr: words and numbers") {
  const auto values = parse_mntr(kMntr);
  REQUIRE(values);
  CHECK(values->version == "3.9.4");
  CHECK(values->state == "leader");
  CHECK(values->peer_state == "leading - broadcast");
  CHECK(values->numbers == Numbers{{"zk_avg_latency", 0.25},
                                   {"zk_learners", 2},
                                   {"zk_num_alive_connections", 3},
                                   {"zk_synced_followers", 2},
                                   {"zk_znode_count", 5}});
  CHECK(values->number("zk_znode_count") == 5);
  CHECK_FALSE(values->number("zk_znode"));
}

TEST_CASE("mntr: what is not a number with a known kind of key is left out") {
  const struct {
    std::string line;
    Numbers kept;
  } cases[] = {
      {"zk_a\t1\n", {{"zk_a", 1}}},
      {"zk_a\t1\r\n", {{"zk_a", 1}}},
      {"zk_a\t-1\n", {{"zk_a", -1}}},
      {"zk_a\t1.5E7\n", {{"zk_a", 1.5e7}}},
      {"zk_a{quantile=\"0.5\"}\t2.0\n", {{"zk_a{quantile=\"0.5\"}", 2}}},
      {"zk_a\tNaN\n", {}},
      {"zk_a\tInfinity\n", {}},
      {"zk_a\t1e999\n", {}},
      {"zk_a\t\n", {}},
      {"zk_a\t1 2\n", {}},
      {"zk_a 1\n", {}},
      {"zk_a\t1", {}},  // may be cut off: 12
      {"a\t1\n", {}},
      {"zk_a-b\t1\n", {}},
      {"zk_a\xff\t1\n", {}},
      {"zk_a{key=\"x\"}\t1\n", {}},
      {"zk_a{key=\"x\",quantile=\"0.5\"}\t1\n", {}},
      {"zk_a{quantile=\"}\t1\n", {}},
      {"zk_a{quantile=\"\"}\t1\n", {}},
      {"zk_a{quantile=\"0.5\",x=\"\"}\t1\n", {}},
      {"zk_" + std::string(300, 'a') + "\t1\n", {}},
      {"zk_a\t1\nzk_a\t2\n", {{"zk_a", 1}}},
      {std::string("\0\0\0\n", 4), {}},
  };
  for (const auto& [line, kept] : cases) {
    CAPTURE(line);
    CHECK(numbers(line) == kept);
  }
}

TEST_CASE("mntr: an answer without a state is none") {
  CHECK_FALSE(parse_mntr(""));
  CHECK_FALSE(parse_mntr("zk_znode_count\t5\n"));
  CHECK_FALSE(parse_mntr("zk_server_state\tleader"));
  CHECK_FALSE(parse_mntr("zk_server_state\t\xff\n"));
  CHECK_FALSE(parse_mntr("zk_server_state\t" + std::string(1000, 'x') + "\n"));
  CHECK_FALSE(parse_mntr(kNotServing));
}

TEST_CASE("mntr: the number of values is limited") {
  std::string lines;
  for (size_t i = 0; i < 2 * kMaxValues; ++i) lines += "zk_" + std::to_string(i) + "\t1\n";
  CHECK(numbers(lines).size() == kMaxValues);
}

TEST_CASE("srvr: the values have their names in mntr") {
  const auto values = parse_srvr(kSrvr);
  REQUIRE(values);
  CHECK(values->version == "3.9.4");
  CHECK(values->state == "follower");
  CHECK(values->numbers == Numbers{{"zk_avg_latency", 0.5},
                                   {"zk_max_latency", 12},
                                   {"zk_min_latency", 0},
                                   {"zk_num_alive_connections", 1},
                                   {"zk_outstanding_requests", 2},
                                   {"zk_packets_received", 11},
                                   {"zk_packets_sent", 14},
                                   {"zk_znode_count", 5}});
}

TEST_CASE("srvr: read-only mode, the leader's proposals, and nonsense") {
  const auto read_only = parse_srvr("READ-ONLY mode; serving only read-only clients\nMode: read-only\n");
  REQUIRE(read_only);
  CHECK(read_only->state == "read-only");
  const auto leader = parse_srvr("Mode: leader\nProposal sizes last/min/max: 36/32/92\n");
  REQUIRE(leader);
  CHECK(leader->numbers ==
        Numbers{{"zk_last_proposal_size", 36}, {"zk_max_proposal_size", 92}, {"zk_min_proposal_size", 32}});
  CHECK(parse_srvr("Mode: leader\nLatency min/avg/max: 1/2\nSent: many\n")->numbers.empty());
  CHECK_FALSE(parse_srvr("Sent: 5\n"));
  CHECK_FALSE(parse_srvr(kNotServing));
}

TEST_CASE("Answers without values say why") {
  CHECK(find_refusal(kNotServing) == Refusal::kNotServing);
  CHECK(find_refusal(not_whitelisted("mntr")) == Refusal::kNotWhitelisted);
  CHECK_FALSE(find_refusal(kMntr));
  CHECK_FALSE(find_refusal(kSrvr));
  CHECK_FALSE(find_refusal(""));
}
