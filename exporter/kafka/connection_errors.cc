#include "kafka/connection_errors.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "kafka/limits.h"

namespace kafkascope::kafka {
namespace {

constexpr std::chrono::seconds kLifetime{60};  // librdkafka repeats itself every 30 s
constexpr size_t kMost = 50;                   // causes
constexpr size_t kMostNamed = 5;               // addresses in one text

/// A refused password or certificate also looks like a connection that broke.
int severity(model::Reason reason) {
  switch (reason) {
    case model::Reason::kAuthentication:
      return 3;
    case model::Reason::kTls:
      return 2;
    default:
      return 1;
  }
}

constexpr int kEffect = 0, kTimedOut = 1;

/// A timeout explains less than anything else, and a connection that just ended less than what a server said.
int rank(model::Reason reason, Stage stage, std::string_view why) {
  if (reason == model::Reason::kTimeout || timed_out(why)) return kTimedOut;
  const bool just_ended = why.find("transport failure") != why.npos;
  return severity(reason) * 16 + (just_ended ? 0 : 1 + static_cast<int>(stage));
}

}  // namespace

void ConnectionErrors::add(const Error& error, Stage stage, Time now) {
  const bool refused = error.reason() == model::Reason::kAuthentication;
  add({error,
       rank(error.reason(), stage, error.what()),
       now + kLifetime + (refused ? kMaxLoginPause : Time::duration::zero()),
       {},
       {}},
      now);
}

void ConnectionErrors::add_unreachable(const AdvertisedBroker& broker, model::Reason reason, std::string_view why,
                                       Time now) {
  add({Error(reason, std::string(why), kAdvertisedHint), rank(reason, Stage::kUp, why), now + kLifetime, broker.id,
       std::string(broker.address)},
      now);
}

void ConnectionErrors::add_effect(const Error& error, Time now) { add({error, kEffect, now + kLifetime, {}, {}}, now); }

void ConnectionErrors::add(Cause cause, Time now) {
  std::erase_if(causes_, [&](const Cause& c) { return c.until < now; });
  const auto known = std::find_if(causes_.begin(), causes_.end(), [&](const Cause& c) {
    return c.rank == cause.rank && c.broker == cause.broker && c.error.failure() == cause.error.failure();
  });
  if (known != causes_.end())
    known->until = cause.until;
  else if (causes_.size() < kMost)
    causes_.push_back(std::move(cause));
}

std::optional<Error> ConnectionErrors::worst(Time now) const {
  const Cause* worst = nullptr;
  for (const Cause& cause : causes_)
    if (cause.until >= now && (!worst || cause.rank > worst->rank)) worst = &cause;
  if (!worst) return std::nullopt;
  return worst->broker ? unreachable(*worst, now) : worst->error;
}

Error ConnectionErrors::unreachable(const Cause& first, Time now) const {
  std::map<int32_t, std::string> addresses;
  for (const Cause& cause : causes_)
    if (cause.until >= now && cause.broker) addresses[*cause.broker] = cause.address;
  const auto failure = first.error.failure();
  if (addresses.size() == 1)
    return {failure.reason,
            fmt::format("broker {} at {}, learned from {}: {}", *first.broker, first.address, servers_, failure.what),
            kAdvertisedHint};
  std::vector<std::string> named;
  for (const auto& [id, address] : addresses)
    if (named.size() < kMostNamed) named.push_back(fmt::format("{} at {}", id, address));
  if (addresses.size() > named.size()) named.push_back(fmt::format("{} more", addresses.size() - named.size()));
  return {failure.reason,
          fmt::format("brokers {}, learned from {}: {}", fmt::join(named, ", "), servers_, failure.what),
          kAdvertisedHint};
}

}  // namespace kafkascope::kafka
