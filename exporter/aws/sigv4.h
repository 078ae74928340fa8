#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// AWS Signature Version 4: pure functions. Our own, because no C or C++ library for it is in Debian or Ubuntu, the AWS
// SDK is larger than this program, and libcurl signs headers only, while MSK requires a signed URL.
namespace kafkascope::aws {

using Time = std::chrono::system_clock::time_point;

/// What a request is signed with. Secret, except the id.
struct Keys {
  std::string id, secret;
  std::string session_token;  ///< Empty for a user's permanent keys.

  bool operator==(const Keys&) const = default;
};

/// A request whose path is "/".
struct Request {
  std::string method = "GET", host;
  std::vector<std::pair<std::string, std::string>> query;  ///< Not encoded.
  std::map<std::string, std::string> headers;              ///< Further ones to sign; names in lower case.
  std::string body;
};

struct Scope {
  std::string region, service;
};

/// Returns the query of the request, encoded, with signature, valid for `lifetime` from `now` on.
std::string presigned_query(const Request& request, const Keys& keys, const Scope& scope, Time now,
                            std::chrono::seconds lifetime);

/// Returns the headers to add to the request, as lines "name: value", among them the signature.
std::vector<std::string> signed_headers(const Request& request, const Keys& keys, const Scope& scope, Time now);

/// Encodes everything but letters, digits, '-', '.', '_' and '~'.
std::string percent_encoded(std::string_view text);

}  // namespace kafkascope::aws
