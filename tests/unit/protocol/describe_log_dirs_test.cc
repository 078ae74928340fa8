#include "protocol/describe_log_dirs.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>

#include "protocol/answers.h"
#include "protocol/hex.h"
#include "protocol/render_cluster.h"

using namespace kafkascope::protocol;

namespace {

TEST_CASE("DescribeLogDirs requests all topics") {
  CHECK(to_hex(encode_describe_log_dirs(1)) == "ffffffff");
  for (const int16_t version : {2, 3, 4, 5}) CHECK(to_hex(encode_describe_log_dirs(version)) == "00");
}

/// Two directories of a broker; a replica of "big" is being moved between them. `volume`: fields added in v4.
std::string two_dirs(const std::string& volume) {
  return R"(dir "/tmp/kafka-capture/2-a" error 0
  topic "__transaction_state"
    partition 0 size 528 lag 0 future 0
  topic "big"
    partition 0 size 156 lag 0 future 0
  topic "moving"
    partition 0 size 0 lag 0 future 0
  )" + volume +
         R"(
dir "/tmp/kafka-capture/2-b" error 0
  topic "big"
    partition 0 size 69 lag 3 future 1
  topic "moving"
    partition 1 size 0 lag 0 future 0
  topic "fragile"
    partition 0 size 0 lag 0 future 0
  )" + volume +
         "\n";
}

TEST_CASE("DescribeLogDirs: a replica that is being moved is in both directories") {
  const auto [version, expected] = GENERATE(table<int16_t, std::string>({
      {1, two_dirs("total -1 usable -1")},
      {2, two_dirs("total -1 usable -1")},
      {3, "error 0\n" + two_dirs("total -1 usable -1")},
      {4, "error 0\n" + two_dirs("total 270553174016 usable 70464270336")},
      {5, "error 0\n" + two_dirs("total 270553174016 usable 70464266240")},
  }));
  CAPTURE(version);
  CHECK(render_describe_log_dirs(captured("kafka-4.3.1/describe_log_dirs-v" + std::to_string(version)), version) ==
        expected);
}

TEST_CASE("DescribeLogDirs: an offline directory has error 56 (KAFKA_STORAGE_ERROR) and no other values") {
  const auto [name, version, answer, volume] = GENERATE(table<std::string, int16_t, std::string, std::string>({
      {"kafka-2.4.1/describe_log_dirs-v1", 1, "", "total -1 usable -1"},
      {"kafka-2.8.2/describe_log_dirs-v2", 2, "", "total -1 usable -1"},
      {"kafka-4.3.1/describe_log_dirs-v4", 4, "error 0\n", "total 270553174016 usable 70464249856"},
      {"kafka-4.3.1/describe_log_dirs-v5", 5, "error 0\n", "total 270553174016 usable 70464245760"},
  }));
  CAPTURE(name);
  CHECK(render_describe_log_dirs(captured(name + "-dir_offline"),
                                 version) == answer + R"(dir "/tmp/kafka-capture/3-a" error 0
  topic "fragile"
    partition 0 size 0 lag 0 future 0
  )" + volume + R"(
dir "/tmp/kafka-capture/3-b" error 56
  total -1 usable -1
)");
}

TEST_CASE("DescribeLogDirs without permission: no directories, and error 31 since version 3") {
  CHECK(render_describe_log_dirs(from_hex("00000000 00000000"), 1).empty());
  CHECK(render_describe_log_dirs(from_hex("00000000 01 00"), 2).empty());
  CHECK(render_describe_log_dirs(from_hex("00000000 001f 01 00"), 3) == "error 31\n");
}

}  // namespace
