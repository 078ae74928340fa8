#include "protocol/assigned_topics.h"

namespace kafkascope::protocol {
namespace {

constexpr size_t kLeastTopicBytes = 19;

}  // namespace

std::vector<AssignedTopic> read_assigned_topics(Reader& reader) {
  std::vector<AssignedTopic> result;
  const size_t topics = reader.array(kLeastTopicBytes);
  result.reserve(topics);
  for (size_t i = 0; i < topics; ++i) {
    reader.uuid();
    const std::string_view name = reader.string();
    result.push_back({name, reader.int32_array()});
    reader.tags();
  }
  reader.tags();
  return result;
}

}  // namespace kafkascope::protocol
