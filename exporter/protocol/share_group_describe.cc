#include "protocol/share_group_describe.h"

#include "protocol/assigned_topics.h"
#include "protocol/group_description.h"

namespace kafkascope::protocol {
namespace {

constexpr size_t kLeastGroupBytes = 20;
constexpr size_t kLeastMemberBytes = 12;

ShareGroupMember read_member(Reader& reader) {
  ShareGroupMember member{};
  member.id = reader.string();
  reader.string();  // rack
  reader.int32();   // epoch
  member.client_id = reader.string();
  member.host = reader.string();
  for (size_t left = reader.array(); left > 0; --left) reader.string();  // subscribed topics
  member.assignment = read_assigned_topics(reader);
  reader.tags();
  return member;
}

ShareGroupDescription read_group(Reader& reader) {
  ShareGroupDescription group{};
  group.error = reader.int16();
  reader.string();  // error message
  group.id = reader.string();
  group.state = reader.string();
  reader.int32();  // group epoch
  reader.int32();  // assignment epoch
  group.assignor = reader.string();
  const size_t members = reader.array(kLeastMemberBytes);
  group.members.reserve(members);
  for (size_t i = 0; i < members; ++i) group.members.push_back(read_member(reader));
  reader.int32();  // authorized operations
  reader.tags();
  return group;
}

}  // namespace

std::string encode_share_group_describe(int16_t version, std::span<const std::string_view> groups) {
  return encode_group_description(kShareGroupDescribe, version, groups);
}

std::vector<ShareGroupDescription> decode_share_group_describe(std::string_view response, int16_t version) {
  return decode_group_description<ShareGroupDescription>(kShareGroupDescribe, response, version, kLeastGroupBytes,
                                                         read_group);
}

}  // namespace kafkascope::protocol
