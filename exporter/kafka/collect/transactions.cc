#include "kafka/collect/transactions.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kafka/collect/partition_offsets.h"
#include "kafka/limits.h"
#include "protocol/describe_producers.h"
#include "protocol/describe_transactions.h"
#include "protocol/list_transactions.h"

namespace kafkascope::kafka {
namespace {

using model::TransactionsResult;

constexpr int16_t kTransactionalIdNotFound = 105;

/// Returns whether a transaction in this state is open.
bool is_open(std::string_view state) {
  return state == "Ongoing" || state == "PrepareCommit" || state == "PrepareAbort" || state == "PrepareEpochFence";
}

/// The open transactions listed by the coordinators.
struct Listed {
  std::map<int32_t, std::vector<std::string>> open;       ///< Ids by coordinator.
  std::unordered_map<int64_t, std::string> transactions;  ///< Ids by producer id.
};

Listed list(RequestBatch& requests, const model::Metadata& metadata, TransactionsResult& collected,
            Failures& failures) {
  Listed listed;
  collected.listed = !metadata.brokers.empty();
  for (const auto& broker : metadata.brokers) requests.negotiate_versions(broker.id);
  requests.run(kStepShare);
  for (const auto& broker : metadata.brokers) {
    if (requests.takes_none(broker.id, protocol::kListTransactions)) {
      collected.listed = false;
      continue;
    }
    requests.ask({broker.id, &protocol::kListTransactions, protocol::encode_list_transactions,
                  [&, id = broker.id](int16_t version, std::string_view body) {
                    protocol::ListTransactionsSink sink;
                    sink.answer_error = [&](int16_t error) {
                      if (!error) return;
                      collected.listed = false;
                      failures.add(kafka_code(error), fmt::format("listing transactions of broker {}", id));
                    };
                    sink.transaction = [&](std::string_view name, int64_t producer, std::string_view state) {
                      ++collected.states[std::string(state)];
                      listed.transactions.emplace(producer, name);
                      if (is_open(state)) listed.open[id].emplace_back(name);
                    };
                    protocol::decode_list_transactions(body, version, sink);
                  },
                  [&](const Error& error) {
                    collected.listed = false;
                    failures.add(error);
                  }});
  }
  requests.run(kStepShare);
  return listed;
}

void describe(RequestBatch& requests, const model::Metadata& metadata, const Listed& listed,
              TransactionsResult& collected, Failures& failures) {
  const auto failed = [&](const Error& error) {
    collected.described = false;
    failures.add(error);
  };
  const auto read = [&](int16_t version, std::string_view body) {
    protocol::DescribeTransactionsSink sink;
    bool open = false;
    sink.transaction = [&](const protocol::TransactionDescription& described) {
      open = !described.error && is_open(described.state);
      if (open)
        collected.open.push_back({std::string(described.id), std::string(described.state), described.producer_id,
                                  described.start_ms, described.timeout_ms});
      else if (described.error == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
        failed(Error(model::Reason::kAuthorization, "transactions: grant DESCRIBE on the transactional ids"));
      else if (described.error && described.error != kTransactionalIdNotFound)
        failed(Error(kafka_code(described.error), "describing transactions"));
    };
    sink.topic = [&](std::string_view name, protocol::Int32Array partitions) {
      const uint32_t t = model::find_topic(metadata, name);
      if (!open || t == model::kNoTopic) return;
      const model::Topic& topic = metadata.topics[t];
      for (size_t i = 0; i < partitions.size(); ++i)
        if (partitions[i] >= 0 && static_cast<size_t>(partitions[i]) < topic.partitions.size())
          collected.open.back().partitions.push_back(topic.first_partition + static_cast<uint32_t>(partitions[i]));
    };
    protocol::decode_describe_transactions(body, version, sink);
  };
  collected.described = collected.listed;
  for (const auto& [broker, ids] : listed.open) {
    for (size_t from = 0; from < ids.size(); from += kTransactionsPerRequest) {
      const std::vector<std::string_view> some(
          ids.begin() + static_cast<ptrdiff_t>(from),
          ids.begin() + static_cast<ptrdiff_t>(std::min(from + kTransactionsPerRequest, ids.size())));
      requests.ask({broker, &protocol::kDescribeTransactions,
                    [some](int16_t version) { return protocol::encode_describe_transactions(version, some); }, read,
                    failed});
    }
  }
  requests.run(kStepShare);
  auto& open = collected.open;
  for (auto& transaction : open) std::sort(transaction.partitions.begin(), transaction.partitions.end());
  std::sort(open.begin(), open.end(), [](auto& a, auto& b) { return a.producer_id < b.producer_id; });
}

void read_last_stable(RequestBatch& requests, const model::Metadata& metadata, TransactionsResult& collected,
                      Failures& failures) {
  collected.last_stable.assign(metadata.partition_count, model::kFailedOffset);
  ByLeader by_leader;
  for (const auto& topic : metadata.topics)
    for (uint32_t p = 0; p < topic.partitions.size(); ++p)
      if (const int32_t leader = topic.partitions[p].leader; leader != model::kNoBroker)
        by_leader[leader].push_back({topic.first_partition + p, protocol::kLatestOffset});
  for (const auto& [leader, partitions] : by_leader)
    requests.ask(
        {leader, &protocol::kListOffsets,
         [&metadata, partitions = partitions](int16_t version) {
           return encode_wanted_offsets(version, protocol::Isolation::kReadCommitted, metadata, partitions);
         },
         [&](int16_t version, std::string_view body) {
           decode_wanted_offsets(
               body, version, metadata, [&](uint32_t partition, rd_kafka_resp_err_t code, int64_t, int64_t offset) {
                 if (!code)
                   collected.last_stable[partition] = offset;
                 else if (!leader_moved(code))  // the next run has new metadata
                   failures.add(
                       code, fmt::format("last stable offsets of topic {}", model::topic_of(metadata, partition).name));
               });
         },
         [&](const Error& error) { failures.add(error); }});
  requests.run(kStepShare);
}

std::string encode_producers(int16_t version, const model::Metadata& metadata, std::span<const uint32_t> partitions) {
  std::map<const model::Topic*, std::vector<int32_t>> by_topic;
  for (const uint32_t partition : partitions) {
    const model::Topic& topic = model::topic_of(metadata, partition);
    by_topic[&topic].push_back(static_cast<int32_t>(partition - topic.first_partition));
  }
  protocol::DescribeProducersRequest request(version, by_topic.size());
  for (const auto& [topic, indexes] : by_topic) {
    request.topic(topic->name, indexes.size());
    for (const int32_t index : indexes) request.partition(index);
  }
  return request.take();
}

void read_producers(std::string_view body, int16_t version, const model::Metadata& metadata,
                    const TransactionsPlan& plan, TransactionsResult& collected, Failures& failures) {
  uint32_t topic = model::kNoTopic;
  auto held = plan.held.end();
  protocol::DescribeProducersSink sink;
  sink.topic = [&](std::string_view name) { topic = model::find_topic(metadata, name); };
  sink.partition = [&](int32_t index, int16_t error) {
    held = plan.held.end();
    if (topic == model::kNoTopic || index < 0 || static_cast<size_t>(index) >= metadata.topics[topic].partitions.size())
      return;
    if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
      failures.add(model::Failure{model::Reason::kAuthorization, "producers: grant READ on the topics"});
    } else if (error) {
      if (!leader_moved(kafka_code(error)))
        failures.add(kafka_code(error), fmt::format("producers of topic {}", metadata.topics[topic].name));
    } else {
      held = plan.held.find(metadata.topics[topic].first_partition + static_cast<uint32_t>(index));
      if (held != plan.held.end()) collected.described_partitions.push_back(held->first);
    }
  };
  sink.producer = [&](const protocol::ProducerState& producer) {
    if (held != plan.held.end() && producer.transaction_start_offset == held->second)
      collected.blocking.push_back({held->first, producer.id, producer.epoch, producer.transaction_start_offset});
  };
  protocol::decode_describe_producers(body, version, sink);
}

void describe_producers(RequestBatch& requests, const model::Metadata& metadata, const TransactionsPlan& plan,
                        const Listed& listed, TransactionsResult& collected, Failures& failures) {
  std::map<int32_t, std::vector<uint32_t>> by_leader;
  for (const auto& [partition, offset] : plan.held) {
    const model::Topic& topic = model::topic_of(metadata, partition);
    const int32_t leader = topic.partitions[partition - topic.first_partition].leader;
    if (!collected.last_stable.empty() && collected.last_stable[partition] != offset) continue;
    if (leader != model::kNoBroker && !requests.takes_none(leader, protocol::kDescribeProducers))
      by_leader[leader].push_back(partition);
  }
  for (const auto& [leader, partitions] : by_leader)
    requests.ask(
        {leader, &protocol::kDescribeProducers,
         [&, partitions = partitions](int16_t version) { return encode_producers(version, metadata, partitions); },
         [&](int16_t version, std::string_view body) {
           read_producers(body, version, metadata, plan, collected, failures);
         },
         [&](const Error& error) { failures.add(error); }});
  requests.run();
  std::sort(collected.described_partitions.begin(), collected.described_partitions.end());
  std::sort(collected.blocking.begin(), collected.blocking.end(),
            [](auto& a, auto& b) { return a.partition < b.partition; });
  for (const auto& producer : collected.blocking)
    if (const auto found = listed.transactions.find(producer.producer_id); found != listed.transactions.end())
      collected.producers[found->first] = found->second;
}

}  // namespace

void collect_transactions(RequestBatch& requests, const model::Metadata& metadata, const TransactionsPlan& plan,
                          TransactionsResult& collected, Failures& failures) {
  const Listed listed = list(requests, metadata, collected, failures);
  describe(requests, metadata, listed, collected, failures);
  if (plan.last_stable) read_last_stable(requests, metadata, collected, failures);
  describe_producers(requests, metadata, plan, listed, collected, failures);
}

}  // namespace kafkascope::kafka
