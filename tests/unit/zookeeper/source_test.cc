#include "zookeeper/source.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "zookeeper/connection.h"
#include "zookeeper/fake_zookeeper.h"

using namespace kafkascope;
using namespace kafkascope::zookeeper;
using namespace std::chrono_literals;
using model::Reason;
using model::ZooKeeperAnswer;
using std::chrono::steady_clock;
using Words = std::vector<std::string>;

namespace {

config::ZooKeeper ensemble(std::vector<std::string> servers) {
  config::ZooKeeper ensemble;
  ensemble.name = "main";
  ensemble.servers = std::move(servers);
  ensemble.polling.request_timeout = 5s;
  ensemble.polling.deadline = 10s;
  return ensemble;
}

ZooKeeperAnswer ask(const std::string& server, std::chrono::milliseconds timeout = 5s) {
  auto config = ensemble({server});
  config.polling.request_timeout = timeout;
  return Source(config).poll(steady_clock::now() + 10s).at(0);
}

/// The failure, if there are no values and exactly one.
model::Failure failure(const ZooKeeperAnswer& answer) {
  CHECK_FALSE(answer.values);
  REQUIRE(answer.failures.size() == 1);
  CHECK(answer.failures[0].what.starts_with(answer.host + ": "));
  return answer.failures[0];
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

/// A port that nobody listens on.
std::string closed() { return FakeZooKeeper(std::map<std::string, std::string>{}).address(); }

}  // namespace

TEST_CASE("Values come from mntr, on one connection") {
  FakeZooKeeper server({{"mntr", kMntr}});
  const auto answer = ask(server.address());
  CHECK(answer.host == server.address());
  CHECK(answer.answered);
  CHECK(answer.serving);
  REQUIRE(answer.values);
  CHECK(answer.values->state == "leader");
  CHECK(answer.failures.empty());
  CHECK(server.take_words() == Words{"mntr"});
}

TEST_CASE("A server that does not serve says so, and is not asked again") {
  FakeZooKeeper server({{"mntr", kNotServing}});
  const auto answer = ask(server.address());
  CHECK(answer.answered);
  CHECK_FALSE(answer.serving);
  CHECK(failure(answer).reason == Reason::kOther);
  CHECK(failure(answer).transient);
  CHECK(server.take_words() == Words{"mntr"});
}

TEST_CASE("Without mntr in the whitelist srvr is asked, and mntr tried again later") {
  FakeZooKeeper server({{"mntr", not_whitelisted("mntr")}, {"srvr", kSrvr}});
  Source source(ensemble({server.address()}));
  for (int poll = 0; poll < 2 * kMntrEvery; ++poll) {
    CAPTURE(poll);
    const auto answer = source.poll(steady_clock::now() + 10s).at(0);
    REQUIRE(answer.values);
    CHECK(answer.values->state == "follower");
    REQUIRE(answer.failures.size() == 1);  // the same in each poll, so that it is logged once
    CHECK(answer.failures[0].reason == Reason::kAuthorization);
    CHECK(contains(answer.failures[0].hint, "4lw.commands.whitelist"));
    CHECK(server.take_words() == (poll % kMntrEvery == 0 ? Words{"mntr", "srvr"} : Words{"srvr"}));
  }
}

TEST_CASE("After a server was gone it is asked for mntr again") {
  std::atomic<bool> gone = false;
  FakeZooKeeper server([&](int fd, const std::string& word, const auto&) {
    if (!gone) FakeZooKeeper::put(fd, word == "mntr" ? not_whitelisted(word) : kSrvr);
  });
  Source source(ensemble({server.address()}));
  const auto words = [&] {
    source.poll(steady_clock::now() + 10s);
    return server.take_words();
  };
  CHECK(words() == Words{"mntr", "srvr"});
  CHECK(words() == Words{"srvr"});
  gone = true;
  CHECK(words() == Words{"srvr"});
  gone = false;
  CHECK(words() == Words{"mntr", "srvr"});
}

TEST_CASE("With neither word in the whitelist the server has answered, but has no values") {
  FakeZooKeeper server({{"mntr", not_whitelisted("mntr")}, {"srvr", not_whitelisted("srvr")}});
  const auto answer = ask(server.address());
  CHECK(answer.answered);
  CHECK(answer.serving);
  CHECK(failure(answer).reason == Reason::kAuthorization);
}

TEST_CASE("A server that cannot be reached is named with the reason") {
  CHECK(failure(ask(closed())).reason == Reason::kUnreachable);
  CHECK(contains(failure(ask(closed())).what, "Connection refused"));
  const auto unknown = failure(ask("no-such-host.invalid:2181"));
  CHECK((unknown.reason == Reason::kUnreachable || unknown.reason == Reason::kTimeout));
}

TEST_CASE("Servers that lie cost their own values only") {
  using Handler = FakeZooKeeper::Handler;
  const auto answer_with = [](std::string text) -> Handler {
    return [text = std::move(text)](int fd, const auto&, const auto&) { FakeZooKeeper::put(fd, text); };
  };
  const struct {
    const char* name;
    Handler handler;
    Reason reason;
    const char* words;
  } cases[] = {
      {"no answer", answer_with(""), Reason::kProtocol, "without an answer"},
      {"HTTP", answer_with("HTTP/1.1 400 Bad Request\r\n\r\n"), Reason::kProtocol, "not one of ZooKeeper"},
      {"binary", answer_with(std::string(5000, '\0')), Reason::kProtocol, "not one of ZooKeeper"},
      {"cut off", answer_with("zk_server_state\tlead"), Reason::kProtocol, "not one of ZooKeeper"},
      {"huge", answer_with(kMntr + std::string(kMaxAnswerBytes, 'x')), Reason::kProtocol, "larger than 1 MiB"},
      {"endless",
       [](int fd, const auto&, const std::atomic<bool>& ended) {
         while (!ended && FakeZooKeeper::put(fd, kMntr)) continue;
       },
       Reason::kProtocol, "larger than 1 MiB"},
      {"trickle",
       [](int fd, const auto&, const std::atomic<bool>& ended) {
         while (!ended && FakeZooKeeper::put(fd, "x")) std::this_thread::sleep_for(5ms);
       },
       Reason::kTimeout, "no answer"},
      {"frozen",
       [](int, const auto&, const std::atomic<bool>& ended) {
         while (!ended) std::this_thread::sleep_for(5ms);
       },
       Reason::kTimeout, "no answer"},
  };
  FakeZooKeeper good({{"mntr", kMntr}});
  for (const auto& [name, handler, reason, words] : cases) {
    CAPTURE(name);
    FakeZooKeeper bad(handler);
    auto config = ensemble({bad.address(), good.address()});
    config.polling.request_timeout = reason == Reason::kTimeout ? 300ms : 20s;
    config.polling.deadline = 30s;
    const auto start = steady_clock::now();
    const auto answers = Source(config).poll(start + 30s);
    CHECK(steady_clock::now() - start < 15s);
    CHECK(failure(answers.at(0)).reason == reason);
    CHECK(contains(failure(answers.at(0)).what, words));
    CHECK_FALSE(answers.at(0).answered);
    CHECK(answers.at(1).values);
  }
}

TEST_CASE("Servers that are frozen are waited for at the same time, until the deadline") {
  std::atomic<int> waiting = 0;
  const FakeZooKeeper::Handler freeze = [&](int, const auto&, const std::atomic<bool>& ended) {
    ++waiting;
    while (!ended) std::this_thread::sleep_for(5ms);
  };
  FakeZooKeeper a(freeze), b(freeze), c(freeze);
  Source source(ensemble({a.address(), b.address(), c.address()}));
  const auto answers = source.poll(steady_clock::now() + 500ms);
  CHECK(waiting == 3);
  for (const auto& answer : answers) CHECK(failure(answer).reason == Reason::kTimeout);
}

TEST_CASE("A source that is stopped returns at once, now and later") {
  FakeZooKeeper frozen([](int, const auto&, const std::atomic<bool>& ended) {
    while (!ended) std::this_thread::sleep_for(5ms);
  });
  auto config = ensemble({frozen.address()});
  config.polling.request_timeout = 50s;
  config.polling.deadline = 100s;
  Source source(config);
  std::jthread stopper([&] {
    while (frozen.take_words().empty()) std::this_thread::sleep_for(5ms);
    source.stop();
  });
  const auto start = steady_clock::now();
  source.poll(start + 100s);
  source.poll(start + 100s);
  CHECK(steady_clock::now() - start < 25s);
}
