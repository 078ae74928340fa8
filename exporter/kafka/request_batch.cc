#include "kafka/request_batch.h"

#include <fmt/core.h>

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <utility>
#include <vector>

#include "kafka/raw_request.h"
#include "protocol/reader.h"

namespace kafkascope::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// The first request to a broker: with the response the connection is up and the broker's versions are known. Every
/// broker supports version 0, whose body is empty.
constexpr protocol::Api kApiVersions{18, "ApiVersions", 0, 0, 3};

/// Returns whether a request failed alone; all other codes mean that its connection did.
bool failed_alone(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE || code == RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
}

}  // namespace

/// A response, or why there is none.
struct RequestBatch::Response {
  uint64_t id;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string why;  ///< librdkafka's reason for a connection that failed, if it has one.
  std::string body;
};

/// Where librdkafka's threads put responses. It outlives the RequestBatch, because responses may be late.
struct RequestBatch::Mailbox {
  using Responses = std::list<Response>;
  struct Address {
    std::shared_ptr<Mailbox> mailbox;
    Responses response;  ///< The one to deliver, made in advance: delivering needs no memory but for the texts.
  };

  std::mutex mutex;
  std::condition_variable arrived;
  Responses responses;

  /// Called from C: must not throw. A response that cannot be delivered becomes a timeout.
  static void deliver(void* opaque, rd_kafka_resp_err_t error, const char* why, const void* body, size_t size) noexcept
      try {
    const std::unique_ptr<Address> to(static_cast<Address*>(opaque));
    Response& response = to->response.front();
    response.error = error;
    try {
      response.why = why;
      if (body) response.body.assign(static_cast<const char*>(body), size);
    } catch (const std::exception&) {
      response.error = RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
    }
    const std::lock_guard lock(to->mailbox->mutex);
    to->mailbox->responses.splice(to->mailbox->responses.end(), to->response);
    to->mailbox->arrived.notify_one();
  } catch (const std::exception&) {
  }

  Responses take(steady_clock::time_point until) {
    std::unique_lock lock(mutex);
    arrived.wait_until(lock, until, [this] { return !responses.empty(); });
    return std::exchange(responses, {});
  }
};

RequestBatch::RequestBatch(const Client& client, Deadline deadline, milliseconds timeout, std::function<bool()> stopped)
    : client_(client),
      deadline_(deadline),
      timeout_(timeout),
      stopped_(std::move(stopped)),
      mailbox_(std::make_shared<Mailbox>()) {}

RequestBatch::~RequestBatch() = default;

int RequestBatch::version(int32_t broker, const protocol::Api& api) const {
  return raw_version(client_.handle(), broker, api.key, api.min_version, api.max_version);
}

bool RequestBatch::takes_none(int32_t broker, const protocol::Api& api) const {
  return version(broker, api) == RAW_VERSION_NONE;
}

void RequestBatch::ask(Request request) {
  const int32_t id = request.broker;
  brokers_[id].waiting.push_back(std::move(request));
  send_waiting(id);
}

bool RequestBatch::ask_again(Request request) {
  const auto when = steady_clock::now() + kRetryDelay;
  if (when >= run_end_) return false;
  delayed_.emplace_back(when, std::move(request));
  return true;
}

void RequestBatch::send_delayed() {
  while (!delayed_.empty() && delayed_.front().first <= steady_clock::now()) {
    Request request = std::move(delayed_.front().second);
    delayed_.pop_front();
    ask(std::move(request));
  }
}

void RequestBatch::negotiate_versions(int32_t id) {
  if (lost_.contains(id) || steady_clock::now() >= deadline_) return;
  if (version(id, kApiVersions) == RAW_VERSION_NOT_KNOWN) send_negotiation(id);
}

void RequestBatch::send_negotiation(int32_t id) {
  Broker& broker = brokers_[id];
  if (broker.in_flight > 0) return;
  if (const auto refused = client_.login_error(id)) {
    mark_lost(id, *refused);
  } else if (broker.negotiations++ == kMaxNegotiations) {
    mark_lost(id, Error(model::Reason::kUnreachable, fmt::format("broker {} closes its connections", id)));
  } else {
    send({id, &kApiVersions, {}, {}, {}}, 0);
  }
}

void RequestBatch::send_waiting(int32_t id) {
  Broker& broker = brokers_[id];
  const auto next = [&] {
    Request request = std::move(broker.waiting.front());
    broker.waiting.pop_front();
    return request;
  };
  while (!broker.waiting.empty() && broker.in_flight < kRequestsInFlight) {
    if (const auto lost = lost_.find(id); lost != lost_.end()) {
      fail(next(), lost->second);
      continue;
    }
    if (steady_clock::now() >= deadline_) {  // the broker is not lost
      fail(next(), Error(model::Reason::kTimeout, "not sent: the deadline of the poll has passed"));
      continue;
    }
    const protocol::Api& api = *broker.waiting.front().api;
    const int version = this->version(id, api);
    if (version == RAW_VERSION_NOT_KNOWN) return send_negotiation(id);
    if (version == RAW_VERSION_NONE) {
      fail(next(), Error(model::Reason::kProtocol,
                         fmt::format("broker {} supports no version of {} that kafkascope supports", id, api.name)));
      continue;
    }
    send(next(), static_cast<int16_t>(version));
  }
}

void RequestBatch::send(Request request, int16_t version) {
  const int32_t id = request.broker;
  const protocol::Api& api = *request.api;
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - steady_clock::now());
  const auto timeout = std::max(std::min(left, timeout_), milliseconds(1));
  const std::string body = request.encode ? request.encode(version) : std::string();
  auto address = std::make_unique<Mailbox::Address>();
  address->mailbox = mailbox_;
  address->response.push_back({.id = next_, .why = {}, .body = {}});
  in_flight_.emplace(next_++, InFlight{std::move(request), version, steady_clock::now() + timeout + kTimeoutGrace});
  ++brokers_[id].in_flight;
  Mailbox::Address* const given = address.release();  // deliver() deletes it
  const auto error = raw_request(client_.handle(), id, api.key, version, api.flexible(version), body.data(),
                                 body.size(), static_cast<int>(timeout.count()), &Mailbox::deliver, given);
  if (error)
    Mailbox::deliver(given, error, "", nullptr, 0);  // read like any other, in run()
  else
    ++sent_[api.name];
}

void RequestBatch::fail(const Request& request, const Error& error) {
  if (request.failed) request.failed(error);
}

const Error& RequestBatch::mark_lost(int32_t id, const Error& error) {
  const Error& first = lost_.emplace(id, error).first->second;
  for (auto& request : std::exchange(brokers_[id].waiting, {})) fail(request, first);
  return first;
}

void RequestBatch::run(double share) {
  const auto now = steady_clock::now();
  try {
    run_end_ = now + std::chrono::duration_cast<steady_clock::duration>(share * (deadline_ - now));
    await_responses();
  } catch (...) {
    drop();
    throw;
  }
  if (!in_flight_.empty() || !delayed_.empty()) drop();  // stopped
}

void RequestBatch::drop() {
  in_flight_.clear();
  delayed_.clear();
  brokers_.clear();
}

void RequestBatch::await_responses() {
  while (!(in_flight_.empty() && delayed_.empty()) && !stopped_()) {
    auto until = std::min(steady_clock::now() + kStopCheckInterval, run_end_);
    if (!delayed_.empty()) until = std::min(until, delayed_.front().first);
    const auto responses = mailbox_->take(until);
    for (const auto& response : responses) receive(response);
    // A response that has arrived is no timeout, however late it is read.
    if (responses.empty()) mark_timed_out_lost(steady_clock::now());
    send_delayed();
  }
}

void RequestBatch::receive(const Response& response) {
  const auto node = in_flight_.extract(response.id);
  if (!node) return;
  const InFlight& sent = node.mapped();
  const int32_t id = sent.request.broker;
  const bool negotiation = sent.request.api == &kApiVersions;
  --brokers_[id].in_flight;
  if (!response.error) {
    answered_.insert(id);
    if (!negotiation) read_response(sent, response);
  } else if (negotiation || !failed_alone(response.error)) {
    fail(sent.request, mark_lost(id, client_.request_error(id, response.error, response.why)));
  } else {
    fail(sent.request, Error(response.error, fmt::format("broker {}: {}", id, sent.request.api->name)));
  }
  send_waiting(id);
}

void RequestBatch::read_response(const InFlight& sent, const Response& response) {
  const auto& [request, version, end] = sent;
  try {
    request.answered(version, response.body);
  } catch (const protocol::DecodeError& e) {
    fail(request, Error(model::Reason::kProtocol, fmt::format("broker {}: response to {} v{}: {}", request.broker,
                                                              request.api->name, version, e.what())));
  }
}

void RequestBatch::mark_timed_out_lost(steady_clock::time_point now) {
  std::vector<Request> silent;
  for (auto it = in_flight_.begin(); it != in_flight_.end();) {
    if (now < run_end_ && now < it->second.end) {
      ++it;
      continue;
    }
    --brokers_[it->second.request.broker].in_flight;
    silent.push_back(std::move(it->second.request));
    it = in_flight_.erase(it);
  }
  for (const Request& request : silent) {
    const int32_t id = request.broker;
    fail(request, mark_lost(id, client_.request_error(id, RD_KAFKA_RESP_ERR__TIMED_OUT, {})));
  }
}

}  // namespace kafkascope::kafka
