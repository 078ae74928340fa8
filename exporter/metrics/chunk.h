#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kafkascope::metrics {

/// The compressed text of one family of one cluster. Thread-safety: shared as const.
struct Chunk {
  /// Part of a raw deflate stream: without references to earlier parts or a final block, and byte-aligned, so that
  /// parts can be concatenated. Empty if the text is.
  std::string deflate;
  uint32_t crc = 0;  ///< CRC-32 of the text, for the gzip trailer
  uint64_t text_bytes = 0;
  uint64_t hash = 0;  ///< of the text; differs between processes
  size_t series = 0;
};

/// Makes chunks. Reuses 256 KiB of working memory, so keep one per poller. Thread-safety: one thread at a time.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /// `previous`: the chunk of the same family and cluster on the last page, or null. Unchanged text is not compressed
  /// again.
  std::shared_ptr<const Chunk> compress(std::string_view text, size_t series,
                                        const std::shared_ptr<const Chunk>& previous);

  /// Returns the number of compressed chunks since the start.
  size_t compressions() const { return compressions_; }

 private:
  std::string deflate(std::string_view text);

  z_stream stream_{};
  std::string out_;  // buffer
  size_t compressions_ = 0;
};

}  // namespace kafkascope::metrics
