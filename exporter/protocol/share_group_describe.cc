#include "protocol/share_group_describe.h"

#include "protocol/assigned_topics.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

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
  Writer writer(kShareGroupDescribe.flexible(version));
  writer.array(groups.size());
  for (std::string_view group : groups) writer.string(group);
  writer.boolean(false);  // authorized operations
  return writer.take();
}

std::vector<ShareGroupDescription> decode_share_group_describe(std::string_view answer, int16_t version) {
  Reader reader(answer, kShareGroupDescribe.flexible(version));
  reader.int32();  // throttle time
  std::vector<ShareGroupDescription> result;
  const size_t groups = reader.array(kLeastGroupBytes);
  result.reserve(groups);
  for (size_t i = 0; i < groups; ++i) result.push_back(read_group(reader));
  reader.tags();
  reader.end();
  return result;
}

}  // namespace kafkascope::protocol
