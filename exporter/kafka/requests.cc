#include "kafka/requests.h"

#include <fmt/core.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "kafka/raw_request.h"
#include "protocol/reader.h"

namespace kafkascope::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A broker answers one connection strictly in order: a few in flight hide the way there and back, more would only
/// queue.
constexpr size_t kInFlightPerBroker = 4;
constexpr milliseconds kStopCheck{100};

/// Asked of a broker that librdkafka has no connection to yet: when it is answered, the connection stands and the
/// versions that the broker takes are known. Every broker takes version 0, which has an empty body.
constexpr protocol::Api kApiVersions{18, "ApiVersions", 0, 0, 3};

/// The broker is silent or away: asking it more would cost a time-out each.
bool is_lost(rd_kafka_resp_err_t code) {
  return reason(code) == model::Reason::kUnreachable || reason(code) == model::Reason::kTimeout;
}

/// The same words whatever was asked, so that a broker that stays away is one change, not one a question.
Error no_answer(int32_t broker, rd_kafka_resp_err_t code) {
  if (reason(code) == model::Reason::kTimeout)
    code = RD_KAFKA_RESP_ERR__TIMED_OUT;  // in a queue of librdkafka's or after it
  return Error(code, fmt::format("broker {} does not answer", broker));
}

}  // namespace

/// Where librdkafka's threads put the answers. It outlives Requests: a late answer finds nobody waiting.
struct Requests::Mailbox {
  struct Letter {
    uint64_t id;
    rd_kafka_resp_err_t error;
    std::string body;
  };
  struct Address {
    std::shared_ptr<Mailbox> mailbox;
    uint64_t id;
  };

  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<Letter> letters;

  static void deliver(void* opaque, rd_kafka_resp_err_t error, const void* body, size_t size) {
    const std::unique_ptr<Address> to(static_cast<Address*>(opaque));
    const std::lock_guard lock(to->mailbox->mutex);
    to->mailbox->letters.push_back({to->id, error, std::string(static_cast<const char*>(body), body ? size : 0)});
    to->mailbox->arrived.notify_one();
  }

  std::vector<Letter> take(steady_clock::time_point until) {
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
  if (!lost_.contains(id) && version(id, kApiVersions) == RAW_VERSION_NOT_KNOWN) say_hello(id);
}

void Requests::say_hello(int32_t id) {
  if (brokers_[id].in_flight == 0) send(id, {id, &kApiVersions, {}, {}, {}}, 0, kApiVersions, true);
}

void Requests::pump(int32_t id) {
  Broker& broker = brokers_[id];
  while (!broker.waiting.empty() && broker.in_flight < kInFlightPerBroker) {
    const protocol::Api& api = *broker.waiting.front().api;
    if (const auto lost = lost_.find(id); lost != lost_.end()) {
      const Question question = std::move(broker.waiting.front());
      broker.waiting.pop_front();
      fail(question, lost->second);
      continue;
    }
    const int version = this->version(id, api);
    if (version == RAW_VERSION_NOT_KNOWN) return say_hello(id);
    Question question = std::move(broker.waiting.front());
    broker.waiting.pop_front();
    if (version == RAW_VERSION_NONE) {
      fail(question, Error(model::Reason::kProtocol,
                           fmt::format("broker {} takes no {} request of a version we know", id, api.name)));
      continue;
    }
    send(id, std::move(question), static_cast<int16_t>(version), api, false);
  }
}

void Requests::send(int32_t id, Question question, int16_t version, const protocol::Api& api, bool hello) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - steady_clock::now());
  const auto timeout = std::clamp(left, milliseconds(1), timeout_);
  const std::string body = hello ? std::string() : question.encode(version);
  auto address = std::make_unique<Mailbox::Address>(Mailbox::Address{mailbox_, next_});
  const auto error = raw_request(client_.handle(), id, api.key, version, api.flexible(version), body.data(),
                                 body.size(), static_cast<int>(timeout.count()), &Mailbox::deliver, address.get());
  if (!error) {
    address.release();
    ++sent_[api.name];
    ++brokers_[id].in_flight;
  }
  in_flight_.emplace(next_, InFlight{std::move(question), version, hello});
  if (error) {  // answered like any other, from run()
    ++brokers_[id].in_flight;
    Mailbox::deliver(address.release(), error, nullptr, 0);
  }
  ++next_;
}

void Requests::fail(const Question& question, const Error& error) {
  if (question.failed) question.failed(error);
}

void Requests::lose(int32_t id, const Error& error) {
  lost_.emplace(id, error);
  for (auto& question : std::exchange(brokers_[id].waiting, {})) fail(question, error);
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
    const auto letters = mailbox_->take(std::min(steady_clock::now() + kStopCheck, end));
    // What has arrived counts, however late it is read.
    if (letters.empty() && steady_clock::now() >= end) fail_all();
    for (const auto& letter : letters) {
      auto node = in_flight_.extract(letter.id);
      if (!node) continue;
      const auto& [question, version, hello] = node.mapped();
      const int32_t id = question.broker;
      --brokers_[id].in_flight;
      if (letter.error) {
        if (is_lost(letter.error)) {
          const Error error = no_answer(id, letter.error);
          lose(id, error);
          fail(question, error);
        } else {
          fail(question, Error(letter.error, fmt::format("broker {}: {}", id, question.api->name)));
        }
      } else {
        answered_.insert(id);
        if (!hello) try {
            question.answered(version, letter.body);
          } catch (const protocol::DecodeError& e) {
            fail(question, Error(model::Reason::kProtocol, fmt::format("broker {}: answer to {} v{}: {}", id,
                                                                       question.api->name, version, e.what())));
          }
      }
      pump(id);
    }
  }
}

void Requests::fail_all() {
  for (auto& [number, sent] : std::exchange(in_flight_, {})) {
    const int32_t id = sent.question.broker;
    --brokers_[id].in_flight;
    const Error error = no_answer(id, RD_KAFKA_RESP_ERR__TIMED_OUT);
    lose(id, error);
    fail(sent.question, error);
  }
}

}  // namespace kafkascope::kafka
