#include "metrics/page.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <string_view>
#include <utility>

namespace kafkascope::metrics {
namespace {

// RFC 1952: magic, deflate, no flags, no time, fastest algorithm, Unix.
constexpr std::string_view kGzipHeader("\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\x03", 10);
// The final, empty block of the deflate stream.
constexpr std::string_view kFinalBlock("\x03\x00", 2);
constexpr size_t kGzipTrailerBytes = 8;

constexpr size_t kPieceBytes = size_t{64} * 1024;
constexpr int kGzipOnly = MAX_WBITS + 16;

void append_little_endian(std::string& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

// Inflates one gzip member with zlib.
class Inflater {
 public:
  explicit Inflater(std::string_view gzip) : rest_(gzip) {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Returns the next text, at most as long as `buffer`. Empty at the end and on an error: see finished().
  std::string_view next(std::string& buffer) {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(buffer.size());
    while (status_ == Z_OK && stream_.avail_out > 0) {
      const auto input = static_cast<uInt>(std::min<size_t>(rest_.size(), std::numeric_limits<uInt>::max()));
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));
      stream_.avail_in = input;
      status_ = ::inflate(&stream_, Z_NO_FLUSH);
      rest_.remove_prefix(input - stream_.avail_in);
    }
    return {buffer.data(), buffer.size() - stream_.avail_out};
  }
  bool finished() const { return status_ == Z_STREAM_END; }

 private:
  z_stream stream_{};
  std::string_view rest_;
  int status_ = Z_OK;
};

}  // namespace

Page::Page(std::vector<PageFamily> families, std::vector<model::ClusterStatus> clusters)
    : clusters_(std::move(clusters)), families_(std::move(families)) {
  std::vector<const Chunk*> pieces;
  for (const PageFamily& family : families_) {
    if (family.head) pieces.push_back(family.head.get());
    for (const PageFamily::Body& body : family.bodies) pieces.push_back(body.chunk.get());
  }
  size_t compressed_bytes = kGzipHeader.size() + kFinalBlock.size() + kGzipTrailerBytes;
  for (const Chunk* piece : pieces) compressed_bytes += piece->deflate.size();

  gzip_.reserve(compressed_bytes);
  gzip_.append(kGzipHeader);
  uLong crc = crc32(0, nullptr, 0);
  for (const Chunk* piece : pieces) {
    gzip_.append(piece->deflate);
    crc = crc32_combine(crc, piece->crc, static_cast<z_off_t>(piece->text_bytes));
    text_bytes_ += piece->text_bytes;
    series_ += piece->series;
  }
  gzip_.append(kFinalBlock);
  append_little_endian(gzip_, static_cast<uint32_t>(crc));
  append_little_endian(gzip_, static_cast<uint32_t>(text_bytes_));
}

bool Page::ready() const {
  return std::all_of(clusters_.begin(), clusters_.end(),
                     [](const model::ClusterStatus& cluster) { return cluster.polled; });
}

bool Page::inflate(const std::function<bool(std::string_view)>& write) const {
  if (gzip_.empty()) return true;
  Inflater inflater(gzip_);
  std::string buffer(kPieceBytes, '\0');
  for (std::string_view text = inflater.next(buffer); !text.empty(); text = inflater.next(buffer)) {
    if (!write(text)) return false;
  }
  return inflater.finished();
}

}  // namespace kafkascope::metrics
