#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/fake_kafka.h"
#include "protocol/describe_log_dirs.h"
#include "protocol/describe_quorum.h"
#include "protocol/describe_share_group_offsets.h"
#include "protocol/describe_topic_partitions.h"
#include "protocol/fetch.h"
#include "protocol/share_group_describe.h"

// Bodies of responses, except those about offsets and groups.
namespace kafkascope::kafka {

// ------------------------------------------------------------------------------------------------------ the quorum

struct QuorumReplicaIs {
  int32_t id;
  int64_t end_offset;
  int64_t caught_up_ms = -1;
};

struct QuorumIs {
  int32_t leader = 1;
  std::vector<QuorumReplicaIs> voters = {}, observers = {};
  int16_t error = 0;
};

/// At epoch 5, with high watermark 100.
inline FakeKafka::Answer quorum(QuorumIs is) {
  return [=](int16_t version, std::string_view) {
    protocol::Writer out(true);
    const auto replicas = [&](const std::vector<QuorumReplicaIs>& list) {
      out.array(list.size());
      for (const auto& replica : list) {
        out.int32(replica.id);
        if (version >= 2) out.int64(0).int64(0);
        out.int64(replica.end_offset);
        if (version >= 1) out.int64(-1).int64(replica.caught_up_ms);
        out.tags();
      }
    };
    out.int16(is.error);
    if (version >= 2) out.null_string();
    out.array(is.error ? 0 : 1);
    if (!is.error) {
      out.string("__cluster_metadata").array(1).int32(0).int16(0);
      if (version >= 2) out.null_string();
      out.int32(is.leader).int32(5).int64(100);
      replicas(is.voters);
      replicas(is.observers);
      out.tags().tags();
    }
    if (version >= 2) out.array(0);
    return out.tags().take();
  };
}

// --------------------------------------------------------------------------------------------------- reassignments

struct MovingIs {
  std::string topic;
  int32_t partition;
};

/// Each comes as a topic of its own.
inline FakeKafka::Answer reassignments(std::vector<MovingIs> moving, int16_t error = 0) {
  return [=](int16_t, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).int16(error).null_string().array(moving.size());
    for (const auto& [topic, partition] : moving)
      out.string(topic).array(1).int32(partition).array(1).int32(1).array(0).array(0).tags().tags();
    return out.tags().take();
  };
}

// ------------------------------------------------------------------------------------------------ eligible leaders

struct EligibleIs {
  std::string topic;
  std::map<int32_t, std::vector<int32_t>> partitions = {};  ///< Which of them may have what leaders.
  int16_t error = 0;
  int32_t leader_epoch = 0;  ///< The metadata's is 0.
};

struct CursorIs {
  std::string topic;
  int32_t partition;
};

inline FakeKafka::Answer topic_partitions(std::vector<EligibleIs> topics, std::optional<CursorIs> next = {}) {
  return [=](int16_t, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).array(topics.size());
    for (const auto& topic : topics) {
      out.int16(topic.error).string(topic.topic).int64(7).int64(0).boolean(false).array(topic.partitions.size());
      for (const auto& [index, eligible] : topic.partitions) {
        out.int16(0).int32(index).int32(1).int32(topic.leader_epoch).array(0).array(0).array(eligible.size());
        for (const int32_t id : eligible) out.int32(id);
        out.array(0).array(0).tags();
      }
      out.int32(INT32_MIN).tags();
    }
    out.int8(next ? 1 : -1);
    if (next) out.string(next->topic).int32(next->partition).tags();
    return out.tags().take();
  };
}

/// The topics that a request names, and its cursor as text, like "t1/3".
inline std::pair<std::vector<std::string>, std::string> asked_partitions(std::string_view body) {
  protocol::Reader in(body, true);
  std::vector<std::string> names;
  for (size_t left = in.array(); left > 0; --left) {
    names.emplace_back(in.string());
    in.tags();
  }
  in.int32();
  if (in.int8() < 0) return {names, ""};
  const std::string topic(in.string());
  return {names, topic + "/" + std::to_string(in.int32())};
}

// ------------------------------------------------------------------------------------------------- log directories

struct ReplicaIs {
  std::string topic;
  int32_t partition;
  int64_t bytes;
  bool future = false;
  int64_t lag = 0;
};

struct LogDirIs {
  std::string path;
  std::vector<ReplicaIs> replicas = {};
  int64_t total = -1, usable = -1;
  int16_t error = 0;
};

inline FakeKafka::Answer log_dirs(std::vector<LogDirIs> dirs, int16_t error = 0) {
  return [=](int16_t version, std::string_view) {
    protocol::Writer out(version >= protocol::kDescribeLogDirs.first_flexible_version);
    out.int32(0);
    if (version >= 3) out.int16(error);
    out.array(dirs.size());
    for (const auto& dir : dirs) {
      out.int16(dir.error).string(dir.path).array(dir.replicas.size());
      for (const auto& replica : dir.replicas) {
        out.string(replica.topic).array(1).int32(replica.partition).int64(replica.bytes).int64(replica.lag);
        out.boolean(replica.future).tags().tags();
      }
      if (version >= 4) out.int64(dir.total).int64(dir.usable);
      if (version >= 5) out.boolean(false);
      out.tags();
    }
    return out.tags().take();
  };
}

// ---------------------------------------------------------------------------------------------------- share groups

/// Without the assignments of its members.
inline FakeKafka::Answer share_descriptions(std::vector<GroupIs> groups) {
  return [=](int16_t, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).array(groups.size());
    for (const auto& group : groups) {
      out.int16(group.error).null_string().string(group.id).string(group.state).int32(1).int32(1).string("simple");
      out.array(group.assignments.size());
      for (size_t m = 0; m < group.assignments.size(); ++m)
        out.string(group.member(m))
            .null_string()
            .int32(1)
            .string("client")
            .string("/127.0.0.1")
            .array(0)
            .array(0)
            .tags()
            .tags();
      out.int32(INT32_MIN).tags();
    }
    return out.tags().take();
  };
}

struct ShareOffsetIs {
  std::string topic;
  int32_t partition;
  int64_t start, lag;
  int16_t error = 0;
};

struct ShareOffsetsAre {
  std::string group;
  std::vector<ShareOffsetIs> offsets = {};
  int16_t error = 0;
};

/// Each offset comes as a topic of its own.
inline FakeKafka::Answer share_offsets(std::vector<ShareOffsetsAre> groups) {
  return [=](int16_t version, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).array(groups.size());
    for (const auto& group : groups) {
      out.string(group.group).array(group.offsets.size());
      for (const auto& is : group.offsets) {
        out.string(is.topic).int64(7).int64(0).array(1).int32(is.partition).int64(is.start).int32(0);
        if (version >= 1) out.int64(is.lag);
        out.int16(is.error).null_string().tags().tags();
      }
      out.int16(group.error).null_string().tags();
    }
    return out.tags().take();
  };
}

// -------------------------------------------------------------------------------------------- topic configurations

/// As much as librdkafka needs, which sends this request by itself.
inline constexpr protocol::Api kDescribeConfigs{32, "DescribeConfigs", 1, 4, 4};

struct ConfigIs {
  std::string topic;
  std::map<std::string, std::string> values = {};
  int16_t error = 0;
};

inline FakeKafka::Answer configs(std::vector<ConfigIs> topics) {
  return [=](int16_t, std::string_view) {
    protocol::Writer out(false);
    out.int32(0).array(topics.size());
    for (const auto& topic : topics) {
      out.int16(topic.error).null_string().int8(2).string(topic.topic).array(topic.values.size());
      for (const auto& [key, value] : topic.values)
        out.string(key).string(value).boolean(false).int8(1).boolean(false).array(0);
    }
    return out.take();
  };
}

/// The topics that a request names, and all the keys that it wants of the first.
struct AskedConfigs {
  std::vector<std::string> topics, keys;
};

inline AskedConfigs asked_configs(std::string_view body) {
  protocol::Reader in(body, false);
  AskedConfigs asked;
  for (size_t left = in.array(); left > 0; --left) {
    const bool is_topic = in.int8() == 2;
    const std::string name(in.string());
    if (is_topic) asked.topics.push_back(name);
    for (size_t keys = in.array(); keys > 0; --keys) {
      const std::string key(in.string());
      if (is_topic && asked.topics.size() == 1) asked.keys.push_back(key);
    }
  }
  return asked;
}

/// The same cleanup policy for every topic that a request names.
inline FakeKafka::Answer delete_policies() {
  return [](int16_t version, std::string_view body) {
    std::vector<ConfigIs> answers;
    for (const auto& topic : asked_configs(body).topics) answers.push_back({topic, {{"cleanup.policy", "delete"}}});
    return configs(answers)(version, body);
  };
}

// --------------------------------------------------------------------------------------------------------- batches

struct BatchIs {
  int64_t base_offset, last_offset;
  bool control = false;
};

/// The only batch of a partition of t0, which ends at 100.
inline FakeKafka::Answer batch(std::optional<BatchIs> is, int16_t error = 0, int32_t partition = 0) {
  return [=](int16_t, std::string_view) {
    protocol::Writer records(false);
    if (is) {
      records.int64(is->base_offset).int32(49).int32(0).int8(2).int32(0).int16(is->control ? 0x30 : 0);
      records.int32(static_cast<int32_t>(is->last_offset - is->base_offset)).int64(1000).int64(1000);
      records.int64(-1).int16(-1).int32(-1).int32(1);
    }
    protocol::Writer out(true);
    out.int32(0).int16(0).int32(0).array(1).string("t0").array(1);
    out.int32(partition).int16(error).int64(100).int64(100).int64(0).array(0).int32(-1).string(records.take());
    return out.tags().tags().tags().take();
  };
}

}  // namespace kafkascope::kafka
