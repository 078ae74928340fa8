#include "protocol/list_groups.h"

#include "protocol/reader.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {
namespace {

constexpr size_t kLeastGroupBytes = 3;

ListedGroup read_group(Reader& reader, int16_t version) {
  ListedGroup group{};
  group.id = reader.string();
  group.protocol_type = reader.string();
  if (version >= 4) group.state = reader.string();
  if (version >= 5) group.type = reader.string();
  reader.tags();
  return group;
}

}  // namespace

std::string encode_list_groups(int16_t version) {
  Writer writer(kListGroups.flexible(version));
  if (version >= 4) writer.array(0);  // all states
  if (version >= 5) writer.array(0);  // all types
  return writer.take();
}

ListGroupsAnswer decode_list_groups(std::string_view answer, int16_t version) {
  Reader reader(answer, kListGroups.flexible(version));
  reader.int32();  // throttle time
  ListGroupsAnswer result{};
  result.error = reader.int16();
  const size_t groups = reader.array(kLeastGroupBytes);
  result.groups.reserve(groups);
  for (size_t i = 0; i < groups; ++i) result.groups.push_back(read_group(reader, version));
  reader.tags();
  reader.end();
  return result;
}

}  // namespace kafkascope::protocol
