#include "web/password_checker.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <exception>
#include <future>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <utility>

namespace kafkascope::web {
namespace {

// How often a request whose hash is being computed checks for stop().
constexpr std::chrono::milliseconds kStopCheck{50};

// Appends a text with its length, so that two lists of texts never have the same bytes.
void append(std::string& to, std::string_view text) {
  const uint64_t size = text.size();
  for (int shift = 0; shift < 64; shift += 8) to += static_cast<char>(size >> shift & 0xff);
  to += text;
}

}  // namespace

void PasswordChecker::Memory::add(const Digest& digest) {
  if (!digests_.insert(digest).second) return;
  order_.push_back(digest);
  if (order_.size() <= capacity_) return;
  digests_.erase(order_.front());
  order_.pop_front();
}

PasswordChecker::PasswordChecker(Matches matches, const Limits& limits)
    : matches_(std::move(matches)), limits_(limits) {
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1) throw std::runtime_error("no random numbers");
}

PasswordChecker::Digest PasswordChecker::digest(std::initializer_list<std::string_view> parts) const {
  std::string text;
  for (const std::string_view part : parts) append(text, part);
  Digest result{};
  unsigned int size = 0;
  const bool done =
      HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data(), &size) != nullptr;
  std::fill(text.begin(), text.end(), '\0');
  // Without it all digests would be equal.
  if (!done || size != result.size()) throw std::runtime_error("HMAC failed");
  return result;
}

// Returns the hash of a real user for a name that nobody has, always the same one, so that the time which unknown names
// take is distributed as that of known ones, whatever their costs. REQUIRES: there are users.
const std::string& PasswordChecker::decoy(const Users& users, std::string_view user) const {
  const Digest of_name = digest({user});
  const size_t number = of_name[0] | of_name[1] << 8U | of_name[2] << 16U;
  return std::next(users.begin(), static_cast<std::ptrdiff_t>(number % users.size()))->second;
}

PasswordChecker::Result PasswordChecker::check(const Users& users, std::string_view user, std::string_view password) {
  const auto found = users.find(user);
  const bool known = found != users.end();
  const std::string hash = known ? found->second : decoy(users, user);
  // Whether the user is known is a part: it may be added later, with the hash that is a decoy now.
  const Digest key = digest({known ? "known" : "unknown", user, hash, password});
  std::unique_lock lock(mutex_);
  if (known && accepted_.contains(key)) return Result::kAccepted;
  if (rejected_.contains(key)) {
    delay_failure(lock);
    return Result::kRejected;
  }
  if (!wait_for_turn(lock, key)) return Result::kBusy;
  const bool remembered = accepted_.contains(key) || rejected_.contains(key);  // computed for another connection
  bool matches = known && accepted_.contains(key);
  if (!remembered) {
    ++hashes_;
    const Outcome outcome = compute(lock, std::string(password), hash);
    if (outcome == Outcome::kStopped) return Result::kBusy;
    matches = outcome == Outcome::kMatches && known;
    if (outcome != Outcome::kFailed) (matches ? accepted_ : rejected_).add(key);
  }
  --running_;
  start_next();
  if (matches) return Result::kAccepted;
  delay_failure(lock);
  return Result::kRejected;
}

PasswordChecker::Outcome PasswordChecker::compute(std::unique_lock<std::mutex>& lock, std::string password,
                                                  std::string hash) {
  std::promise<bool> promise;
  std::future<bool> result = promise.get_future();
  lock.unlock();
  Outcome outcome = Outcome::kFailed;
  try {
    std::thread([matches = matches_, promise = std::move(promise), password = std::move(password),
                 hash = std::move(hash)]() mutable {
      try {
        promise.set_value(matches(password, hash));
      } catch (...) {
        promise.set_exception(std::current_exception());
      }
    }).detach();
    while (result.wait_for(kStopCheck) != std::future_status::ready && !stopping_) continue;
    const bool done = result.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    outcome = !done ? Outcome::kStopped : result.get() ? Outcome::kMatches : Outcome::kDiffers;
  } catch (...) {  // no thread, no memory: the password is not accepted, and not remembered as wrong
  }
  lock.lock();
  return outcome;
}

bool PasswordChecker::wait_for_turn(std::unique_lock<std::mutex>& lock, const Digest& key) {
  if (stopping_) return false;
  Request request{.repeated = refused_.contains(key)};
  waiting_.push_back(&request);
  if (waiting_.size() > limits_.waiting) refuse_one();
  start_next();
  const auto end = Clock::now() + limits_.patience;
  changed_.wait_until(lock, end, [&] { return request.may_run || request.refused || stopping_; });
  if (request.may_run) return true;
  std::erase(waiting_, &request);
  refused_.add(key);
  if (delayed_ < limits_.delayed) delay_until(lock, end);
  return false;
}

// Refuses the oldest request, if possible one that is not repeated.
void PasswordChecker::refuse_one() {
  auto chosen = std::find_if(waiting_.begin(), waiting_.end(), [](const Request* each) { return !each->repeated; });
  if (chosen == waiting_.end()) chosen = waiting_.begin();
  (*chosen)->refused = true;
  waiting_.erase(chosen);
  changed_.notify_all();
}

// Starts the newest repeated request, or else the newest one.
void PasswordChecker::start_next() {
  while (running_ < limits_.parallel && !waiting_.empty()) {
    auto chosen = std::find_if(waiting_.rbegin(), waiting_.rend(), [](const Request* each) { return each->repeated; });
    if (chosen == waiting_.rend()) chosen = waiting_.rbegin();
    (*chosen)->may_run = true;
    waiting_.erase(std::next(chosen).base());
    ++running_;
  }
  changed_.notify_all();
}

void PasswordChecker::delay_failure(std::unique_lock<std::mutex>& lock) {
  const auto now = Clock::now();
  if (now >= window_end_) {
    window_end_ = now + limits_.window;
    failures_ = 0;
  }
  if (++failures_ > limits_.failures && delayed_ < limits_.delayed) delay_until(lock, now + limits_.delay);
}

void PasswordChecker::delay_until(std::unique_lock<std::mutex>& lock, Clock::time_point end) {
  ++delayed_;
  changed_.wait_until(lock, end, [&] { return stopping_.load(); });
  --delayed_;
}

void PasswordChecker::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

uint64_t PasswordChecker::hashes() const {
  const std::lock_guard lock(mutex_);
  return hashes_;
}

size_t PasswordChecker::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

size_t PasswordChecker::delayed() const {
  const std::lock_guard lock(mutex_);
  return delayed_;
}

PasswordChecker::Limits default_password_limits() {
  PasswordChecker::Limits limits;
  limits.parallel = std::clamp<size_t>(std::thread::hardware_concurrency() / 2, 1, 4);
  return limits;
}

}  // namespace kafkascope::web
