#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/chunk.h"
#include "model/status.h"

namespace kafkascope::metrics {

/// One family on a page.
struct PageFamily {
  static constexpr size_t kExporter = SIZE_MAX;
  struct Body {
    size_t cluster;  ///< Index in Page::clusters(); kExporter: the exporter's own series.
    std::shared_ptr<const Chunk> chunk;
  };

  std::string name;
  bool by_partition = false;          ///< Whether its series have a `partition` label.
  std::shared_ptr<const Chunk> head;  ///< HELP and TYPE lines; may be null
  std::vector<Body> bodies;
};

/// One complete /metrics page, compressed. Made once per poll. Thread-safety: immutable, so any number of threads may
/// read one page.
class Page {
 public:
  Page() = default;
  Page(std::string gzip, uint64_t text_bytes, size_t series, std::vector<model::ClusterStatus> clusters)
      : gzip_(std::move(gzip)), text_bytes_(text_bytes), series_(series), clusters_(std::move(clusters)) {}
  /// Concatenates the chunks of these families.
  Page(std::vector<PageFamily> families, std::vector<model::ClusterStatus> clusters);

  /// The page as one gzip member.
  const std::string& gzip() const { return gzip_; }
  uint64_t text_bytes() const { return text_bytes_; }
  size_t series() const { return series_; }
  const std::vector<model::ClusterStatus>& clusters() const { return clusters_; }
  const std::vector<PageFamily>& families() const { return families_; }
  /// Whether every cluster's first poll has completed.
  bool ready() const;

  /// Inflates the page in pieces of at most 64 KiB, for clients that do not accept gzip. Stops and returns false when
  /// `write` returns false.
  bool inflate(const std::function<bool(std::string_view)>& write) const;

 private:
  std::string gzip_;
  uint64_t text_bytes_ = 0;
  size_t series_ = 0;
  std::vector<model::ClusterStatus> clusters_;
  std::vector<PageFamily> families_;
};

/// Returns the newest page; never null.
using PageSource = std::function<std::shared_ptr<const Page>()>;

}  // namespace kafkascope::metrics
