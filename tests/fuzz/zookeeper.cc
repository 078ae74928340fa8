// Answers of ZooKeeper servers, to any word.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "zookeeper/answers.h"

using namespace kafkascope::zookeeper;

namespace {

/// Keys are unique and sorted, and values numbers.
void check(const std::optional<kafkascope::model::ZooKeeperValues>& values) {
  if (!values) return;
  if (values->state.empty() || values->numbers.size() > kMaxValues) std::abort();
  const std::string* last = nullptr;
  for (const auto& [key, value] : values->numbers) {
    if (!key.starts_with("zk_") || !std::isfinite(value) || (last && *last >= key)) std::abort();
    last = &key;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view answer(reinterpret_cast<const char*>(data), size);
  find_refusal(answer);
  check(parse_mntr(answer));
  check(parse_srvr(answer));
  return 0;
}
