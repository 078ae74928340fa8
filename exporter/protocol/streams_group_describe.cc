#include "protocol/streams_group_describe.h"

#include <map>

#include "protocol/group_description.h"

namespace kafkascope::protocol {
namespace {

constexpr size_t kLeastGroupBytes = 20;
constexpr size_t kLeastMemberBytes = 28;
constexpr size_t kMostAssignedTopics = 1'000'000;

/// Source topics of each subtopology, by its id.
using Sources = std::map<std::string_view, std::vector<std::string_view>>;

bool null_struct(Reader& reader) { return reader.int8() < 0; }

void skip_strings(Reader& reader) {
  for (size_t left = reader.array(); left > 0; --left) reader.string();
}

void skip_key_values(Reader& reader) {
  for (size_t left = reader.array(); left > 0; --left) {
    reader.string();
    reader.string();
    reader.tags();
  }
}

std::string_view read_topic_info(Reader& reader) {
  const std::string_view name = reader.string();
  reader.int32();  // partitions
  reader.int16();  // replication factor
  skip_key_values(reader);
  reader.tags();
  return name;
}

void read_subtopology(Reader& reader, Sources& sources) {
  std::vector<std::string_view>& topics = sources[reader.string()];
  for (size_t left = reader.array(); left > 0; --left) topics.push_back(reader.string());
  skip_strings(reader);                                                          // repartition sink topics
  for (size_t left = reader.array(); left > 0; --left) read_topic_info(reader);  // changelogs
  for (size_t left = reader.array(); left > 0; --left) topics.push_back(read_topic_info(reader));
  reader.tags();
}

Sources read_topology(Reader& reader) {
  Sources sources;
  if (null_struct(reader)) return sources;
  reader.int32();  // epoch
  for (size_t left = reader.array(); left > 0; --left) read_subtopology(reader, sources);
  reader.tags();
  return sources;
}

void skip_endpoint(Reader& reader) {
  if (null_struct(reader)) return;
  reader.string();
  reader.int16();  // port
  reader.tags();
}

void skip_task_offsets(Reader& reader) {
  for (size_t left = reader.array(); left > 0; --left) {
    reader.string();  // subtopology
    reader.int32();   // partition
    reader.int64();
    reader.tags();
  }
}

void skip_tasks(Reader& reader) {
  for (size_t left = reader.array(); left > 0; --left) {
    reader.string();  // subtopology
    reader.int32_array();
    reader.tags();
  }
}

class GroupReader {
 public:
  GroupReader(Reader& reader, size_t& assigned_topics) : reader_(reader), assigned_topics_(assigned_topics) {}

  StreamsGroupDescription group() {
    StreamsGroupDescription group{};
    group.error = reader_.int16();
    reader_.string();  // error message
    group.id = reader_.string();
    group.state = reader_.string();
    reader_.int32();  // group epoch
    reader_.int32();  // assignment epoch
    const Sources sources = read_topology(reader_);
    const size_t members = reader_.array(kLeastMemberBytes);
    group.members.reserve(members);
    for (size_t i = 0; i < members; ++i) group.members.push_back(member(sources));
    reader_.int32();  // authorized operations
    reader_.tags();
    return group;
  }

 private:
  StreamsGroupMember member(const Sources& sources) {
    StreamsGroupMember member{};
    member.id = reader_.string();
    reader_.int32();   // epoch
    reader_.string();  // instance
    reader_.string();  // rack
    member.client_id = reader_.string();
    member.host = reader_.string();
    reader_.int32();   // topology epoch
    reader_.string();  // process
    skip_endpoint(reader_);
    skip_key_values(reader_);    // client tags
    skip_task_offsets(reader_);  // of changelog topics
    skip_task_offsets(reader_);  // end offsets of changelog topics
    member.assignment = assignment(sources);
    skip_assignment();  // target assignment
    reader_.boolean();  // is classic member
    reader_.tags();
    return member;
  }

  std::vector<AssignedTopic> assignment(const Sources& sources) {
    std::vector<AssignedTopic> result;
    for (size_t tasks = reader_.array(); tasks > 0; --tasks) {
      const auto topics = sources.find(reader_.string());
      const Int32Array partitions = reader_.int32_array();
      reader_.tags();
      if (topics == sources.end()) continue;
      assigned_topics_ += topics->second.size();
      if (assigned_topics_ > kMostAssignedTopics) throw DecodeError("more assigned topics than can be");
      for (std::string_view topic : topics->second) result.push_back({topic, partitions});
    }
    skip_tasks(reader_);  // standby
    skip_tasks(reader_);  // warming up
    reader_.tags();
    return result;
  }

  void skip_assignment() {
    for (int kind = 0; kind < 3; ++kind) skip_tasks(reader_);
    reader_.tags();
  }

  Reader& reader_;
  size_t& assigned_topics_;  ///< Of all groups of the response.
};

}  // namespace

std::string encode_streams_group_describe(int16_t version, std::span<const std::string_view> groups) {
  return encode_group_description(kStreamsGroupDescribe, version, groups);
}

std::vector<StreamsGroupDescription> decode_streams_group_describe(std::string_view response, int16_t version) {
  size_t assigned_topics = 0;
  return decode_group_description<StreamsGroupDescription>(
      kStreamsGroupDescribe, response, version, kLeastGroupBytes,
      [&](Reader& reader) { return GroupReader(reader, assigned_topics).group(); });
}

}  // namespace kafkascope::protocol
