#pragma once

#include <optional>
#include <string>
#include <utility>

#include "aws/credentials.h"

namespace kafkascope::aws {

/// A login at MSK.
struct Token {
  std::string text;  ///< Secret.
  Time expires;      ///< With its credentials, if those end earlier.
};

/// Returns the token that AWS' libraries for MSK IAM make from these credentials: a pre-signed URL of the action
/// kafka-cluster:Connect, valid for 15 minutes, as unpadded base64url. Pure.
Token msk_token(const std::string& region, const Credentials& credentials, Time now);

/// Makes tokens, and remembers credentials for as long as they are good. Thread-safety: one thread at a time.
class MskTokens {
 public:
  /// `lookup`: its region is that of the Kafka cluster.
  explicit MskTokens(Lookup lookup) : lookup_(std::move(lookup)) {}

  struct Made {
    Token token;
    std::string source;            ///< Of the credentials.
    std::optional<Error> warning;  ///< Why the credentials, which expire soon, could not be replaced.
  };

  /// Throws Error if there are no credentials that are still valid.
  Made make(Time now);

 private:
  Credentials& refreshed(Time now, std::optional<Error>& warning);

  const Lookup lookup_;
  std::optional<Credentials> credentials_;
};

}  // namespace kafkascope::aws
