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

/// Sends the requests of one poll to the brokers of a cluster and passes on the responses, both during run(). A broker
/// whose connection fails, or which does not respond in time, is lost: it gets no further request in this poll, so that
/// it costs one timeout at most. Thread-safety: one thread, the poller's.
class RequestBatch {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  struct Request {
    int32_t broker;
    const protocol::Api* api;
    /// Encodes the body in the highest version that both the broker and kafkascope support.
    std::function<std::string(int16_t version)> encode;
    /// Decodes the body of the response; may add requests. A protocol::DecodeError that it throws goes to `failed`.
    std::function<void(int16_t version, std::string_view body)> answered;
    std::function<void(const Error&)> failed;
  };

  /// `timeout`: of each request. `stopped`: returns whether the program is shutting down; run() then returns at once.
  RequestBatch(const Client& client, Deadline deadline, std::chrono::milliseconds timeout,
               std::function<bool()> stopped);
  ~RequestBatch();
  RequestBatch(const RequestBatch&) = delete;
  RequestBatch& operator=(const RequestBatch&) = delete;

  /// Sets the end of the next phase of the poll.
  void set_deadline(Deadline deadline) { deadline_ = deadline; }

  void ask(Request request);

  /// Sends the request after kRetryDelay, within the current run(). Returns false, and sends nothing, if that ends
  /// sooner. To be called by `answered` after a transient error.
  bool ask_again(Request request);

  /// After run() the broker's versions are known, or the broker is lost, or the deadline has passed.
  void negotiate_versions(int32_t broker);

  /// Returns when each request, also those added by `answered`, has got its response or has failed. A broker that has
  /// not responded to all of its requests after `share` of the time left until the deadline is lost. When stopped, or
  /// if a function of a request throws, all requests are dropped: none of their functions is called any more.
  void run(double share = 1);

  /// Returns the highest version of the API that the broker supports, RAW_VERSION_NONE or RAW_VERSION_NOT_KNOWN.
  int version(int32_t broker, const protocol::Api& api) const;
  /// Returns whether the broker is known to support no version of the API that kafkascope supports.
  bool takes_none(int32_t broker, const protocol::Api& api) const;

  /// Returns the brokers that responded to any request. They may have been lost later.
  const std::set<int32_t>& answered() const { return answered_; }
  bool lost(int32_t broker) const { return lost_.contains(broker); }

  /// Returns the number of requests sent, by Kafka's name of the API.
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
    Request request;  ///< Without functions: negotiates versions.
    int16_t version;
    Deadline end;  ///< When the broker is lost without a response, whatever librdkafka does with the request.
  };

  void send_waiting(int32_t id);
  void send_negotiation(int32_t id);
  void send(Request request, int16_t version);
  void receive(const Response& response);
  void read_response(const InFlight& sent, const Response& response);
  void fail(const Request& request, const Error& error);
  /// Returns the error for which the broker was lost first.
  const Error& mark_lost(int32_t id, const Error& error);
  void await_responses();
  void send_delayed();
  void mark_timed_out_lost(std::chrono::steady_clock::time_point now);
  void drop();

  const Client& client_;
  Deadline deadline_;
  const std::chrono::milliseconds timeout_;
  const std::function<bool()> stopped_;
  const std::shared_ptr<Mailbox> mailbox_;
  std::map<int32_t, Broker> brokers_;
  std::map<uint64_t, InFlight> in_flight_;
  Deadline run_end_;                                  ///< Of the current run().
  std::deque<std::pair<Deadline, Request>> delayed_;  ///< Sorted by the time to send it, before run_end_.
  uint64_t next_ = 0;
  std::set<int32_t> answered_;
  std::map<int32_t, Error> lost_;
  std::map<std::string_view, uint64_t> sent_;
};

}  // namespace kafkascope::kafka
