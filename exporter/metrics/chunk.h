#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kafkascope::metrics {

/// The unit of publication: the text of one family of one cluster, kept compressed only. Thread-safety: shared as
/// const.
struct Chunk {
  /// A piece of a raw deflate stream. It refers to nothing before it and ends on a byte boundary without a last block,
  /// so that pieces can be put one after the other. Empty when the text is.
  std::string deflate;
  uint32_t crc = 0;  ///< CRC-32 of the text, as gzip counts it
  uint64_t text_bytes = 0;
  uint64_t hash = 0;  ///< of the text; means nothing outside of this process
  size_t series = 0;
};

/// Makes chunks. Keep one per poller: its 256 KiB of working memory are reused. Thread-safety: one thread at a time.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /// `previous` is the chunk of the same family and cluster on the last page, or null: text that has not changed since
  /// is not compressed again.
  std::shared_ptr<const Chunk> compress(std::string_view text, size_t series,
                                        const std::shared_ptr<const Chunk>& previous);

  /// How often deflate had to work, since the start.
  size_t compressions() const { return compressions_; }

 private:
  std::string deflate(std::string_view text);

  z_stream stream_{};
  std::string out_;  // reused
  size_t compressions_ = 0;
};

}  // namespace kafkascope::metrics
