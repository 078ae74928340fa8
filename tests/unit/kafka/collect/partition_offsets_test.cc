#include "kafka/collect/partition_offsets.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "protocol/reader.h"

using namespace kafkascope::kafka;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;

namespace {

constexpr int16_t kVersion = 7;

/// Topics a, b and c of two, one and three partitions: numbers 0 and 1, 2, 3 to 5.
model::Metadata metadata() {
  model::Metadata metadata;
  for (const auto& [name, partitions] : {std::pair{"a", 2}, {"b", 1}, {"c", 3}}) {
    auto& topic = metadata.topics.emplace_back();
    topic.name = name;
    topic.first_partition = metadata.partition_count;
    topic.partitions.resize(static_cast<size_t>(partitions));
    metadata.partition_count += static_cast<uint32_t>(partitions);
  }
  return metadata;
}

/// A request as text: isolation, and each topic with its partitions and their timestamps.
std::string asked(std::string_view body) {
  protocol::Reader in(body, true);
  in.int32();
  std::string text = in.boolean() ? "committed" : "uncommitted";
  for (size_t topics = in.array(); topics > 0; --topics) {
    text += " " + std::string(in.string());
    for (size_t partitions = in.array(); partitions > 0; --partitions) {
      text += "/" + std::to_string(in.int32());
      in.int32();
      text += "@" + std::to_string(in.int64());
      in.tags();
    }
    in.tags();
  }
  return text;
}

/// What is read from a response about one partition.
std::string read(std::string_view topic, int32_t partition, int16_t error = 0) {
  protocol::Writer out(true);
  out.int32(0).array(1).string(topic).array(1).int32(partition).int16(error).int64(5).int64(50).int32(0).tags().tags();
  std::string text;
  decode_wanted_offsets(out.tags().take(), kVersion, metadata(),
                        [&](uint32_t number, rd_kafka_resp_err_t code, int64_t timestamp, int64_t offset) {
                          text += std::to_string(number) + " " + std::to_string(code) + " " + std::to_string(offset) +
                                  "@" + std::to_string(timestamp);
                        });
  return text;
}

}  // namespace

TEST_CASE("Partition numbers become topics with partitions, each topic once") {
  const auto encode = [](protocol::Isolation isolation, const std::vector<WantedOffset>& wanted) {
    return asked(encode_wanted_offsets(kVersion, isolation, metadata(), wanted));
  };
  using enum protocol::Isolation;
  CHECK(encode(kReadUncommitted, {{0, -1}, {1, -2}, {2, 700}, {4, -1}, {5, -1}}) ==
        "uncommitted a/0@-1/1@-2 b/0@700 c/1@-1/2@-1");
  CHECK(encode(kReadCommitted, {{5, 1}}) == "committed c/2@1");
  CHECK(encode(kReadCommitted, {}) == "committed");
}

TEST_CASE("What leaders answer of topics and partitions becomes partition numbers") {
  CHECK(read("a", 0) == "0 0 50@5");
  CHECK(read("b", 0, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION) == "2 6 50@5");
  CHECK(read("c", 2) == "5 0 50@5");
}

TEST_CASE("An offset of a partition that we do not know is no answer") {
  CHECK_THROWS_AS(read("aa", 0), protocol::DecodeError);
  CHECK_THROWS_AS(read("a", 2), protocol::DecodeError);
  CHECK_THROWS_AS(read("a", -1), protocol::DecodeError);
}

TEST_CASE("Codes that new metadata explains are told from those that it does not") {
  for (const int16_t code : {6, 74, 75, 5, 9, 3}) {
    INFO(code);
    CHECK(leader_moved(kafka_code(code)));
  }
  for (const int16_t code : {0, -1, 29, 56, 7}) {
    INFO(code);
    CHECK_FALSE(leader_moved(kafka_code(code)));
  }
}
