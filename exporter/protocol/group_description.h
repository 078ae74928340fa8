#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

// The frame that requests and responses about groups of all types have.
namespace kafkascope::protocol {

/// Encodes a request for the description of groups, without authorized operations.
inline std::string encode_group_description(const Api& api, int16_t version, std::span<const std::string_view> groups) {
  Writer writer(api.flexible(version));
  writer.array(groups.size());
  for (std::string_view group : groups) writer.string(group);
  writer.boolean(false);
  return writer.take();
}

/// Decodes a response. `read_group`: reads one group, which has at least `min_group_bytes`.
template <class Group, class ReadGroup>
std::vector<Group> decode_group_description(const Api& api, std::string_view response, int16_t version,
                                            size_t min_group_bytes, const ReadGroup& read_group) {
  Reader reader(response, api.flexible(version));
  reader.int32();  // throttle time
  std::vector<Group> groups;
  const size_t count = reader.array(min_group_bytes);
  groups.reserve(count);
  for (size_t i = 0; i < count; ++i) groups.push_back(read_group(reader));
  reader.tags();
  reader.end();
  return groups;
}

}  // namespace kafkascope::protocol
