#include "protocol/consumer_group_describe.h"

#include "protocol/assigned_topics.h"
#include "protocol/group_description.h"

namespace kafkascope::protocol {
namespace {

constexpr size_t kLeastGroupBytes = 20;
constexpr size_t kLeastMemberBytes = 16;

ConsumerGroupMember read_member(Reader& reader, int16_t version) {
  ConsumerGroupMember member{};
  member.id = reader.string();
  member.instance_id = reader.string();
  reader.string();  // rack
  member.epoch = reader.int32();
  member.client_id = reader.string();
  member.host = reader.string();
  for (size_t left = reader.array(); left > 0; --left) reader.string();  // topics it subscribed to
  reader.string();                                                       // or the regex
  member.assignment = read_assigned_topics(reader);
  member.target = read_assigned_topics(reader);
  if (version >= 1) reader.int8();  // member type
  reader.tags();
  return member;
}

ConsumerGroupDescription read_group(Reader& reader, int16_t version) {
  ConsumerGroupDescription group{};
  group.error = reader.int16();
  reader.string();  // the error in words
  group.id = reader.string();
  group.state = reader.string();
  group.epoch = reader.int32();
  reader.int32();  // the assignment's
  group.assignor = reader.string();
  const size_t members = reader.array(kLeastMemberBytes);
  group.members.reserve(members);
  for (size_t i = 0; i < members; ++i) group.members.push_back(read_member(reader, version));
  reader.int32();  // what we may do to the group: not asked for
  reader.tags();
  return group;
}

}  // namespace

std::string encode_consumer_group_describe(int16_t version, std::span<const std::string_view> groups) {
  return encode_group_description(kConsumerGroupDescribe, version, groups);
}

std::vector<ConsumerGroupDescription> decode_consumer_group_describe(std::string_view response, int16_t version) {
  return decode_group_description<ConsumerGroupDescription>(
      kConsumerGroupDescribe, response, version, kLeastGroupBytes,
      [=](Reader& reader) { return read_group(reader, version); });
}

}  // namespace kafkascope::protocol
