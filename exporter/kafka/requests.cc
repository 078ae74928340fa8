#include "kafka/requests.h"

#include <fmt/core.h>

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <utility>

#include "kafka/raw_request.h"
#include "protocol/reader.h"

namespace kafkascope::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Asked of a broker that librdkafka has no connection to yet: once it is answered, the connection is up and the
/// broker's versions are known. Every broker takes version 0, which has an empty body.
constexpr protocol::Api kApiVersions{18, "ApiVersions", 0, 0, 3};

/// Returns whether a request failed alone; all other codes mean that its connection did.
bool failed_alone(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE || code == RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
}

}  // namespace

/// An answer, or the lack of one.
struct Requests::Letter {
  uint64_t id;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string why;  ///< librdkafka's reason for a connection that failed, if it has one.
  std::string body;
};

/// Where librdkafka's threads put the answers. It outlives Requests: a late answer finds nobody waiting.
struct Requests::Mailbox {
  using Letters = std::list<Letter>;
  struct Address {
    std::shared_ptr<Mailbox> mailbox;
    Letters letter;  ///< The one to deliver, made in advance: delivering needs no memory but for the texts.
  };

  std::mutex mutex;
  std::condition_variable arrived;
  Letters letters;

  /// Called from C: must not throw. A letter that cannot be delivered is a timeout.
  static void deliver(void* opaque, rd_kafka_resp_err_t error, const char* why, const void* body, size_t size) noexcept
      try {
    const std::unique_ptr<Address> to(static_cast<Address*>(opaque));
    Letter& letter = to->letter.front();
    letter.error = error;
    try {
      letter.why = why;
      if (body) letter.body.assign(static_cast<const char*>(body), size);
    } catch (const std::exception&) {
      letter.error = RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
    }
    const std::lock_guard lock(to->mailbox->mutex);
    to->mailbox->letters.splice(to->mailbox->letters.end(), to->letter);
    to->mailbox->arrived.notify_one();
  } catch (const std::exception&) {
  }

  Letters take(steady_clock::time_point until) {
    std::unique_lock lock(mutex);
    arrived.wait_until(lock, until, [this] { return !letters.empty(); });
    return std::exchange(letters, {});
  }
};

Requests::Requests(const Client& client, Deadline deadline, milliseconds timeout, std::function<bool()> stopped)
    : client_(client),
      deadline_(deadline),
      timeout_(timeout),
      stopped_(std::move(stopped)),
      mailbox_(std::make_shared<Mailbox>()) {}

Requests::~Requests() = default;

int Requests::version(int32_t broker, const protocol::Api& api) const {
  return raw_version(client_.handle(), broker, api.key, api.min_version, api.max_version);
}

bool Requests::takes_none(int32_t broker, const protocol::Api& api) const {
  return version(broker, api) == RAW_VERSION_NONE;
}

void Requests::ask(Question question) {
  const int32_t id = question.broker;
  brokers_[id].waiting.push_back(std::move(question));
  pump(id);
}

void Requests::greet(int32_t id) {
  if (lost_.contains(id) || steady_clock::now() >= deadline_) return;
  if (version(id, kApiVersions) == RAW_VERSION_NOT_KNOWN) negotiate_versions(id);
}

void Requests::negotiate_versions(int32_t id) {
  Broker& broker = brokers_[id];
  if (broker.in_flight > 0) return;
  if (const auto refused = client_.login_error(id)) {
    lose(id, *refused);
  } else if (broker.negotiations++ == kMaxNegotiations) {
    lose(id, Error(model::Reason::kUnreachable, fmt::format("broker {} closes its connections", id)));
  } else {
    send({id, &kApiVersions, {}, {}, {}}, 0);
  }
}

void Requests::pump(int32_t id) {
  Broker& broker = brokers_[id];
  const auto next = [&] {
    Question question = std::move(broker.waiting.front());
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
    if (version == RAW_VERSION_NOT_KNOWN) return negotiate_versions(id);
    if (version == RAW_VERSION_NONE) {
      fail(next(), Error(model::Reason::kProtocol,
                         fmt::format("broker {} takes no {} request of a version we know", id, api.name)));
      continue;
    }
    send(next(), static_cast<int16_t>(version));
  }
}

void Requests::send(Question question, int16_t version) {
  const int32_t id = question.broker;
  const protocol::Api& api = *question.api;
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - steady_clock::now());
  const auto timeout = std::max(std::min(left, timeout_), milliseconds(1));
  const std::string body = question.encode ? question.encode(version) : std::string();
  auto address = std::make_unique<Mailbox::Address>();
  address->mailbox = mailbox_;
  address->letter.push_back({.id = next_, .why = {}, .body = {}});
  in_flight_.emplace(next_++, InFlight{std::move(question), version});
  ++brokers_[id].in_flight;
  Mailbox::Address* const given = address.release();  // deliver() deletes it
  const auto error = raw_request(client_.handle(), id, api.key, version, api.flexible(version), body.data(),
                                 body.size(), static_cast<int>(timeout.count()), &Mailbox::deliver, given);
  if (error)
    Mailbox::deliver(given, error, "", nullptr, 0);  // read like any other, in run()
  else
    ++sent_[api.name];
}

void Requests::fail(const Question& question, const Error& error) {
  if (question.failed) question.failed(error);
}

const Error& Requests::lose(int32_t id, const Error& error) {
  const Error& first = lost_.emplace(id, error).first->second;
  for (auto& question : std::exchange(brokers_[id].waiting, {})) fail(question, first);
  return first;
}

void Requests::run(double share) {
  const auto now = steady_clock::now();
  try {
    await_answers(now + std::chrono::duration_cast<steady_clock::duration>(share * (deadline_ - now)));
  } catch (...) {
    drop();
    throw;
  }
  if (!in_flight_.empty()) drop();  // stopped
}

void Requests::drop() {
  in_flight_.clear();
  brokers_.clear();
}

void Requests::await_answers(Deadline end) {
  while (!in_flight_.empty() && !stopped_()) {
    const auto letters = mailbox_->take(std::min(steady_clock::now() + kStopCheckInterval, end));
    for (const auto& letter : letters) receive(letter);
    // What has arrived counts, however late it is read.
    if (letters.empty() && steady_clock::now() >= end) lose_silent();
  }
}

void Requests::receive(const Letter& letter) {
  const auto node = in_flight_.extract(letter.id);
  if (!node) return;
  const InFlight& sent = node.mapped();
  const int32_t id = sent.question.broker;
  const bool negotiation = sent.question.api == &kApiVersions;
  --brokers_[id].in_flight;
  if (!letter.error) {
    answered_.insert(id);
    if (!negotiation) read_answer(sent, letter);
  } else if (negotiation || !failed_alone(letter.error)) {
    fail(sent.question, lose(id, client_.request_error(id, letter.error, letter.why)));
  } else {
    fail(sent.question, Error(letter.error, fmt::format("broker {}: {}", id, sent.question.api->name)));
  }
  pump(id);
}

void Requests::read_answer(const InFlight& sent, const Letter& letter) {
  const auto& [question, version] = sent;
  try {
    question.answered(version, letter.body);
  } catch (const protocol::DecodeError& e) {
    fail(question, Error(model::Reason::kProtocol, fmt::format("broker {}: answer to {} v{}: {}", question.broker,
                                                               question.api->name, version, e.what())));
  }
}

void Requests::lose_silent() {
  for (auto& [number, sent] : std::exchange(in_flight_, {})) {
    const int32_t id = sent.question.broker;
    --brokers_[id].in_flight;
    fail(sent.question, lose(id, client_.request_error(id, RD_KAFKA_RESP_ERR__TIMED_OUT, {})));
  }
}

}  // namespace kafkascope::kafka
