#include "zookeeper/source.h"

#include <chrono>
#include <thread>
#include <utility>

#include "config/value.h"
#include "zookeeper/answers.h"
#include "zookeeper/connection.h"
#include "zookeeper/error.h"

namespace kafkascope::zookeeper {

using model::Failure;
using model::Reason;
using model::ZooKeeperAnswer;

namespace {

constexpr std::string_view kWhitelistHint = "add mntr to 4lw.commands.whitelist in the server's configuration";

Failure not_serving() {
  return {Reason::kOther, "does not serve requests", "it has no quorum, or is starting: see its log", true};
}

}  // namespace

struct Source::Server {
  explicit Server(const std::string& address)
      : address(address), host(config::host_of(address)), resolver(host, address.substr(address.rfind(':') + 1)) {}

  const std::string address;  ///< host:port
  const std::string host;     ///< Without brackets.
  Resolver resolver;
  int polls_without_mntr = 0;  ///< How many polls do not ask for mntr, because it was refused.
};

Source::Source(const config::ZooKeeper& ensemble) : timeout_(ensemble.polling.effective_request_timeout()) {
  if (ensemble.tls.enabled) tls_.emplace(ensemble.tls);
  for (const auto& address : ensemble.servers) servers_.push_back(std::make_unique<Server>(address));
}

Source::~Source() = default;

std::vector<ZooKeeperAnswer> Source::poll(model::Time deadline) {
  const Limits limits = Limits{deadline, stop_}.until(std::chrono::steady_clock::now() + timeout_);
  std::vector<ZooKeeperAnswer> answers(servers_.size());
  std::vector<std::jthread> threads;
  threads.reserve(servers_.size());
  for (size_t i = 0; i < servers_.size(); ++i) threads.emplace_back([&, i] { answers[i] = ask(*servers_[i], limits); });
  threads.clear();  // waits for them
  return answers;
}

ZooKeeperAnswer Source::ask(Server& server, const Limits& limits) const {
  ZooKeeperAnswer answer;
  answer.host = server.address;
  try {
    read_values(server, limits, answer);
  } catch (const Error& error) {
    server.polls_without_mntr = 0;  // it may be restarted with another whitelist
    answer.failures.push_back(error.failure());
  } catch (const std::exception& error) {  // such as no memory, or too many open files
    answer.failures.push_back({Reason::kOther, error.what()});
  }
  for (auto& failure : answer.failures) failure.what = server.address + ": " + failure.what;
  return answer;
}

void Source::read_values(Server& server, const Limits& limits, ZooKeeperAnswer& answer) const {
  const auto request = [&](std::string_view word) {
    std::string text = zookeeper::ask(server.host, server.resolver, tls_ ? &*tls_ : nullptr, word, limits);
    if (find_refusal(text) == Refusal::kNotServing) {
      answer.answered = true;
      answer.serving = false;
      answer.failures.push_back(not_serving());
    }
    return text;
  };
  const auto keep = [&](std::optional<model::ZooKeeperValues> values, std::string_view word) {
    if (!values) fail(Reason::kProtocol, "the answer to " + std::string(word) + " is not one of ZooKeeper");
    answer.answered = true;
    answer.values = std::move(values);
  };

  if (server.polls_without_mntr > 0) {
    --server.polls_without_mntr;
  } else {
    const std::string text = request("mntr");
    if (!answer.serving) return;
    if (find_refusal(text) != Refusal::kNotWhitelisted) return keep(parse_mntr(text), "mntr");
    server.polls_without_mntr = kMntrEvery - 1;
  }
  // ZooKeeper since 3.5 permits srvr whatever the whitelist is.
  const std::string text = request("srvr");
  if (!answer.serving) return;
  answer.answered = true;
  const bool none = find_refusal(text) == Refusal::kNotWhitelisted;
  answer.failures.push_back({Reason::kAuthorization,
                             none ? "neither mntr nor srvr is in the whitelist" : "mntr is not in the whitelist",
                             std::string(kWhitelistHint)});
  if (!none) keep(parse_srvr(text), "srvr");
}

}  // namespace kafkascope::zookeeper
