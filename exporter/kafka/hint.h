#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kafkascope::kafka {

/// How far a connection got.
enum class Stage : uint8_t { kConnect, kTls, kVersions, kLogin, kUp };

/// What the client is configured for: security.protocol, and logins with AWS IAM.
struct Protocol {
  bool tls = false, sasl = false, aws_iam = false;
};

/// What the error is when a broker closes a connection and librdkafka gives no text.
std::string_view closed_in(Stage stage);

/// Returns what a server speaks that is not Kafka, if `why` is librdkafka's text for a response of an impossible size;
/// what follows the id that MSK gives each refused login; else `why`.
std::string_view in_plain_words(std::string_view why);

/// Returns the likely cause of a failed connection and the setting to change; empty if neither is known. `why`: the
/// text of the error.
std::string_view hint_for(Stage stage, std::string_view why, Protocol client);

/// The hint for a broker that cannot be reached at the address that it advertises.
inline constexpr std::string_view kAdvertisedHint =
    "check that the broker runs, and that this address, one of its advertised.listeners, can be resolved and reached "
    "from here";

/// The error for a server that does not support metadata requests.
inline constexpr std::string_view kNoMetadata = "the server does not support requests for metadata";

/// Part of librdkafka's text if it could not get a token.
inline constexpr std::string_view kTokenFault = "OAUTHBEARER token";

/// The hint for a broker that responds late because of a quota.
inline constexpr std::string_view kThrottledHint =
    "raise the quota request_percentage of this user or client (kafka-configs --entity-type users, clients), or poll "
    "less often (polling.interval, --poll.interval)";

struct AdvertisedBroker {
  int32_t id;
  std::string_view address;  ///< host:port
};

/// Parses librdkafka's name of a connection, such as ssl://kafka-1:9093/1; nothing for a bootstrap server.
std::optional<AdvertisedBroker> advertised_broker(std::string_view name);

/// Returns what OpenSSL's X509_V_ERR_... says of a broker's certificate; empty if the text of librdkafka has to do.
std::string_view certificate_fault(int x509_error);

/// Returns the part of librdkafka's text for a failed TLS handshake that is the same each time: it adds a prefix and a
/// guess depending on when the connection closed.
std::string_view handshake_fault(std::string_view why);

}  // namespace kafkascope::kafka
