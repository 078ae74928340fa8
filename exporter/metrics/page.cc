#include "metrics/page.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace kafkascope::metrics {
namespace {

constexpr size_t kPieceBytes = size_t{64} * 1024;
constexpr int kGzipOnly = MAX_WBITS + 16;

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
