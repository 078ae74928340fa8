#include "web/password_checker.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "web/password_hash.h"

using namespace kafkascope::web;
using Result = PasswordChecker::Result;

namespace {

using std::chrono::milliseconds;

/// Hashes are "hash of <password>".
bool matches(const std::string& password, const std::string& hash) { return "hash of " + password == hash; }

const Users kUsers{{"alice", "hash of a"}, {"bob", "hash of b"}};

PasswordChecker::Limits no_delay() {
  PasswordChecker::Limits limits;
  limits.delay = milliseconds(0);
  limits.delayed = 0;
  limits.patience = std::chrono::minutes(10);
  return limits;
}

/// Hash functions that block until they are released, one after the other.
class Gate {
 public:
  bool matches(const std::string& password, const std::string& hash) {
    std::unique_lock lock(mutex_);
    entered_.push_back(password);
    changed_.notify_all();
    changed_.wait(lock, [this] { return permits_ > 0; });
    --permits_;
    return ::matches(password, hash);
  }
  void release(int count) {
    const std::lock_guard lock(mutex_);
    permits_ += count;
    changed_.notify_all();
  }
  /// Waits until `count` hashes have begun, and returns the passwords in their order.
  std::vector<std::string> await(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return entered_.size() >= count; });
    return entered_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> entered_;
  int permits_ = 0;
};

/// A checker with a gate, and threads that call it.
struct Crowded {
  explicit Crowded(const PasswordChecker::Limits& limits)
      : checker([this](const std::string& password, const std::string& hash) { return gate.matches(password, hash); },
                limits) {}
  ~Crowded() {
    gate.release(1000);
    for (std::thread& thread : threads) thread.join();
  }

  void start(const std::string& user, const std::string& password) {
    threads.emplace_back([=, this] {
      const Result result = checker.check(kUsers, user, password);
      if (result == Result::kBusy) ++busy;
      if (result == Result::kAccepted) ++accepted;
      if (result == Result::kRejected) ++rejected;
    });
  }

  Gate gate;
  std::atomic<int> busy = 0, accepted = 0, rejected = 0;
  PasswordChecker checker;
  std::vector<std::thread> threads;
};

void await(const std::atomic<int>& number, int value) {
  while (number < value) std::this_thread::sleep_for(milliseconds(1));
}

}  // namespace

TEST_CASE("A right password is hashed once, until its user or hash changes") {
  PasswordChecker checker(matches, no_delay());
  Users users = kUsers;
  for (int i = 0; i < 10; ++i) CHECK(checker.check(users, "alice", "a") == Result::kAccepted);
  CHECK(checker.hashes() == 1);
  users["alice"] = "hash of c";
  CHECK(checker.check(users, "alice", "a") == Result::kRejected);
  users.erase("alice");
  CHECK(checker.check(users, "alice", "a") == Result::kRejected);
  users["alice"] = "hash of a";
  CHECK(checker.check(users, "alice", "a") == Result::kAccepted);
  CHECK(checker.hashes() == 3);
}

TEST_CASE("A wrong password is hashed once") {
  PasswordChecker checker(matches, no_delay());
  for (int i = 0; i < 10; ++i) CHECK(checker.check(kUsers, "alice", "b") == Result::kRejected);
  CHECK(checker.hashes() == 1);
}

TEST_CASE("A user that does not exist costs a hash, and is not accepted whatever its password") {
  std::vector<std::string> hashes;
  PasswordChecker checker(
      [&](const std::string&, const std::string& hash) {
        hashes.push_back(hash);
        return true;
      },
      no_delay());
  for (const char* name : {"", "carol", "Alice", "alice ", "dave", "erin", "frank", "grace", "heidi", "ivan"})
    CHECK(checker.check(kUsers, name, "a") == Result::kRejected);
  CHECK(hashes.size() == 10);
  for (const std::string& hash : hashes) CHECK((hash == kUsers.at("alice") || hash == kUsers.at("bob")));
}

TEST_CASE("A user that is added with the hash of another one is accepted") {
  PasswordChecker checker(matches, no_delay());
  const Users before{{"alice", "hash of a"}}, after{{"bob", "hash of a"}};
  CHECK(checker.check(before, "bob", "a") == Result::kRejected);
  CHECK(checker.check(after, "bob", "a") == Result::kAccepted);
  CHECK(checker.check(after, "alice", "a") == Result::kRejected);
}

// The class of CVE-2022-46146: parts of the cache's key that run into each other.
TEST_CASE("No choice of user and password is taken for another one that was accepted") {
  const std::string hash = "hash of a";
  const Users users{{"alice", hash}, {"ali", hash}, {"alice:" + hash, "hash of x"}, {"", "hash of y"}};
  PasswordChecker checker(matches, no_delay());
  REQUIRE(checker.check(users, "alice", "a") == Result::kAccepted);
  const std::vector<std::pair<std::string, std::string>> others{{"ali", "ce" + hash + "a"},
                                                                {"alice" + hash, "a"},
                                                                {"alice:" + hash, "a"},
                                                                {"alice:" + hash + ":a", ""},
                                                                {"", "alice" + hash + "a"},
                                                                {"alice", ""},
                                                                {"alice", "a "},
                                                                {"alice", std::string("a\0", 2)},
                                                                {"alic", "ea"},
                                                                {"alicea", ""},
                                                                {"616c696365", "61"},
                                                                {"known", "a"}};
  for (const auto& [user, password] : others) {
    CAPTURE(user, password);
    CHECK(checker.check(users, user, password) == Result::kRejected);
  }
  CHECK(checker.hashes() == 1 + others.size());
  // Other users whose name, hash and password have the same bytes when they are put together.
  CHECK(checker.check({{"al", "ice" + hash}}, "al", "a") == Result::kRejected);
  CHECK(checker.check({{"alice", "hash of "}}, "alice", "aa") == Result::kRejected);
  CHECK(checker.check({{"alice" + hash, ""}}, "alice" + hash, "a") == Result::kRejected);
}

TEST_CASE("Wrong passwords do not displace right ones") {
  PasswordChecker checker(matches, no_delay());
  REQUIRE(checker.check(kUsers, "alice", "a") == Result::kAccepted);
  for (int i = 0; i < 5000; ++i) checker.check(kUsers, "alice", "wrong " + std::to_string(i));
  const uint64_t before = checker.hashes();
  CHECK(checker.check(kUsers, "alice", "a") == Result::kAccepted);
  CHECK(checker.hashes() == before);
}

TEST_CASE("While a hundred connections guess, a known password needs no hash and a new one is next") {
  PasswordChecker::Limits limits = no_delay();
  limits.waiting = 200;
  Crowded crowd(limits);
  crowd.start("bob", "b");
  crowd.gate.await(1);
  crowd.gate.release(1);
  await(crowd.accepted, 1);

  for (int i = 0; i < 100; ++i) crowd.start("alice", "guess " + std::to_string(i));
  crowd.gate.await(2);  // the first of them is being hashed, and nothing is released
  CHECK(crowd.checker.check(kUsers, "bob", "b") == Result::kAccepted);
  CHECK(crowd.checker.hashes() == 2);

  while (crowd.checker.waiting() < 99) std::this_thread::sleep_for(milliseconds(1));
  crowd.start("alice", "a");
  while (crowd.checker.waiting() < 100) std::this_thread::sleep_for(milliseconds(1));
  crowd.gate.release(2);
  CHECK(crowd.gate.await(3).at(2) == "a");
  await(crowd.accepted, 2);
}

TEST_CASE("At most the permitted number of hashes is computed at the same time, and of requests that wait") {
  PasswordChecker::Limits limits = no_delay();
  limits.parallel = 2;
  limits.waiting = 5;
  Crowded crowd(limits);
  for (int i = 0; i < 20; ++i) crowd.start("alice", "guess " + std::to_string(i));
  await(crowd.busy, 13);
  CHECK(crowd.gate.await(2).size() == 2);
  CHECK(crowd.checker.waiting() == 5);
  crowd.gate.release(20);
  await(crowd.rejected, 7);
  CHECK(crowd.checker.hashes() == 7);
  CHECK(crowd.busy == 13);
}

TEST_CASE("A password that was refused for lack of time goes first when it is tried again, and is not refused again") {
  PasswordChecker::Limits limits = no_delay();
  limits.waiting = 2;
  Crowded crowd(limits);
  const auto await_waiting = [&](size_t count) {
    while (crowd.checker.waiting() < count) std::this_thread::sleep_for(milliseconds(1));
  };
  crowd.start("alice", "guess 1");
  crowd.gate.await(1);
  crowd.start("bob", "b");
  await_waiting(1);
  crowd.start("alice", "guess 2");
  await_waiting(2);
  crowd.start("alice", "guess 3");
  await(crowd.busy, 1);
  crowd.start("bob", "b");
  await(crowd.busy, 2);
  for (int i = 4; i < 14; ++i) {
    crowd.start("alice", "guess " + std::to_string(i));
    await(crowd.busy, i - 1);
  }
  crowd.gate.release(2);
  CHECK(crowd.gate.await(2).at(1) == "b");
  await(crowd.accepted, 1);
}

TEST_CASE("A request does not wait for a hash forever") {
  PasswordChecker::Limits limits = no_delay();
  limits.patience = milliseconds(1);
  Crowded crowd(limits);
  crowd.start("alice", "guess");
  crowd.gate.await(1);
  CHECK(crowd.checker.check(kUsers, "bob", "b") == Result::kBusy);
  CHECK(crowd.checker.waiting() == 0);
}

TEST_CASE("The same password on several connections is hashed once") {
  Crowded crowd(no_delay());
  for (int i = 0; i < 20; ++i) crowd.start("alice", "a");
  crowd.gate.await(1);
  crowd.gate.release(20);
  await(crowd.accepted, 20);
  CHECK(crowd.checker.hashes() == 1);
}

TEST_CASE("Responses to failures beyond a small number are delayed, until stop()") {
  PasswordChecker::Limits limits;
  limits.failures = 3;
  limits.delayed = 2;
  limits.delay = limits.window = std::chrono::hours(1);
  PasswordChecker checker(matches, limits);
  std::atomic<int> rejected = 0;
  const auto guess = [&] {
    if (checker.check(kUsers, "alice", "b") == Result::kRejected) ++rejected;
  };
  for (int i = 0; i < 3; ++i) guess();
  CHECK(rejected == 3);
  std::thread first(guess), second(guess);
  while (checker.delayed() < 2) std::this_thread::sleep_for(milliseconds(1));
  CHECK(rejected == 3);
  guess();  // more are not delayed
  CHECK(rejected == 4);
  CHECK(checker.check(kUsers, "alice", "a") == Result::kAccepted);
  checker.stop();
  first.join();
  second.join();
  CHECK(rejected == 6);
  CHECK(checker.check(kUsers, "bob", "b") == Result::kBusy);
}

TEST_CASE("A hash that takes long does not delay the end, and one that fails is not remembered") {
  const auto gate = std::make_shared<Gate>();  // outlives the checker
  PasswordChecker checker(
      [gate](const std::string& password, const std::string& hash) { return gate->matches(password, hash); },
      no_delay());
  std::atomic<bool> stopped = false;
  std::thread client([&] { stopped = checker.check(kUsers, "alice", "a") == Result::kBusy; });
  gate->await(1);
  checker.stop();
  client.join();
  CHECK(stopped);
  gate->release(1);

  int calls = 0;
  PasswordChecker failing(
      [&](const std::string&, const std::string&) -> bool {
        if (++calls == 1) throw std::bad_alloc();
        return true;
      },
      no_delay());
  CHECK(failing.check(kUsers, "alice", "a") == Result::kRejected);
  CHECK(failing.check(kUsers, "alice", "a") == Result::kAccepted);
}

TEST_CASE("Passwords are hashed with bcrypt") {
  // From other implementations: htpasswd, Python, the toolkit's documentation.
  CHECK(matches_hash("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  CHECK(matches_hash("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"));
  CHECK_FALSE(matches_hash("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  CHECK_FALSE(matches_hash(std::string("U*U\0x", 5), "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  CHECK_FALSE(matches_hash("x", ""));
  CHECK_FALSE(matches_hash("x", "*0"));
  CHECK_FALSE(matches_hash(std::string(1000, 'x'), "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}

TEST_CASE("New hashes have a random salt and the wanted cost") {
  const std::string one = hash_password("secret", 4), other = hash_password("secret", 4);
  CHECK(one != other);
  CHECK(one.starts_with("$2b$04$"));
  CHECK(matches_hash("secret", one));
  CHECK_FALSE(matches_hash("Secret", one));
  CHECK(matches_hash(std::string(72, 'x'), hash_password(std::string(72, 'x'), 4)));
  for (const std::string& bad : {std::string(), std::string(73, 'x'), std::string("a\0b", 3)})
    CHECK_THROWS_AS(hash_password(bad, 4), std::runtime_error);
}
