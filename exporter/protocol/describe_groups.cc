#include "protocol/describe_groups.h"

#include "protocol/group_description.h"

namespace kafkascope::protocol {
namespace {

constexpr size_t kLeastGroupBytes = 12;
constexpr size_t kLeastMemberBytes = 7;
constexpr size_t kLeastAssignedTopicBytes = 6;

DescribedMember read_member(Reader& reader) {
  DescribedMember member{};
  member.id = reader.string();
  member.instance_id = reader.string();
  member.client_id = reader.string();
  member.host = reader.string();
  reader.bytes();  // subscription
  member.assignment = reader.bytes();
  reader.tags();
  return member;
}

DescribedGroup read_group(Reader& reader, int16_t version) {
  DescribedGroup group{};
  group.error = reader.int16();
  if (version >= 6) reader.string();  // error message
  group.id = reader.string();
  group.state = reader.string();
  group.protocol_type = reader.string();
  group.protocol = reader.string();
  const size_t members = reader.array(kLeastMemberBytes);
  group.members.reserve(members);
  for (size_t i = 0; i < members; ++i) group.members.push_back(read_member(reader));
  reader.int32();  // authorized operations
  reader.tags();
  return group;
}

}  // namespace

std::string encode_describe_groups(int16_t version, std::span<const std::string_view> groups) {
  return encode_group_description(kDescribeGroups, version, groups);
}

std::vector<DescribedGroup> decode_describe_groups(std::string_view response, int16_t version) {
  return decode_group_description<DescribedGroup>(kDescribeGroups, response, version, kLeastGroupBytes,
                                                  [=](Reader& reader) { return read_group(reader, version); });
}

std::vector<AssignedTopic> decode_assignment(std::string_view bytes) {
  std::vector<AssignedTopic> result;
  if (bytes.empty()) return result;
  Reader reader(bytes, /*flexible=*/false);
  if (reader.int16() < 0) throw DecodeError("negative version of an assignment");
  const size_t topics = reader.array(kLeastAssignedTopicBytes);
  result.reserve(topics);
  for (size_t i = 0; i < topics; ++i) {
    const std::string_view name = reader.string();
    result.push_back({name, reader.int32_array()});
  }
  reader.bytes();  // user data of the assignor; fields of later versions are ignored
  return result;
}

}  // namespace kafkascope::protocol
