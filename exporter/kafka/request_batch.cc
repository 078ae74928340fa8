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

/// ReadState of a broker that librdkafka has no connection to yet: once it is answered, the connection is up and the
/// broker's versions are known. Every broker takes version 0, which has an empty body.
constexpr protocol::Api kApiVersions{18, "ApiVersions", 0, 0, 3};

/// Returns whether a request failed alone; all other codes mean that its connection did.
bool failed_alone(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE || code == RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
}

}  // namespace

/// An answer, or the lack of one.
struct RequestBatch::Response {
  uint64_t id;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string why;  ///< librdkafka's reason for a connection that failed, if it has one.
  std::string body;
};

/// Where librdkafka's threads put the answers. It outlives Requests: a late answer finds nobody waiting.
struct RequestBatch::Mailbox {
  using Responses = std::list<Response>;
  struct Address {
    std::shared_ptr<Mailbox> mailbox;
    Responses response;  ///< The one to deliver, made in advance: delivering needs no memory but for the texts.
  };

  std::mutex mutex;
  std::condition_variable arrived;
  Responses responses;

  /// Called from C: must not throw. A letter that cannot be delivered is a timeout.
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

void RequestBatch::ask(Request question) {
  const int32_t id = question.broker;
  brokers_[id].waiting.push_back(std::move(question));
  send_waiting(id);
}

bool RequestBatch::ask_again(Request question) {
  const auto when = steady_clock::now() + kRetryDelay;
  if (when >= run_end_) return false;
  delayed_.emplace_back(when, std::move(question));
  return true;
}

void RequestBatch::ask_delayed() {
  while (!delayed_.empty() && delayed_.front().first <= steady_clock::now()) {
    Request question = std::move(delayed_.front().second);
    delayed_.pop_front();
    ask(std::move(question));
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
    Request question = std::move(broker.waiting.front());
    broker.waiting.pop_front();
    return question;
  };
  while (!broker.waiting.empty() && broker.in_flight < kRequestsInFlight) {
    if (const auto lost = lost_.find(id); lost != lost_.end()) {
      fail(next(), lost->second);
      continue;
    }
    if (steady_clock::now() >= deadline_) {  // no fault of the broker's
      fail(next(), Error(model::Reason::kTimeout, "not asked: the deadline of the poll has passed"));
      continue;
    }
    const protocol::Api& api = *broker.waiting.front().api;
    const int version = this->version(id, api);
    if (version == RAW_VERSION_NOT_KNOWN) return send_negotiation(id);
    if (version == RAW_VERSION_NONE) {
      fail(next(), Error(model::Reason::kProtocol,
                         fmt::format("broker {} takes no {} request of a version we know", id, api.name)));
      continue;
    }
    send(next(), static_cast<int16_t>(version));
  }
}

void RequestBatch::send(Request question, int16_t version) {
  const int32_t id = question.broker;
  const protocol::Api& api = *question.api;
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - steady_clock::now());
  const auto timeout = std::max(std::min(left, timeout_), milliseconds(1));
  const std::string body = question.encode ? question.encode(version) : std::string();
  auto address = std::make_unique<Mailbox::Address>();
  address->mailbox = mailbox_;
  address->response.push_back({.id = next_, .why = {}, .body = {}});
  in_flight_.emplace(next_++, InFlight{std::move(question), version, steady_clock::now() + timeout + kTimeoutGrace});
  ++brokers_[id].in_flight;
  Mailbox::Address* const given = address.release();  // deliver() deletes it
  const auto error = raw_request(client_.handle(), id, api.key, version, api.flexible(version), body.data(),
                                 body.size(), static_cast<int>(timeout.count()), &Mailbox::deliver, given);
  if (error)
    Mailbox::deliver(given, error, "", nullptr, 0);  // read like any other, in run()
  else
    ++sent_[api.name];
}

void RequestBatch::fail(const Request& question, const Error& error) {
  if (question.failed) question.failed(error);
}

const Error& RequestBatch::mark_lost(int32_t id, const Error& error) {
  const Error& first = lost_.emplace(id, error).first->second;
  for (auto& question : std::exchange(brokers_[id].waiting, {})) fail(question, first);
  return first;
}

void RequestBatch::run(double share) {
  const auto now = steady_clock::now();
  try {
    run_end_ = now + std::chrono::duration_cast<steady_clock::duration>(share * (deadline_ - now));
    await_answers();
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

void RequestBatch::await_answers() {
  while (!(in_flight_.empty() && delayed_.empty()) && !stopped_()) {
    auto until = std::min(steady_clock::now() + kStopCheckInterval, run_end_);
    if (!delayed_.empty()) until = std::min(until, delayed_.front().first);
    const auto responses = mailbox_->take(until);
    for (const auto& response : responses) receive(response);
    // What has arrived counts, however late it is read.
    if (responses.empty()) mark_silent_lost(steady_clock::now());
    ask_delayed();
  }
}

void RequestBatch::receive(const Response& response) {
  const auto node = in_flight_.extract(response.id);
  if (!node) return;
  const InFlight& sent = node.mapped();
  const int32_t id = sent.question.broker;
  const bool negotiation = sent.question.api == &kApiVersions;
  --brokers_[id].in_flight;
  if (!response.error) {
    answered_.insert(id);
    if (!negotiation) read_answer(sent, response);
  } else if (negotiation || !failed_alone(response.error)) {
    fail(sent.question, mark_lost(id, client_.request_error(id, response.error, response.why)));
  } else {
    fail(sent.question, Error(response.error, fmt::format("broker {}: {}", id, sent.question.api->name)));
  }
  send_waiting(id);
}

void RequestBatch::read_answer(const InFlight& sent, const Response& response) {
  const auto& [question, version, end] = sent;
  try {
    question.answered(version, response.body);
  } catch (const protocol::DecodeError& e) {
    fail(question, Error(model::Reason::kProtocol, fmt::format("broker {}: answer to {} v{}: {}", question.broker,
                                                               question.api->name, version, e.what())));
  }
}

void RequestBatch::mark_silent_lost(steady_clock::time_point now) {
  std::vector<Request> silent;
  for (auto it = in_flight_.begin(); it != in_flight_.end();) {
    if (now < run_end_ && now < it->second.end) {
      ++it;
      continue;
    }
    --brokers_[it->second.question.broker].in_flight;
    silent.push_back(std::move(it->second.question));
    it = in_flight_.erase(it);
  }
  for (const Request& question : silent) {
    const int32_t id = question.broker;
    fail(question, mark_lost(id, client_.request_error(id, RD_KAFKA_RESP_ERR__TIMED_OUT, {})));
  }
}

}  // namespace kafkascope::kafka
