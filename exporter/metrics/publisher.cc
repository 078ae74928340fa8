#include "metrics/publisher.h"

#include <zlib.h>

#include <cstdint>
#include <iterator>
#include <list>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace kafkascope::metrics {
namespace {

// RFC 1952: magic, deflate, no flags, no time, fastest algorithm, Unix.
constexpr std::string_view kGzipHeader("\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\x03", 10);
// The last block of the deflate stream, without content.
constexpr std::string_view kFinalBlock("\x03\x00", 2);
constexpr size_t kGzipTrailerBytes = 8;

using Pieces = std::vector<const Chunk*>;

void append_little_endian(std::string& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

// All bodies of one family, behind one head.
struct MergedFamily {
  const Chunk* head;
  Pieces bodies;
};

bool has_series(const Family& family) { return family.body && family.body->series > 0; }

// Families in page order, each once. One that only a later cluster has comes after its neighbour there.
class Merger {
 public:
  void add(const std::vector<Family>& families) { insert(families, families_.begin()); }
  /// For families that come after all others.
  void add_last(const std::vector<Family>& families) { insert(families, families_.end()); }

  Pieces pieces() const {
    Pieces result;
    for (const MergedFamily& family : families_) {
      if (family.head) result.push_back(family.head);
      result.insert(result.end(), family.bodies.begin(), family.bodies.end());
    }
    return result;
  }

 private:
  void insert(const std::vector<Family>& families, std::list<MergedFamily>::iterator next) {
    for (const Family& family : families) {
      if (!has_series(family)) continue;
      auto [known, is_new] = by_name_.try_emplace(family.name);
      if (is_new) known->second = families_.insert(next, MergedFamily{family.head.get(), {}});
      known->second->bodies.push_back(family.body.get());
      next = std::next(known->second);
    }
  }

  std::list<MergedFamily> families_;
  std::unordered_map<std::string_view, std::list<MergedFamily>::iterator> by_name_;
};

std::shared_ptr<const Page> build(const Pieces& pieces, std::vector<ClusterStatus> clusters) {
  size_t compressed_bytes = kGzipHeader.size() + kFinalBlock.size() + kGzipTrailerBytes;
  for (const Chunk* piece : pieces) compressed_bytes += piece->deflate.size();

  std::string gzip;
  gzip.reserve(compressed_bytes);
  gzip.append(kGzipHeader);
  uint64_t text_bytes = 0;
  size_t series = 0;
  uLong crc = crc32(0, nullptr, 0);
  for (const Chunk* piece : pieces) {
    gzip.append(piece->deflate);
    crc = crc32_combine(crc, piece->crc, static_cast<z_off_t>(piece->text_bytes));
    text_bytes += piece->text_bytes;
    series += piece->series;
  }
  gzip.append(kFinalBlock);
  append_little_endian(gzip, static_cast<uint32_t>(crc));
  append_little_endian(gzip, static_cast<uint32_t>(text_bytes));
  return std::make_shared<const Page>(std::move(gzip), text_bytes, series, std::move(clusters));
}

}  // namespace

Publisher::Publisher(std::vector<ClusterPage> clusters, std::vector<Family> process)
    : clusters_(std::move(clusters)), process_(std::move(process)) {
  const std::lock_guard lock(build_mutex_);
  rebuild();
}

void Publisher::publish(size_t cluster, ClusterPage page) {
  const std::lock_guard lock(build_mutex_);
  clusters_.at(cluster) = std::move(page);
  rebuild();
}

void Publisher::publish(size_t cluster, ClusterPage page, std::vector<Family> process) {
  const std::lock_guard lock(build_mutex_);
  clusters_.at(cluster) = std::move(page);
  process_ = std::move(process);
  rebuild();
}

void Publisher::drop(size_t cluster, std::vector<Family> replacement) {
  const std::lock_guard lock(build_mutex_);
  ClusterPage& page = clusters_.at(cluster);
  page.families = std::move(replacement);
  page.status.up = false;
  page.status.polled = true;
  rebuild();
}

std::shared_ptr<const Page> Publisher::page() const {
  const std::lock_guard lock(page_mutex_);
  return page_;
}

void Publisher::rebuild() {
  Merger merger;
  std::vector<ClusterStatus> statuses;
  for (const ClusterPage& cluster : clusters_) {
    merger.add(cluster.families);
    statuses.push_back(cluster.status);
  }
  merger.add_last(process_);
  auto next = build(merger.pieces(), std::move(statuses));

  {
    const std::lock_guard lock(page_mutex_);
    page_.swap(next);
  }
  // The page before, if nobody reads it any more, is freed here: outside of the readers' lock.
}

}  // namespace kafkascope::metrics
