#include "metrics/chunk.h"

#include <zlib.h>

#include <catch2/catch_test_macros.hpp>
#include <string>

using kafkascope::metrics::Chunk;
using kafkascope::metrics::Compressor;

namespace {

std::string many_lines(size_t lines) {
  std::string text;
  for (size_t i = 0; i < lines; ++i) {
    text += "kafka_topic_partition_current_offset{topic=\"orders\",partition=\"" + std::to_string(i) + "\"} " +
            std::to_string(i * 2654435761U) + "\n";
  }
  return text;
}

std::string inflate_raw(std::string deflate, size_t text_bytes) {
  deflate.append("\x03\x00", 2);
  std::string text(text_bytes + 1, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, -MAX_WBITS) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(deflate.data());
  stream.avail_in = static_cast<uInt>(deflate.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

}  // namespace

TEST_CASE("A chunk inflates to its text") {
  Compressor compressor;
  for (const size_t lines : {1, 2, 100, 50'000, 3}) {
    const std::string text = many_lines(lines);
    const auto chunk = compressor.compress(text, lines, nullptr);
    CHECK(inflate_raw(chunk->deflate, text.size()) == text);
    CHECK(chunk->text_bytes == text.size());
    CHECK(chunk->crc == crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
    CHECK(chunk->series == lines);
    CHECK(chunk->deflate.size() < text.size());
  }
}

TEST_CASE("A text that does not compress grows by little") {
  std::string text(1'000'000, '\0');
  uint32_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  const auto chunk = Compressor().compress(text, 1, nullptr);
  CHECK(inflate_raw(chunk->deflate, text.size()) == text);
  CHECK(chunk->deflate.size() < text.size() + text.size() / 100);
}

TEST_CASE("An empty text has no bytes") {
  Compressor compressor;
  const auto chunk = compressor.compress("", 0, nullptr);
  CHECK(chunk->deflate.empty());
  CHECK(chunk->text_bytes == 0);
  CHECK(chunk->crc == 0);
  CHECK(compressor.compressions() == 0);
  CHECK(compressor.compress("", 0, chunk) == chunk);
}

TEST_CASE("A text that has not changed is not compressed again") {
  Compressor compressor;
  const std::string text = many_lines(100);
  const auto first = compressor.compress(text, 100, nullptr);
  CHECK(compressor.compress(text, 100, first) == first);
  CHECK(compressor.compressions() == 1);

  std::string changed = text;
  changed[changed.size() - 2] ^= 1;
  const auto second = compressor.compress(changed, 100, first);
  CHECK(compressor.compressions() == 2);
  CHECK(inflate_raw(second->deflate, changed.size()) == changed);
}
