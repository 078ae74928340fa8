#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client.h"
#include "kafka/error.h"
#include "protocol/api.h"

namespace kafkascope::kafka {

/// The questions of one poll to one cluster, and their answers: asked in any order, answered while run() runs.
/// A broker that fails once by being silent or gone is not asked again in this poll, so it costs one time-out at the
/// most. Thread-safety: one thread, the poller's.
class Requests {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  struct Question {
    int32_t broker;
    const protocol::Api* api;
    /// Makes the request's body in the version that the broker and we share.
    std::function<std::string(int16_t version)> encode;
    /// Gets the answer's body; may ask more. A protocol::DecodeError that it throws goes to `failed`.
    std::function<void(int16_t version, std::string_view body)> answered;
    std::function<void(const Error&)> failed;
  };

  /// `stopped`: says that the program ends, whereupon run() returns at once.
  Requests(const Client& client, Deadline deadline, std::chrono::milliseconds timeout, std::function<bool()> stopped);
  ~Requests();
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;

  /// Sets the end of the next phase of the poll.
  void set_deadline(Deadline deadline) { deadline_ = deadline; }

  void ask(Question question);

  /// Has a connection made to a broker that has none, so that its versions are known after run(), or the broker is
  /// lost.
  void greet(int32_t broker);

  /// Returns when every question, and what the answers led to, is answered or has failed. When it is stopped, or what a
  /// question calls throws, it drops all questions instead: none of their functions is called any more. A broker that
  /// has not answered all of its questions after `share` of the time that is left until the deadline is lost.
  void run(double share = 1);

  /// The highest version of a request kind that the broker takes, RAW_VERSION_NONE or RAW_VERSION_NOT_KNOWN.
  int version(int32_t broker, const protocol::Api& api) const;
  /// Whether the broker is known to take no version of it that we know.
  bool takes_none(int32_t broker, const protocol::Api& api) const;

  /// Brokers that answered anything, and those that failed by silence or absence; a broker may do one and then the
  /// other.
  const std::set<int32_t>& answered() const { return answered_; }
  bool lost(int32_t broker) const { return lost_.contains(broker); }

  /// What was sent, by Kafka's name of the request kind.
  const std::map<std::string_view, uint64_t>& sent() const { return sent_; }

 private:
  struct Mailbox;
  struct Broker {
    std::deque<Question> waiting;
    size_t in_flight = 0;
  };

  void pump(int32_t id);
  void say_hello(int32_t id);
  void send(int32_t id, Question question, int16_t version, const protocol::Api& api, bool hello);
  void fail(const Question& question, const Error& error);
  void lose(int32_t id, const Error& error);
  void await_answers(Deadline end);
  void fail_all();
  void drop();

  struct InFlight {
    Question question;
    int16_t version;
    bool hello;
  };

  const Client& client_;
  Deadline deadline_;
  const std::chrono::milliseconds timeout_;
  const std::function<bool()> stopped_;
  const std::shared_ptr<Mailbox> mailbox_;
  std::map<int32_t, Broker> brokers_;
  std::map<uint64_t, InFlight> in_flight_;
  uint64_t next_ = 0;
  std::set<int32_t> answered_;
  std::map<int32_t, Error> lost_;
  std::map<std::string_view, uint64_t> sent_;
};

}  // namespace kafkascope::kafka
