#pragma once

#include <chrono>
#include <cstddef>

// Limits and budgets of requests to Kafka that are not configurable.
namespace kafkascope::kafka {

// ---- requests

/// Requests in flight per broker. A broker processes a connection strictly in order: a few hide the round trip, more
/// would only queue.
inline constexpr size_t kRequestsInFlight = 4;

/// Version negotiations per broker and poll. A connection that breaks once in a poll is used again, one that keeps
/// breaking is not.
inline constexpr int kMaxNegotiations = 2;

/// A request that librdkafka has not ended this long after its timeout is ended by us. librdkafka checks timeouts once
/// a second and knows the reason, but may keep a request queued while it reconnects again and again.
inline constexpr std::chrono::milliseconds kTimeoutGrace{1000};

/// Time between two checks whether the program is shutting down.
inline constexpr std::chrono::milliseconds kStopCheckInterval{100};

/// Delay before a request that failed with a transient error is sent once more.
inline constexpr std::chrono::milliseconds kRetryDelay{100};

/// Groups per request. One with more does not respond faster, one with fewer needs more requests.
inline constexpr size_t kGroupsPerRequest = 500;

/// Transactional ids per request for their description.
inline constexpr size_t kTransactionsPerRequest = 500;

/// Share groups up to this number get a request each: Kafka takes milliseconds for the offsets of one, and two seconds
/// for those of several in a request. More would be too many requests.
inline constexpr size_t kMaxSingleShareGroups = 10;

/// Topics per request for their configuration.
inline constexpr size_t kTopicsPerRequest = 1000;

/// Maximum number of requests for eligible leaders per poll, and the partitions in each response: Kafka's own limit if
/// nothing else is configured.
inline constexpr int kMaxEligibleRequests = 5;
inline constexpr int32_t kPartitionsPerResponse = 2000;

/// Maximum number of timestamps to look up, and of records to check for transaction markers, between two polls. After
/// the start it limits the records that are searched for, later the lookups of all rounds.
inline constexpr size_t kMaxLookups = 20'000, kMaxMarkerChecks = 300;

/// Clusters with fewer brokers get as many requests between two polls as one with this number.
inline constexpr size_t kFewBrokers = 3;

/// Requests per broker and poll beyond those of every poll, in the steady state.
inline constexpr int kRounds = 2;

/// Rounds of requests to the time index, one request per leader, in the first minute after the start, whatever the poll
/// interval: lag in seconds is known soon after a start. Between two polls they follow each other without a pause.
inline constexpr int kStartRounds = 40;
inline constexpr std::chrono::minutes kStartTime{1};

/// Maximum delay before a failed slow collector runs again.
inline constexpr std::chrono::seconds kBackgroundRetry{30};

/// How many times as often log directories are requested while replicas move from one to another.
inline constexpr int kMovingReplicasRate = 5;

// ---- connections

/// TCP keepalive: idle time before the first probe, interval, and number of unanswered probes that end a connection.
/// NAT gateways and load balancers silently drop connections that are idle for 4 to 6 minutes, some for 2.
inline constexpr std::chrono::seconds kKeepaliveIdle{60}, kKeepaliveInterval{10};
inline constexpr int kKeepaliveProbes = 3;

/// Maximum backoff of librdkafka's reconnects: a broker that is back is connected before the next poll.
inline constexpr std::chrono::milliseconds kMaxReconnectBackoff{1000};

/// Maximum time between two logins at a broker that refuses them; the first pause is the poll interval, each further
/// one is twice as long. An account may be locked after a few failed logins.
inline constexpr std::chrono::milliseconds kMaxLoginPause{5 * 60'000};

/// A certificate that expires soon may have been renewed: its broker is connected to anew this often.
inline constexpr std::chrono::hours kExpiresSoon{30 * 24}, kHandshakeInterval{1};

/// Maximum size of a response in bytes. One with 500 groups of many members may be large. Not above 1.2 GB: "HTTP",
/// read as a length, has to stay too large.
inline constexpr size_t kMaxAnswerBytes = 1'000'000'000;

/// How long ~Client() waits for librdkafka's threads.
inline constexpr std::chrono::milliseconds kDestroyGrace{1000};

// ---- phases of a poll

/// Until when each phase of a poll may last, in parts of the poll's time. Time that a phase does not need is left to
/// the later ones, and what is reserved for the later ones is not given to it: a broker that is slow in one phase is
/// lost at its end, and the other brokers still have time to respond in the next.
inline constexpr double kMetadataEnd = 0.5, kGroupsEnd = 0.7, kGroupOffsetsEnd = 0.8, kOffsetsEnd = 0.9,
                        kShareGroupsEnd = 0.95;
/// Likewise of the time between two polls.
inline constexpr double kTimeLagEnd = 0.8;

/// Which part of the remaining time a step may use that is followed by another one in its phase: one of several steps
/// of equal weight, and the main one.
inline constexpr double kStepShare = 0.5, kMainStepShare = 0.8;

}  // namespace kafkascope::kafka
