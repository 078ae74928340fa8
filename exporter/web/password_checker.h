#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace kafkascope::web {

/// User name to bcrypt hash.
using Users = std::map<std::string, std::string, std::less<>>;

/// Verifies passwords at a bounded cost. bcrypt takes a tenth of a second of CPU, so that anybody who may connect could
/// keep the machine busy:
///
/// - A password that was right is remembered, by a keyed digest of user, hash and password, and not hashed again. Only
///   right passwords get there, so that wrong ones cannot displace them.
/// - Few hashes are computed at the same time. A password that was refused for lack of time and is tried again goes
///   first: a scraper repeats its password, a guesser does not. Otherwise the newest request goes first: guessers that
///   wait for each answer before they guess again do not delay a client that has just arrived.
/// - After a few failures in a short time, responses to further ones are delayed, which slows guessers down.
/// - A user that does not exist costs as much as one that does.
///
/// A hash is computed by a thread of its own, because nothing can interrupt it: check() does not wait for it after
/// stop(), however expensive the hash is.
///
/// Thread-safety: all functions may be called by any thread.
class PasswordChecker {
 public:
  enum class Result { kAccepted, kRejected, kBusy };
  /// Returns whether a password has this hash.
  using Matches = std::function<bool(const std::string& password, const std::string& hash)>;

  struct Limits {
    size_t parallel = 1;   ///< Hashes at the same time.
    size_t waiting = 96;   ///< Requests that wait for one; above this the oldest is refused (kBusy).
    size_t failures = 10;  ///< Failures within `window` that are answered at once.
    size_t delayed = 96;   ///< Failures whose response is delayed at the same time; more are answered at once.
    std::chrono::milliseconds patience{5000};  ///< How long a request waits for a hash before it is refused (kBusy).
    std::chrono::milliseconds window{10'000};
    std::chrono::milliseconds delay{5000};
  };

  PasswordChecker(Matches matches, const Limits& limits);

  Result check(const Users& users, std::string_view user, std::string_view password);
  /// Ends all waiting, so that check() returns soon. Later calls reject what is not remembered.
  void stop();
  /// Returns how many hashes were begun.
  uint64_t hashes() const;
  /// Returns how many requests wait for a hash.
  size_t waiting() const;
  /// Returns how many responses are delayed.
  size_t delayed() const;

 private:
  using Clock = std::chrono::steady_clock;
  using Digest = std::array<unsigned char, 32>;
  struct Request {
    bool repeated, may_run = false, refused = false;
  };
  /// A set that forgets its oldest entry when it is full.
  class Memory {
   public:
    explicit Memory(size_t capacity) : capacity_(capacity) {}
    bool contains(const Digest& digest) const { return digests_.contains(digest); }
    void add(const Digest& digest);

   private:
    const size_t capacity_;
    std::set<Digest> digests_;
    std::deque<Digest> order_;
  };

  Digest digest(std::initializer_list<std::string_view> parts) const;
  const std::string& decoy(const Users& users, std::string_view user) const;
  enum class Outcome { kMatches, kDiffers, kFailed, kStopped };
  Outcome compute(std::unique_lock<std::mutex>& lock, std::string password, std::string hash);
  bool wait_for_turn(std::unique_lock<std::mutex>& lock, const Digest& key);
  void refuse_one();
  void start_next();
  void delay_failure(std::unique_lock<std::mutex>& lock);
  void delay_until(std::unique_lock<std::mutex>& lock, Clock::time_point end);

  const Matches matches_;
  const Limits limits_;
  Digest key_;
  mutable std::mutex mutex_;  // guards what follows; not held while a hash is computed
  std::condition_variable changed_;
  Memory accepted_{1024}, rejected_{1024}, refused_{16 * 1024};
  std::deque<Request*> waiting_;  // oldest first
  size_t running_ = 0, delayed_ = 0, failures_ = 0;
  uint64_t hashes_ = 0;
  Clock::time_point window_end_;
  std::atomic<bool> stopping_ = false;  // set with mutex_ held
};

/// Returns limits that leave CPUs for other work.
PasswordChecker::Limits default_password_limits();

}  // namespace kafkascope::web
