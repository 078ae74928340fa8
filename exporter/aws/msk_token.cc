#include "aws/msk_token.h"

#include <openssl/evp.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>

namespace kafkascope::aws {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kLifetime{900};

/// Credentials that expire earlier are replaced. A token lasts as long, and should not outlive its credentials.
constexpr minutes kReplaceBefore{15};

/// Credentials that expire earlier are no use: a login takes time, too.
constexpr seconds kTooLate{2};

constexpr const char* kUserAgent = "kafkascope";

std::string base64url(std::string_view text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');  // and OpenSSL's zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  encoded.resize(static_cast<size_t>(size));
  encoded.erase(encoded.find_last_not_of('=') + 1);
  std::replace(encoded.begin(), encoded.end(), '+', '-');
  std::replace(encoded.begin(), encoded.end(), '/', '_');
  return encoded;
}

}  // namespace

Token msk_token(const std::string& region, const Credentials& credentials, Time now) {
  now = std::chrono::floor<seconds>(now);
  Request request;
  request.host = fmt::format("kafka.{}.amazonaws.com", region);  // also in China; nobody connects to it
  request.query = {{"Action", "kafka-cluster:Connect"}};
  const std::string query = presigned_query(request, credentials.keys, {region, "kafka-cluster"}, now, kLifetime);
  // As in AWS' libraries, the user agent is not signed.
  const std::string url = fmt::format("https://{}/?{}&User-Agent={}", request.host, query, kUserAgent);
  return {base64url(url), std::min(now + kLifetime, credentials.expires.value_or(Time::max()))};
}

MskTokens::Made MskTokens::make(Time now) {
  Made made;
  const Credentials& credentials = refreshed(now, made.warning);
  made.token = msk_token(lookup_.region, credentials, now);
  made.source = credentials.source;
  return made;
}

Credentials& MskTokens::refreshed(Time now, std::optional<Error>& warning) {
  const auto lasts = [&](auto duration) {
    return credentials_ && credentials_->expires && *credentials_->expires > now + duration;
  };
  if (lasts(kReplaceBefore)) return *credentials_;
  try {
    // Permanent keys are read again, too: a file may have been replaced.
    Credentials found = find_credentials(lookup_, now);
    if (found.expires && *found.expires <= now + kTooLate)
      throw Error(fmt::format("{}: the credentials have expired", found.source),
                  "check the clock of this host, and whatever renews these credentials");
    credentials_ = std::move(found);
  } catch (const Error& e) {
    if (!lasts(kTooLate)) throw;
    warning = e;
  }
  return *credentials_;
}

}  // namespace kafkascope::aws
