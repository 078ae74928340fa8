#include "aws/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <stdexcept>

namespace kafkascope::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string sha256(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(),
                 nullptr) != 1)
    throw std::runtime_error("OpenSSL cannot compute SHA-256");
  return digest;
}

std::string hmac(std::string_view key, std::string_view text) {
  std::string code(SHA256_DIGEST_LENGTH, '\0');
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
           text.size(), reinterpret_cast<unsigned char*>(code.data()), nullptr) == nullptr)
    throw std::runtime_error("OpenSSL cannot compute HMAC-SHA-256");
  return code;
}

std::string date_and_time(Time now) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

std::string credential_scope(const Scope& scope, std::string_view time) {
  return fmt::format("{}/{}/{}/aws4_request", time.substr(0, 8), scope.region, scope.service);
}

std::string canonical_query(const Request& request) {
  std::vector<std::pair<std::string, std::string>> encoded;
  encoded.reserve(request.query.size());
  for (const auto& [name, value] : request.query) encoded.emplace_back(percent_encoded(name), percent_encoded(value));
  std::sort(encoded.begin(), encoded.end());
  std::string text;
  for (const auto& [name, value] : encoded) text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
  return text;
}

/// Returns the names of all headers, host included.
std::string signed_names(const Request& request) {
  std::string names;
  for (const auto& [name, value] : request.headers) names += (names.empty() ? "" : ";") + name;
  return names;
}

/// `request`: complete, its headers contain host.
std::string signature(const Request& request, const Keys& keys, const Scope& scope, std::string_view time) {
  std::string headers;
  for (const auto& [name, value] : request.headers) headers += fmt::format("{}:{}\n", name, value);
  const std::string canonical = fmt::format("{}\n/\n{}\n{}\n{}\n{}", request.method, canonical_query(request), headers,
                                            signed_names(request), hex(sha256(request.body)));
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, credential_scope(scope, time), hex(sha256(canonical)));
  const std::string of_date = hmac("AWS4" + keys.secret, time.substr(0, 8));
  const std::string key = hmac(hmac(hmac(of_date, scope.region), scope.service), "aws4_request");
  return hex(hmac(key, to_sign));
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != kUnreserved.npos)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string presigned_query(const Request& request, const Keys& keys, const Scope& scope, Time now,
                            std::chrono::seconds lifetime) {
  const std::string time = date_and_time(now);
  Request all = request;
  all.headers["host"] = request.host;
  all.query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  all.query.emplace_back("X-Amz-Credential", fmt::format("{}/{}", keys.id, credential_scope(scope, time)));
  all.query.emplace_back("X-Amz-Date", time);
  all.query.emplace_back("X-Amz-Expires", std::to_string(lifetime.count()));
  if (!keys.session_token.empty()) all.query.emplace_back("X-Amz-Security-Token", keys.session_token);
  all.query.emplace_back("X-Amz-SignedHeaders", signed_names(all));
  return fmt::format("{}&X-Amz-Signature={}", canonical_query(all), signature(all, keys, scope, time));
}

std::vector<std::string> signed_headers(const Request& request, const Keys& keys, const Scope& scope, Time now) {
  const std::string time = date_and_time(now);
  Request all = request;
  all.headers["host"] = request.host;
  all.headers["x-amz-date"] = time;
  if (!keys.session_token.empty()) all.headers["x-amz-security-token"] = keys.session_token;
  std::vector<std::string> lines;
  for (const auto& [name, value] : all.headers)
    if (name != "host") lines.push_back(fmt::format("{}: {}", name, value));
  lines.push_back(fmt::format("authorization: {} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm, keys.id,
                              credential_scope(scope, time), signed_names(all), signature(all, keys, scope, time)));
  return lines;
}

}  // namespace kafkascope::aws
