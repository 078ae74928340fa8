#include "protocol/fetch.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>

#include "protocol/answers.h"
#include "protocol/hex.h"
#include "protocol/render_cluster.h"
#include "protocol/writer.h"

using namespace kafkascope::protocol;

namespace {

constexpr size_t kHeaderBytes = 61;

std::string ask(int16_t version) {
  FetchRequest request(version, 2);
  request.topic("a", 2);
  request.partition(3, 5'000'000'000);
  request.partition(4, 1);
  request.topic("b", 1);
  request.partition(0, 2);
  return request.take();
}

TEST_CASE("Fetch requests small batches without a session and without waiting") {
  CHECK(to_hex(ask(11)) == digits(R"(ffffffff 00000000 00000000 02faf080 00 00000000 ffffffff
                  00000002 0001 61 00000002
                  00000003 ffffffff 000000012a05f200 ffffffffffffffff 00000400
                  00000004 ffffffff 0000000000000001 ffffffffffffffff 00000400
                  0001 62 00000001
                  00000000 ffffffff 0000000000000002 ffffffffffffffff 00000400
                  00000000 0000)"));
  CHECK(to_hex(ask(12)) == digits(R"(ffffffff 00000000 00000000 02faf080 00 00000000 ffffffff
                  03 0261 03
                  00000003 ffffffff 000000012a05f200 ffffffff ffffffffffffffff 00000400 00
                  00000004 ffffffff 0000000000000001 ffffffff ffffffffffffffff 00000400 00 00
                  0262 02
                  00000000 ffffffff 0000000000000002 ffffffff ffffffffffffffff 00000400 00 00
                  01 01)"));
}

/// Decodes the captured response for `offset`. The log: five records, a transaction of three, its marker.
std::string told(const std::string& kafka, int16_t version, const std::string& what, int64_t offset) {
  CAPTURE(kafka, version, what);
  return render_fetch(captured(kafka + "/fetch-v" + std::to_string(version) + "-" + what), version, offset);
}

TEST_CASE("Fetch: the batch that contains the offset") {
  const auto [kafka, version] = GENERATE(table<std::string, int16_t>(
      {{"kafka-2.4.1", 11}, {"kafka-2.8.2", 12}, {"kafka-4.3.1", 11}, {"kafka-4.3.1", 12}}));
  CHECK(told(kafka, version, "records", 2) ==
        "error 0 high watermark 9 start 0\n"
        "batch 0 to 4 control 0 transactional 0 time 1700000000000 to 1700000004000\n");
  CHECK(told(kafka, version, "transaction", 5) ==
        "error 0 high watermark 9 start 0\n"
        "batch 5 to 7 control 0 transactional 1 time 1700000060000 to 1700000062000\n");
  CHECK(told(kafka, version, "marker", 8)
            .starts_with("error 0 high watermark 9 start 0\n"
                         "batch 8 to 8 control 1 transactional 1 time "));
  CHECK(told(kafka, version, "end", 9) == "error 0 high watermark 9 start 0\nno batch\n");
}

TEST_CASE("Fetch: a transaction marker has the time of its end; LogAppendTime is used for records") {
  CHECK(told("kafka-4.3.1", 12, "marker", 8) ==
        "error 0 high watermark 9 start 0\n"
        "batch 8 to 8 control 1 transactional 1 time 1795273086280 to 1795273086280\n");
  CHECK(told("kafka-4.3.1", 12, "append_time", 1) ==
        "error 0 high watermark 2 start 0\n"
        "batch 0 to 1 control 0 transactional 0 time 1795273086268 to 1795273086268\n");
}

TEST_CASE("Fetch: errors: out of range (1), unknown topic (3), not the leader (6; before Kafka 2.6 9)") {
  const int16_t version = GENERATE(int16_t{11}, int16_t{12});
  const std::string nothing = " high watermark -1 start -1\nno batch\n";
  CHECK(told("kafka-4.3.1", version, "out_of_range", 100) == "error 1" + nothing);
  CHECK(told("kafka-4.3.1", version, "no_topic", 0) == "error 3" + nothing);
  CHECK(told("kafka-4.3.1", version, "not_leader", 0) == "error 6" + nothing);
  CHECK(told("kafka-2.4.1", 11, "not_leader", 0) == "error 9" + nothing);
}

TEST_CASE("Fetch: records in a format before Kafka 0.11 yield no batch") {
  CHECK(told("kafka-2.4.1", 11, "old_format", 0) == "error 0 high watermark 2 start 0\nno batch\n");
  CHECK(told("kafka-2.8.2", 12, "old_format", 0) == "error 0 high watermark 2 start 0\nno batch\n");
}

struct Batch {
  int64_t base_offset = 0;
  int32_t last_offset_delta = 0;
  int16_t attributes = 0;
  int32_t length = 49 + 3;
  int8_t magic = 2;
};

/// With three bytes of records.
std::string bytes(const Batch& batch) {
  Writer writer(/*flexible=*/false);
  writer.int64(batch.base_offset).int32(batch.length).int32(7).int8(batch.magic).int32(0x12345678);
  writer.int16(batch.attributes).int32(batch.last_offset_delta).int64(1000).int64(2000);
  writer.int64(-1).int16(-1).int32(-1).int32(1);
  return writer.take() + "abc";
}

TEST_CASE("Fetch: the first batch that contains or follows the offset") {
  const std::string records = bytes({.base_offset = 10, .last_offset_delta = 9}) +
                              bytes({.base_offset = 25, .last_offset_delta = 4}) + bytes({.base_offset = 30});
  const auto [offset, base, last] = GENERATE(table<int64_t, int64_t, int64_t>(
      {{0, 10, 19}, {10, 10, 19}, {19, 10, 19}, {20, 25, 29}, {29, 25, 29}, {30, 30, 30}}));
  CAPTURE(offset);
  const auto batch = find_batch(records, offset);
  REQUIRE(batch);
  CHECK(batch->base_offset == base);
  CHECK(batch->last_offset == last);
  CHECK_FALSE(find_batch(records, 31));
}

TEST_CASE("Fetch: fields besides the batch") {
  const std::string records = bytes({});
  Writer writer(/*flexible=*/false);
  writer.int32(0).int16(31).int32(0);  // throttle time, error, session
  writer.array(2).string("a").array(2);
  writer.int32(0).int16(4).int64(90).int64(80).int64(70).array(1).int64(1).int64(2).int32(-1);
  writer.int32(static_cast<int32_t>(records.size()));
  std::string answer = writer.take() + records;
  writer = Writer(/*flexible=*/false);
  writer.int32(7).int16(0).int64(9).int64(8).int64(6).array(0).int32(-1).int32(0);
  writer.string("b").array(0);
  answer += writer.take();
  std::ostringstream seen;
  const FetchSink sink{[&](std::string_view name) { seen << name << ' '; },
                       [&](const FetchedPartition& partition) {
                         seen << partition.index << ": error " << partition.error << " to " << partition.high_watermark
                              << " from " << partition.log_start_offset << ", " << partition.records.size()
                              << " bytes ";
                       }};
  CHECK(decode_fetch(answer, 11, sink) == 31);
  CHECK(seen.str() == "a 0: error 4 to 90 from 70, 64 bytes 7: error 0 to 9 from 6, 0 bytes b ");
}

TEST_CASE("Fetch: records may be truncated after a header, which ends the search") {
  const std::string first = bytes({.base_offset = 10});
  for (size_t size = 0; size <= first.size(); ++size) {
    CAPTURE(size);
    CHECK(find_batch(first.substr(0, size), 10).has_value() == (size >= kHeaderBytes));
    CHECK_FALSE(find_batch(first.substr(0, size), 11));
  }
  const std::string both = first + bytes({.base_offset = 11});
  for (size_t size = first.size(); size <= both.size(); ++size) {
    CHECK(find_batch(both.substr(0, size), 11).has_value() == (size >= first.size() + kHeaderBytes));
  }
}

TEST_CASE("Fetch: attributes of a batch") {
  const auto [attributes, control, transactional, first_time] = GENERATE(table<int16_t, bool, bool, int64_t>({
      {0x00, false, false, 1000},
      {0x07, false, false, 1000},  // compressed
      {0x10, false, true, 1000},
      {0x30, true, true, 1000},
      {0x08, false, false, 2000},  // LogAppendTime
      {0x40, false, false, -1},    // compacted
  }));
  CAPTURE(attributes);
  const auto batch = find_batch(bytes({.attributes = attributes}), 0);
  CHECK(batch->control == control);
  CHECK(batch->transactional == transactional);
  CHECK(batch->base_timestamp_ms == first_time);
  CHECK(batch->max_timestamp_ms == 2000);
}

TEST_CASE("Fetch: a batch of another format ends the search") {
  CHECK_FALSE(find_batch(bytes({.magic = 1}) + bytes({}), 0));
  CHECK_FALSE(find_batch(bytes({.magic = 3}), 0));
  CHECK_FALSE(find_batch(bytes({.length = -5, .magic = 0}), 0));
}

TEST_CASE("Fetch: an invalid batch is an error") {
  constexpr int64_t kLast = std::numeric_limits<int64_t>::max();
  CHECK_THROWS_AS(find_batch(bytes({.length = 48}), 0), DecodeError);
  CHECK_THROWS_AS(find_batch(bytes({.length = -1}), 0), DecodeError);
  CHECK_THROWS_AS(find_batch(bytes({.base_offset = -1}), 0), DecodeError);
  CHECK_THROWS_AS(find_batch(bytes({.last_offset_delta = -1}), 0), DecodeError);
  CHECK_THROWS_AS(find_batch(bytes({.base_offset = kLast, .last_offset_delta = 1}), 0), DecodeError);
  CHECK(find_batch(bytes({.base_offset = kLast - 1, .last_offset_delta = 1}), kLast)->last_offset == kLast);
}

}  // namespace
