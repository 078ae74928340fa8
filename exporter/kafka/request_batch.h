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
#include <utility>
#include <vector>

#include "kafka/client.h"
#include "kafka/error.h"
#include "kafka/limits.h"
#include "protocol/api.h"

namespace kafkascope::kafka {

/// Sends the questions of one poll to one cluster, in any order; they are answered while run() runs. A broker whose
/// connection fails, or which does not answer in time, is lost: it is not asked again in this poll, so that it costs
/// one timeout at most. Thread-safety: one thread, the poller's.
class RequestBatch {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  struct Request {
    int32_t broker;
    const protocol::Api* api;
    /// Makes the request's body in the version that the broker and we share.
    std::function<std::string(int16_t version)> encode;
    /// Gets the answer's body; may ask more. A protocol::DecodeError that it throws goes to `failed`.
    std::function<void(int16_t version, std::string_view body)> answered;
    std::function<void(const Error&)> failed;
  };

  /// `timeout`: of each request. `stopped`: returns whether the program ends; run() then returns at once.
  RequestBatch(const Client& client, Deadline deadline, std::chrono::milliseconds timeout,
               std::function<bool()> stopped);
  ~RequestBatch();
  RequestBatch(const RequestBatch&) = delete;
  RequestBatch& operator=(const RequestBatch&) = delete;

  /// Sets the end of the next phase of the poll.
  void set_deadline(Deadline deadline) { deadline_ = deadline; }

  void ask(Request question);

  /// Asks after kRetryDelay, within the current run(). Returns false if that ends sooner; nothing is asked then. To be
  /// called by `answered` after a transient error.
  bool ask_again(Request question);

  /// Makes sure that the broker's versions are known after run(), or the broker is lost, or the deadline has passed.
  void negotiate_versions(int32_t broker);

  /// Returns when every question, and those that answers led to, is answered or has failed. When it is stopped, or a
  /// function of a question throws, it drops all questions instead: none of their functions is called any more. A
  /// broker that has not answered all of its questions after `share` of the time left until the deadline is lost.
  void run(double share = 1);

  /// The highest version of a request kind that the broker takes, RAW_VERSION_NONE or RAW_VERSION_NOT_KNOWN.
  int version(int32_t broker, const protocol::Api& api) const;
  /// Whether the broker is known to take no version of it that we know.
  bool takes_none(int32_t broker, const protocol::Api& api) const;

  /// Brokers that answered anything, and those that are lost; a broker may answer first and be lost later.
  const std::set<int32_t>& answered() const { return answered_; }
  bool lost(int32_t broker) const { return lost_.contains(broker); }

  /// What was sent, by Kafka's name of the request kind.
  const std::map<std::string_view, uint64_t>& sent() const { return sent_; }

 private:
  struct Mailbox;
  struct Response;
  struct Broker {
    std::deque<Request> waiting;
    size_t in_flight = 0;
    int negotiations = 0;
  };
  struct InFlight {
    Request question;  ///< Without functions: negotiates versions.
    int16_t version;
    Deadline end;  ///< When the broker is lost without an answer, whatever librdkafka does with the request.
  };

  void send_waiting(int32_t id);
  void send_negotiation(int32_t id);
  void send(Request question, int16_t version);
  void receive(const Response& response);
  void read_answer(const InFlight& sent, const Response& response);
  void fail(const Request& question, const Error& error);
  /// Returns the first error that the broker was lost for.
  const Error& mark_lost(int32_t id, const Error& error);
  void await_answers();
  void ask_delayed();
  void mark_silent_lost(std::chrono::steady_clock::time_point now);
  void drop();

  const Client& client_;
  Deadline deadline_;
  const std::chrono::milliseconds timeout_;
  const std::function<bool()> stopped_;
  const std::shared_ptr<Mailbox> mailbox_;
  std::map<int32_t, Broker> brokers_;
  std::map<uint64_t, InFlight> in_flight_;
  Deadline run_end_;                                  ///< Of the current run().
  std::deque<std::pair<Deadline, Request>> delayed_;  ///< Sorted by when to ask, which is before run_end_.
  uint64_t next_ = 0;
  std::set<int32_t> answered_;
  std::map<int32_t, Error> lost_;
  std::map<std::string_view, uint64_t> sent_;
};

}  // namespace kafkascope::kafka
