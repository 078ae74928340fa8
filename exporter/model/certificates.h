#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "model/time.h"

namespace kafkascope::model {

/// What a broker presented in its latest TLS handshake with us.
struct BrokerCertificate {
  int64_t expiry;  ///< Unix time in seconds at which the first certificate of the chain expires.
  Time handshake;
};

/// Certificates of the connections to a cluster.
struct Certificates {
  std::map<int32_t, BrokerCertificate> brokers;
  std::optional<int64_t> own;  ///< When the client certificate expires; Unix time in seconds.

  /// Takes over the certificates of another client, of each broker that of the later handshake.
  void merge(const Certificates& other) {
    if (!own) own = other.own;
    for (const auto& [id, certificate] : other.brokers)
      if (const auto [known, is_new] = brokers.emplace(id, certificate);
          !is_new && known->second.handshake < certificate.handshake)
        known->second = certificate;
  }
};

}  // namespace kafkascope::model
