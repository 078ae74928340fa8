#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "kafka/await.h"
#include "kafka/mock_kafka.h"
#include "kafka/tls.h"
#include "protocol/consumer_group_describe.h"
#include "protocol/describe_groups.h"
#include "protocol/list_groups.h"
#include "protocol/list_offsets.h"
#include "protocol/list_partition_reassignments.h"
#include "protocol/metadata.h"
#include "protocol/offset_fetch.h"
#include "protocol/reader.h"
#include "protocol/streams_group_describe.h"
#include "protocol/writer.h"

namespace kafkascope::kafka {

/// Brokers on real sockets with the responses that a test sets. By themselves they respond to ApiVersions, Metadata,
/// ListPartitionReassignments, and ListOffsets of partitions that they lead. (librdkafka's mock knows no groups, and
/// its Metadata ends in a byte too many.)
class FakeKafka {
 public:
  /// Makes a response's body. Runs on its own thread, under a lock.
  using Answer = std::function<std::string(int16_t version, std::string_view body)>;

  struct Partition {
    int32_t leader = 1;
    int64_t start = 0, end = 0;
    std::vector<int32_t> replicas = {1}, in_sync = {1};
    std::vector<int64_t> times = {};       ///< Timestamps of its records, from `start` on.
    int64_t open = 0;                      ///< So many records at its end are of a transaction that is open.
    std::map<int32_t, int64_t> ends = {};  ///< Log ends of followers, by broker.
  };

  /// Brokers 1 to `brokers`; `topics` topics t0, t1… of two partitions each, led by broker 1.
  explicit FakeKafka(int brokers, int topics = 0) {
    for (int t = 0; t < topics; ++t) topics_["t" + std::to_string(t)].resize(2);
    for (const auto& api :
         {protocol::kListOffsets, protocol::kMetadata, protocol::kOffsetFetch, protocol::kListGroups,
          protocol::kDescribeGroups, protocol::kConsumerGroupDescribe, protocol::kListPartitionReassignments})
      apis_.emplace(api.key, api);
    for (int i = 0; i < brokers; ++i) {
      const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t size = sizeof(address);
      REQUIRE(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
      REQUIRE(listen(listener, 16) == 0);
      REQUIRE(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
      listeners_.push_back(listener);
      ports_.push_back(ntohs(address.sin_port));
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeKafka() {
    stop_ = true;
    thread_.join();
    for (const auto& connection : connections_) close(connection.socket);
    for (const int listener : listeners_)
      if (listener >= 0) close(listener);
  }
  FakeKafka(const FakeKafka&) = delete;
  FakeKafka& operator=(const FakeKafka&) = delete;

  /// Of a client that knows the first of the brokers.
  config::Cluster config() const { return cluster_at({address(1)}); }
  std::string address(int32_t broker) const {
    return "127.0.0.1:" + std::to_string(ports_.at(static_cast<size_t>(broker) - 1));
  }

  /// Sets a broker's response to a kind of request; without one it closes the connection, or does not list the kind.
  void on(int32_t broker, const protocol::Api& api, Answer answer) {
    const std::lock_guard lock(mutex_);
    answers_[{broker, api.key}] = std::move(answer);
    apis_.emplace(api.key, api);
  }
  /// The newest version of a request kind that the brokers take, for clients that connect from now on.
  void limit(const protocol::Api& api, int16_t version) {
    const std::lock_guard lock(mutex_);
    limits_[api.key] = version;
  }
  /// Connections are TLS from now on. The certificates, which expire at these times, have to be taken unverified.
  void use_tls(const std::vector<time_t>& expiries = {time(nullptr) + 3600}) {
    const std::lock_guard lock(mutex_);
    tls_ = make_tls_server(expiries);
  }
  /// Whatever the broker receives first on a connection, it sends these bytes, as they are, and closes it.
  void garble(int32_t broker, std::string bytes) {
    const std::lock_guard lock(mutex_);
    garbage_[broker] = std::move(bytes);
  }
  /// The broker closes the connections that it has; it accepts new ones.
  void drop_connections(int32_t broker) {
    const std::lock_guard lock(mutex_);
    dropping_.insert(broker);
  }
  /// The broker closes the connection on a request of this kind.
  void hang_up(int32_t broker, const protocol::Api& api) {
    const std::lock_guard lock(mutex_);
    answers_[{broker, api.key}] = [](int16_t, std::string_view) -> std::string { throw HangUp(); };
    apis_.emplace(api.key, api);
  }
  /// The broker gets to work on a request of this kind and never ends: what comes after it on its connection waits too.
  void hang(int32_t broker, const protocol::Api& api) { on(broker, api, {}); }
  /// The broker takes this long for each request, one after the other on each connection.
  void delay(int32_t broker, std::chrono::milliseconds time) {
    const std::lock_guard lock(mutex_);
    delays_[broker] = time;
  }
  /// The broker reads requests and does not respond, like one that is frozen.
  void freeze(int32_t broker) {
    const std::lock_guard lock(mutex_);
    frozen_[broker] = true;
  }
  /// The broker responds to later requests again; earlier ones are lost.
  void thaw(int32_t broker) {
    const std::lock_guard lock(mutex_);
    frozen_[broker] = false;
  }
  /// The broker is killed: connections are refused from now on.
  void kill(int32_t broker) {
    {
      const std::lock_guard lock(mutex_);
      dead_[broker] = true;
    }
    REQUIRE(await([&] {
      const std::lock_guard lock(mutex_);
      return listeners_[static_cast<size_t>(broker) - 1] < 0;
    }));
  }
  void set_topic(const std::string& name, std::vector<Partition> partitions) {
    const std::lock_guard lock(mutex_);
    topics_[name] = std::move(partitions);
  }
  /// Who controls the cluster, as the metadata says.
  void set_controller(int32_t broker) {
    const std::lock_guard lock(mutex_);
    controller_ = broker;
  }
  struct Features {
    std::map<std::string, int16_t> supported = {};  ///< Highest levels.
    std::map<std::string, int16_t> finalized = {};
    int64_t epoch = 1;
  };
  void set_features(int32_t broker, Features features) {
    const std::lock_guard lock(mutex_);
    features_[broker] = std::move(features);
  }
  /// The newest version of ApiVersions that the broker takes.
  void limit_api_versions(int32_t broker, int16_t version) {
    const std::lock_guard lock(mutex_);
    api_versions_[broker] = version;
  }
  /// Answers as to a client that may not describe topics.
  void hide_topics() {
    const std::lock_guard lock(mutex_);
    topics_hidden_ = true;
  }
  void delete_topic(const std::string& name) {
    const std::lock_guard lock(mutex_);
    topics_.erase(name);
  }
  /// How many requests of a kind the broker got.
  int got(int32_t broker, const protocol::Api& api) {
    const std::lock_guard lock(mutex_);
    return got_[{broker, api.key}];
  }

 private:
  struct HangUp {};
  struct Connection {
    int socket;
    int32_t broker;
    Stream stream;
    std::string bytes = {};
    bool hangs = false;
    std::optional<std::chrono::steady_clock::time_point> due = {};  ///< When the first of its requests is answered.
  };

  static constexpr int16_t kApiVersions = 18;

  void serve() {
    while (!stop_) {
      std::vector<pollfd> fds;
      for (const int listener : listeners_) fds.push_back({listener, POLLIN, 0});  // below 0: ignored
      for (const auto& connection : connections_) fds.push_back({connection.socket, POLLIN, 0});
      ::poll(fds.data(), fds.size(), 10);
      const std::lock_guard lock(mutex_);
      for (size_t c = connections_.size(); c-- > 0;) {  // backwards: some go
        const bool ready = fds[listeners_.size() + c].revents;
        Connection& connection = connections_[c];
        const bool kept = !dead_[connection.broker] && !dropping_.contains(connection.broker);
        if (kept && (!ready || read(connection)) && answer_all(connection)) continue;
        close(connection.socket);
        connections_.erase(connections_.begin() + static_cast<ptrdiff_t>(c));
      }
      dropping_.clear();
      for (size_t i = 0; i < listeners_.size(); ++i) {
        const auto broker = static_cast<int32_t>(i) + 1;
        if (dead_[broker]) {
          if (listeners_[i] >= 0) close(std::exchange(listeners_[i], -1));
        } else if (fds[i].revents) {
          accept_from(broker, listeners_[i]);
        }
      }
    }
  }

  void accept_from(int32_t broker, int listener) {
    const int socket = accept4(listener, nullptr, nullptr, tls_ ? SOCK_NONBLOCK : 0);
    connections_.push_back({socket, broker, Stream(socket, tls_.get())});
  }

  bool read(Connection& connection) {
    if (const auto garbage = garbage_.find(connection.broker); garbage != garbage_.end()) {
      char first[65536];
      if (recv(connection.socket, first, sizeof(first), 0) > 0)
        Stream(connection.socket, nullptr).send(garbage->second);
      return false;
    }
    return connection.stream.receive(connection.bytes);
  }

  bool answer_all(Connection& connection) {
    while (connection.bytes.size() >= 4) {
      const size_t size = 4 + static_cast<uint32_t>(number(connection.bytes, 0, 4));
      if (connection.bytes.size() < size) break;
      if (const auto delay = delays_[connection.broker]; delay.count() > 0) {
        const auto now = std::chrono::steady_clock::now();
        if (!connection.due) connection.due = now + delay;
        if (now < *connection.due) break;
        connection.due.reset();
      }
      const bool alive =
          frozen_[connection.broker] || connection.hangs || answer(connection, connection.bytes.substr(4, size - 4));
      if (!alive) return false;
      connection.bytes.erase(0, size);
    }
    return true;
  }

  bool answer(Connection& connection, const std::string& request) {
    const auto key = static_cast<int16_t>(number(request, 0, 2));
    const auto version = static_cast<int16_t>(number(request, 2, 2));
    const bool flexible = is_flexible(key, version);
    const auto client_id = static_cast<int16_t>(number(request, 8, 2));
    const size_t header = 10 + static_cast<size_t>(std::max<int16_t>(client_id, 0)) + (flexible ? 1 : 0);
    ++got_[{connection.broker, key}];
    const auto found = answers_.find({connection.broker, key});
    if (found != answers_.end() && !found->second) return connection.hangs = true;
    std::string body;
    if (found != answers_.end()) try {
        body = found->second(version, std::string_view(request).substr(header));
      } catch (const HangUp&) {
        return false;
      }
    else if (key == kApiVersions)
      body = api_versions(connection.broker, version);
    else if (key == protocol::kMetadata.key)
      body = metadata(version, request[header]);
    else if (key == protocol::kListOffsets.key)
      body = list_offsets(connection.broker, request.substr(header));
    else if (key == protocol::kListPartitionReassignments.key)
      body = protocol::Writer(true).int32(0).int16(0).null_string().array(0).tags().take();
    else
      return false;

    protocol::Writer out(false);
    const bool tags = flexible && key != kApiVersions;
    out.int32(static_cast<int32_t>(4 + (tags ? 1 : 0) + body.size()));
    out.int32(static_cast<int32_t>(number(request, 4, 4)));
    if (tags) out.int8(0);
    return connection.stream.send(out.take() + body);
  }

  bool is_flexible(int16_t key, int16_t version) {
    if (key == kApiVersions) return version >= 3;
    const auto api = apis_.find(key);
    return api != apis_.end() && api->second.flexible(version);
  }

  std::string api_versions(int32_t broker, int16_t version) {
    protocol::Writer out(version >= 3);
    const auto write = [&](int16_t key, int16_t min, int16_t max) { out.int16(key).int16(min).int16(max).tags(); };
    out.int16(0).array(apis_.size() + 1);
    for (const auto& [key, api] : apis_) {
      const int16_t max = limits_.contains(key) ? limits_[key] : api.max_version;
      write(key, std::min(api.min_version, max), max);
    }
    write(kApiVersions, 0, api_versions_.contains(broker) ? api_versions_[broker] : int16_t{4});
    if (version >= 1) out.int32(0);
    const auto features = features_.find(broker);
    if (version < 3 || features == features_.end()) return out.tags().take();
    const auto levels = [](const std::map<std::string, int16_t>& of, bool finalized) {
      protocol::Writer field(true);
      field.array(of.size());
      for (const auto& [name, level] : of)
        field.string(name).int16(finalized ? level : int16_t{1}).int16(finalized ? int16_t{1} : level).tags();
      return field.take();
    };
    const std::string fields[] = {levels(features->second.supported, false),
                                  protocol::Writer(true).int64(features->second.epoch).take(),
                                  levels(features->second.finalized, true)};
    out.int8(3);
    for (int8_t tag = 0; tag < 3; ++tag) {
      const std::string& field = fields[tag];
      REQUIRE(field.size() < 128);
      out.int8(tag).int8(static_cast<int8_t>(field.size()));
      for (const char c : field) out.int8(static_cast<int8_t>(c));
    }
    return out.take();
  }

  /// `names`: the first byte of a compact array; 0: all topics, 2: a single one, which does not exist.
  std::string metadata(int16_t version, char names) {
    const bool all_topics = names == 0 && !topics_hidden_;
    protocol::Writer out(true);
    out.int32(0).array(ports_.size());
    for (size_t i = 0; i < ports_.size(); ++i)
      out.int32(static_cast<int32_t>(i) + 1).string("127.0.0.1").int32(ports_[i]).null_string().tags();
    const auto brokers = [&](const std::vector<int32_t>& ids) {
      out.array(ids.size());
      for (const int32_t id : ids) out.int32(id);
    };
    out.string("fake").int32(controller_).array(names == 2 ? 1 : all_topics ? topics_.size() : 0);
    if (names == 2) {
      out.int16(topics_hidden_ ? RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
                               : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
      out.string("probe");
      if (version >= 10) out.int64(0).int64(0);
      out.boolean(false).array(0).int32(INT32_MIN).tags();
    }
    for (const auto& [name, partitions] : topics_) {
      if (!all_topics) break;
      out.int16(0).string(name);
      if (version >= 10) out.int64(7).int64(0);
      out.boolean(false).array(partitions.size());
      for (size_t i = 0; i < partitions.size(); ++i) {
        const size_t p = backwards_ ? partitions.size() - 1 - i : i;
        out.int16(0).int32(static_cast<int32_t>(p)).int32(partitions[p].leader).int32(0);
        brokers(partitions[p].replicas);
        brokers(partitions[p].in_sync);
        brokers({});
        out.tags();
      }
      out.int32(INT32_MIN).tags();
    }
    out.int32(INT32_MIN).tags();
    backwards_ = !backwards_;
    return out.take();
  }

  std::string list_offsets(int32_t broker, const std::string& request) {
    protocol::Reader in(request, true);
    protocol::Writer out(true);
    const bool any_replica = in.int32() == static_cast<int32_t>(protocol::Answering::kAnyReplica);
    const bool committed = in.boolean();
    const size_t topics = in.array();
    out.int32(0).array(topics);
    for (size_t t = 0; t < topics; ++t) {
      const std::string name(in.string());
      const size_t partitions = in.array();
      out.string(name).array(partitions);
      for (size_t n = 0; n < partitions; ++n) {
        const int32_t p = in.int32();
        in.int32();
        const int64_t when = in.int64();
        in.tags();
        const auto topic = topics_.find(name);
        out.int32(p);
        if (topic == topics_.end())
          out.int16(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART).int64(-1).int64(-1);
        else if (const auto& is = topic->second.at(static_cast<size_t>(p)); any_replica && is.ends.contains(broker))
          out.int16(0).int64(-1).int64(is.ends.at(broker));
        else if (is.leader != broker)
          out.int16(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION).int64(-1).int64(-1);
        else
          write_offset(is, when, committed, out);
        out.int32(0).tags();
      }
      in.tags();
      out.tags();
    }
    out.tags();
    return out.take();
  }

  static void write_offset(const Partition& is, int64_t when, bool committed, protocol::Writer& out) {
    out.int16(0);
    if (when == protocol::kNewestRecord) {
      const auto newest = std::max_element(is.times.begin(), is.times.end());
      const bool any = newest != is.times.end();
      out.int64(any ? *newest : -1).int64(any ? is.start + (newest - is.times.begin()) : -1);
    } else if (when == protocol::kEarliestOffset) {
      out.int64(-1).int64(is.start);
    } else if (when == protocol::kLatestOffset) {
      out.int64(-1).int64(is.end - (committed ? is.open : 0));
    } else {
      const auto first = std::find_if(is.times.begin(), is.times.end(), [=](int64_t time) { return time >= when; });
      const bool any = first != is.times.end();
      out.int64(any ? *first : -1).int64(any ? is.start + (first - is.times.begin()) : -1);
    }
  }

  static int64_t number(std::string_view bytes, size_t from, size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(from + i));
    return static_cast<int64_t>(value << (64 - 8 * size)) >> (64 - 8 * size);
  }

  std::unique_ptr<SSL_CTX, TlsDeleter> tls_;
  std::vector<int> listeners_;
  std::vector<int32_t> ports_;
  std::vector<Connection> connections_;  // of the serving thread
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::map<std::pair<int32_t, int16_t>, Answer> answers_;  // these are guarded by mutex_
  std::map<std::pair<int32_t, int16_t>, int> got_;
  std::map<int16_t, protocol::Api> apis_;  // that the brokers know
  std::map<int16_t, int16_t> limits_;
  std::map<int32_t, Features> features_;
  std::map<int32_t, int16_t> api_versions_;
  std::map<int32_t, bool> frozen_, dead_;
  std::map<int32_t, std::chrono::milliseconds> delays_;
  std::map<int32_t, std::string> garbage_;
  std::set<int32_t> dropping_;
  int32_t controller_ = 1;
  bool topics_hidden_ = false;
  bool backwards_ = false;  ///< Order of a topic's partitions in the next response: it must not matter.
  std::map<std::string, std::vector<Partition>> topics_;
  std::thread thread_;
};

// ------------------------------------------------------------------------------------------------ SASL/PLAIN

inline constexpr protocol::Api kSaslHandshake{17, "SaslHandshake", 1, 1, 99};
inline constexpr protocol::Api kSaslAuthenticate{36, "SaslAuthenticate", 0, 1, 2};

/// Offers SASL/PLAIN.
inline FakeKafka::Answer sasl_handshake() {
  return [](int16_t, std::string_view) { return protocol::Writer(false).int16(0).array(1).string("PLAIN").take(); };
}

/// Answers every login with this error of Kafka's; 0: accepts it.
inline FakeKafka::Answer login(int16_t error) {
  return [=](int16_t version, std::string_view) {
    protocol::Writer out(false);
    out.int16(error);
    error ? out.string("Authentication failed: Invalid username or password") : out.null_string();
    out.int32(0);  // no bytes
    if (version >= 1) out.int64(0);
    return out.take();
  };
}

/// Returns a configuration that logs in. Brokers 1 to `brokers` accept every login until on() changes that.
inline config::Cluster with_logins(FakeKafka& kafka, int32_t brokers) {
  for (int32_t id = 1; id <= brokers; ++id) {
    kafka.on(id, kSaslHandshake, sasl_handshake());
    kafka.on(id, kSaslAuthenticate, login(0));
  }
  config::Cluster cluster = kafka.config();
  cluster.properties = {{"security.protocol", "sasl_plaintext"},
                        {"sasl.mechanism", "PLAIN"},
                        {"sasl.username", "exporter"},
                        {"sasl.password", "secret"}};
  return cluster;
}

// ------------------------------------------------------------------------------------------------ bodies of responses

/// Answers the first request in one way, and those after it in another.
inline FakeKafka::Answer first(FakeKafka::Answer first, FakeKafka::Answer later) {
  return [first = std::move(first), later = std::move(later), answered = false](int16_t version,
                                                                                std::string_view body) mutable {
    return std::exchange(answered, true) ? later(version, body) : first(version, body);
  };
}

/// The same error for each requested partition.
inline FakeKafka::Answer offsets_fail(int16_t error) {
  return [=](int16_t, std::string_view body) {
    protocol::Reader in(body, true);
    protocol::Writer out(true);
    in.int32(), in.int8();
    const size_t topics = in.array();
    out.int32(0).array(topics);
    for (size_t t = 0; t < topics; ++t) {
      out.string(in.string());
      const size_t partitions = in.array();
      out.array(partitions);
      for (size_t n = 0; n < partitions; ++n) {
        out.int32(in.int32()).int16(error).int64(-1).int64(-1).int32(0).tags();
        in.int32(), in.int64(), in.tags();
      }
      in.tags();
      out.tags();
    }
    out.tags();
    return out.take();
  };
}

struct GroupIs {
  std::string id;
  std::string protocol_type = "consumer";
  std::string state = "Stable";
  std::string type = "classic";
  std::string protocol = "range";
  int16_t error = 0;
  std::vector<std::string> assignments = {};       ///< One a member: assignment() of what it owns.
  std::vector<std::string> members = {};           ///< Their ids, where they are not m0, m1…
  int32_t epoch = 1;                               ///< KIP-848, like the next two.
  std::vector<int32_t> member_epochs = {};         ///< Where they are not 1.
  std::vector<std::vector<int32_t>> targets = {};  ///< Partitions of t0 that each member is to have.

  std::string member(size_t i) const { return i < members.size() ? members[i] : "m" + std::to_string(i); }
};

/// The assignment of a member that owns nothing, where the coordinator itself assigns.
inline const std::string kIdle = "idle";

inline FakeKafka::Answer group_list(std::vector<GroupIs> groups, int16_t error = 0) {
  return [=](int16_t version, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).int16(error).array(groups.size());
    for (const auto& group : groups) {
      out.string(group.id).string(group.protocol_type);
      if (version >= 4) out.string(group.state);
      if (version >= 5) out.string(group.type);
      out.tags();
    }
    out.tags();
    return out.take();
  };
}

/// Partitions of one topic, as the consumer protocol's leader writes them.
inline std::string assignment(std::string_view topic, const std::vector<int32_t>& partitions) {
  protocol::Writer out(false);
  out.int16(0).array(1).string(topic).array(partitions.size());
  for (const int32_t p : partitions) out.int32(p);
  out.int32(-1);
  return out.take();
}

inline FakeKafka::Answer classic_descriptions(std::vector<GroupIs> groups) {
  return [=](int16_t version, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).array(groups.size());
    for (const auto& group : groups) {
      out.int16(group.error);
      if (version >= 6) out.null_string();
      out.string(group.id).string(group.state).string(group.protocol_type).string(group.protocol);
      out.array(group.assignments.size());
      for (size_t m = 0; m < group.assignments.size(); ++m)
        out.string(group.member(m))
            .null_string()
            .string("client")
            .string("/127.0.0.1")
            .string("")
            .string(group.assignments[m])
            .tags();
      out.int32(INT32_MIN).tags();
    }
    out.tags();
    return out.take();
  };
}

/// Each member owns, of the only subtopology, which reads t0, the task of partition `n`, n from 0.
inline FakeKafka::Answer streams_descriptions(std::vector<GroupIs> groups) {
  return [=](int16_t, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).array(groups.size());
    for (const auto& group : groups) {
      out.int16(group.error).null_string().string(group.id).string(group.state).int32(1).int32(1);
      out.int8(1).int32(1).array(1);  // the topology, its epoch
      out.string("0").array(1).string("t0").array(0).array(0).array(0).tags().tags();
      out.array(group.assignments.size());
      for (size_t m = 0; m < group.assignments.size(); ++m) {
        out.string(group.member(m)).int32(1).null_string().null_string().string("client").string("/127.0.0.1");
        out.int32(1).string("process").int8(-1).array(0).array(0).array(0);
        const bool owns = group.assignments[m] != kIdle;
        out.array(owns ? 1 : 0);
        if (owns) out.string("0").array(1).int32(static_cast<int32_t>(m)).tags();
        out.array(0).array(0).tags();
        out.array(0).array(0).array(0).tags();  // the target
        out.boolean(false).tags();
      }
      out.int32(INT32_MIN).tags();
    }
    out.tags();
    return out.take();
  };
}

/// Each member owns partition `n` of t0, n from 0, and its target is the same unless `targets` says otherwise.
inline FakeKafka::Answer consumer_descriptions(std::vector<GroupIs> groups) {
  return [=](int16_t version, std::string_view) {
    protocol::Writer out(true);
    const auto owns = [&](const std::vector<int32_t>& partitions) {
      out.array(partitions.empty() ? 0 : 1);
      if (!partitions.empty()) out.int64(7).int64(0).string("t0").array(partitions.size());
      for (const int32_t partition : partitions) out.int32(partition);
      if (!partitions.empty()) out.tags();
      out.tags();
    };
    out.int32(0).array(groups.size());
    for (const auto& group : groups) {
      out.int16(group.error).null_string().string(group.id).string(group.state).int32(group.epoch).int32(1);
      out.string(group.protocol).array(group.assignments.size());
      for (size_t m = 0; m < group.assignments.size(); ++m) {
        out.string(group.member(m))
            .null_string()
            .null_string()
            .int32(m < group.member_epochs.size() ? group.member_epochs[m] : 1)
            .string("client")
            .string("/127.0.0.1")
            .array(0)
            .null_string();
        std::vector<int32_t> owned;
        if (group.assignments[m] != kIdle) owned.push_back(static_cast<int32_t>(m));
        owns(owned);
        owns(m < group.targets.size() ? group.targets[m] : owned);
        if (version >= 1) out.int8(1);
        out.tags();
      }
      out.int32(INT32_MIN).tags();
    }
    out.tags();
    return out.take();
  };
}

struct CommitIs {
  std::string topic;
  int32_t partition;
  int64_t offset;
  int16_t error = 0;
};

struct CommitsAre {
  std::string group;
  std::vector<CommitIs> commits;
  int16_t error = 0;
};

/// Each commit comes as a topic of its own.
inline FakeKafka::Answer commits(std::vector<CommitsAre> groups) {
  return [=](int16_t version, std::string_view) {
    protocol::Writer out(true);
    const auto topics = [&](const CommitsAre& group) {
      out.array(group.commits.size());
      for (const auto& c : group.commits)
        out.string(c.topic)
            .array(1)
            .int32(c.partition)
            .int64(c.offset)
            .int32(0)
            .string("")
            .int16(c.error)
            .tags()
            .tags();
    };
    out.int32(0);
    if (version >= protocol::kOffsetFetchManyGroups) {
      out.array(groups.size());
      for (const auto& group : groups) {
        out.string(group.group);
        topics(group);
        out.int16(group.error).tags();
      }
    } else {
      topics(groups.front());
      out.int16(groups.front().error);
    }
    out.tags();
    return out.take();
  };
}

}  // namespace kafkascope::kafka
