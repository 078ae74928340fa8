#include "metrics/publisher.h"

#include <zlib.h>

#include <algorithm>
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
// The final, empty block of the deflate stream.
constexpr std::string_view kFinalBlock("\x03\x00", 2);
constexpr size_t kGzipTrailerBytes = 8;

using Pieces = std::vector<const Chunk*>;

void append_little_endian(std::string& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

// One head and all bodies of a family.
struct MergedFamily {
  const Chunk* head;
  Pieces bodies;
};

bool has_series(const Family& family) { return family.body && family.body->series > 0; }

// Families in page order, each once. A family that only a later cluster has follows the one before it in that cluster.
class Merger {
 public:
  void add(const std::vector<Family>& families) { insert(families, families_.begin()); }
  /// Adds families at the end.
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

std::shared_ptr<const Page> build(const Pieces& pieces, std::vector<model::ClusterStatus> clusters) {
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

Publisher::Publisher(OwnFamilies own) : own_families_(std::move(own)) {
  const std::lock_guard lock(build_mutex_);
  renew_own();
  rebuild();
}

Publisher::Target* Publisher::find(const model::TargetName& name) {
  const auto target = std::find_if(targets_.begin(), targets_.end(), [&](auto& target) { return target.name == name; });
  return target == targets_.end() ? nullptr : &*target;
}

void Publisher::add(const model::TargetName& name, TargetPage page) {
  const std::lock_guard lock(build_mutex_);
  if (Target* target = find(name))
    target->page = std::move(page);
  else
    targets_.push_back({name, std::move(page)});
  renew_own();
  rebuild();
}

void Publisher::remove(const model::TargetName& name) {
  const std::lock_guard lock(build_mutex_);
  std::erase_if(targets_, [&](auto& target) { return target.name == name; });
  renew_own();
  rebuild();
}

void Publisher::publish(const model::TargetName& name, TargetPage page) {
  const std::lock_guard lock(build_mutex_);
  Target* target = find(name);
  if (!target) return;
  renew_own();
  target->page = std::move(page);
  rebuild();
}

void Publisher::drop(const model::TargetName& name, std::vector<Family> replacement) {
  const std::lock_guard lock(build_mutex_);
  Target* target = find(name);
  if (!target) return;
  target->page.families = std::move(replacement);
  target->page.status.up = false;
  target->page.status.polled = true;
  rebuild();  // keep the own families of the last page: making them may be what failed
}

void Publisher::refresh(std::chrono::steady_clock::time_point since) {
  const std::lock_guard lock(build_mutex_);
  if (own_made_ > since) return;
  renew_own();
  rebuild();
}

void Publisher::renew_own() {
  own_ = own_families_(*page());
  own_made_ = std::chrono::steady_clock::now();
}

std::shared_ptr<const Page> Publisher::page() const {
  const std::lock_guard lock(page_mutex_);
  return page_;
}

void Publisher::rebuild() {
  Merger merger;
  std::vector<model::ClusterStatus> statuses;
  for (const Target& target : targets_) {
    merger.add(target.page.families);
    statuses.push_back(target.page.status);
  }
  merger.add_last(own_);
  auto next = build(merger.pieces(), std::move(statuses));

  {
    const std::lock_guard lock(page_mutex_);
    page_.swap(next);
  }
  // The last page, if unused, is freed here, after page_mutex_ is released.
}

}  // namespace kafkascope::metrics
