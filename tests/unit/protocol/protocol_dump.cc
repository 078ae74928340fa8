// Encoders and decoders as a program, which layout_test.py compares with Kafka's own definitions. Reads one command per
// line and responds with text and a line "end":
//   apis                           "<name> <key> <first version> <last version> <first flexible version>", one a line
// request <name> <version> ... our request as hex; ...: groups, or arguments of the request, see below
// answer <name> <version> <hex> result of our decoder
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/render.h"

using namespace kafkascope::protocol;

namespace {

void dump_apis() {
  for (const Api& api : kApis) {
    std::cout << api.name << ' ' << api.key << ' ' << api.min_version << ' ' << api.max_version << ' '
              << api.first_flexible_version << '\n';
  }
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

/// <topic>=<partition>:<timestamp>,...
std::string list_offsets(int16_t version, const std::vector<std::string>& topics) {
  ListOffsetsRequest request(version, Isolation::kReadCommitted, topics.size());
  for (const std::string& topic : topics) {
    const size_t equals = topic.find('=');
    const std::vector<std::string> partitions = split(topic.substr(equals + 1), ',');
    request.topic(topic.substr(0, equals), partitions.size());
    for (const std::string& partition : partitions) {
      request.partition(std::stoi(partition), std::stoll(partition.substr(partition.find(':') + 1)));
    }
  }
  return request.take();
}

/// <partition limit> <cursor's topic or -> <cursor's partition> <topic>...
std::string describe_topic_partitions(int16_t version, const std::vector<std::string>& arguments) {
  const std::vector<std::string_view> topics(arguments.begin() + 3, arguments.end());
  std::optional<TopicPartitionsCursor> cursor;
  if (arguments[1] != "-") cursor = {arguments[1], std::stoi(arguments[2])};
  return encode_describe_topic_partitions(version, topics, std::stoi(arguments[0]), cursor);
}

/// <topic> <partition> <offset>
std::string fetch(int16_t version, const std::vector<std::string>& arguments) {
  FetchRequest request(version, 1);
  request.topic(arguments.at(0), 1);
  request.partition(std::stoi(arguments.at(1)), std::stoll(arguments.at(2)));
  return request.take();
}

/// <topic>=<partition>,...
std::string describe_producers(int16_t version, const std::vector<std::string>& topics) {
  DescribeProducersRequest request(version, topics.size());
  for (const std::string& topic : topics) {
    const size_t equals = topic.find('=');
    const std::vector<std::string> partitions = split(topic.substr(equals + 1), ',');
    request.topic(topic.substr(0, equals), partitions.size());
    for (const std::string& partition : partitions) request.partition(std::stoi(partition));
  }
  return request.take();
}

std::string request(std::string_view api, int16_t version, const std::vector<std::string>& arguments) {
  const std::vector<std::string_view> groups(arguments.begin(), arguments.end());
  if (api == kMetadata.name)
    return arguments.empty() ? encode_metadata(version) : encode_topic_metadata(version, arguments.front());
  if (api == kApiVersions.name) return encode_api_versions(version);
  if (api == kListTransactions.name) return encode_list_transactions(version);
  if (api == kDescribeTransactions.name) return encode_describe_transactions(version, groups);
  if (api == kDescribeProducers.name) return describe_producers(version, arguments);
  if (api == kListGroups.name) return encode_list_groups(version);
  if (api == kDescribeGroups.name) return encode_describe_groups(version, groups);
  if (api == kConsumerGroupDescribe.name) return encode_consumer_group_describe(version, groups);
  if (api == kOffsetFetch.name) return encode_offset_fetch(version, groups);
  if (api == kListOffsets.name) return list_offsets(version, arguments);
  if (api == kShareGroupDescribe.name) return encode_share_group_describe(version, groups);
  if (api == kStreamsGroupDescribe.name) return encode_streams_group_describe(version, groups);
  if (api == kDescribeShareGroupOffsets.name) return encode_describe_share_group_offsets(version, groups);
  if (api == kDescribeLogDirs.name) return encode_describe_log_dirs(version);
  if (api == kDescribeQuorum.name) return encode_describe_quorum(version);
  if (api == kListPartitionReassignments.name) {
    return encode_list_partition_reassignments(version, std::stoi(arguments.at(0)));
  }
  if (api == kDescribeTopicPartitions.name) return describe_topic_partitions(version, arguments);
  if (api == kFetch.name) return fetch(version, arguments);
  throw std::invalid_argument("no such request");
}

void obey(const std::string& line) {
  std::istringstream in(line);
  std::string command, api;
  int16_t version = 0;
  in >> command >> api >> version;
  std::vector<std::string> arguments;
  for (std::string argument; in >> argument;) arguments.push_back(argument);
  if (command == "apis") {
    dump_apis();
  } else if (command == "request") {
    std::cout << to_hex(request(api, version, arguments)) << '\n';
  } else if (command == "answer") {
    std::cout << render(api, from_hex(arguments.at(0)), version);
  } else {
    throw std::invalid_argument("no such command");
  }
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    try {
      obey(line);
    } catch (const std::exception& error) {
      std::cout << "error: " << error.what() << '\n';
    }
    std::cout << "end" << std::endl;
  }
}
