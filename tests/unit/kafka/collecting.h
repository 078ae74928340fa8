#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kafka/collect/metadata.h"
#include "kafka/fake_kafka.h"

template <>
struct Catch::StringMaker<kafkascope::model::Failure> {
  static std::string convert(const kafkascope::model::Failure& failure) {
    return std::string(name(failure.reason)) + ": " + failure.what;
  }
};

namespace kafkascope::kafka {

/// The requests of one poll of a fake cluster after its metadata, and their failures.
class Asking {
 public:
  explicit Asking(const Client& client, std::chrono::milliseconds timeout = 1min,
                  const config::Filter& topics = config::Filter())
      : requests(requests_to(client, timeout)) {
    const int32_t first[] = {1};
    metadata_ = collect_metadata(requests, first, topics, failures);
    REQUIRE(metadata_);
    REQUIRE(failures.empty());
  }

  const model::Metadata& metadata() const { return *metadata_; }
  std::shared_ptr<const model::Metadata> shared_metadata() const { return metadata_; }
  uint64_t sent(const protocol::Api& api) const {
    return requests.sent().contains(api.name) ? requests.sent().at(api.name) : 0;
  }
  /// Of all failures, the one that there has to be.
  model::Failure failure() {
    const auto all = failures.take();
    REQUIRE(all.size() == 1);
    return all.front();
  }

  RequestBatch requests;
  Failures failures;

 private:
  std::shared_ptr<const model::Metadata> metadata_;
};

inline const std::vector<model::Failure> kNone{};

}  // namespace kafkascope::kafka
