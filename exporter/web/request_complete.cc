#include "web/request_complete.h"

#include <algorithm>

#include "web/limits.h"

namespace kafkascope::web {
namespace {

constexpr size_t kTlsRecordHead = 5;
constexpr unsigned char kTlsHandshake = 22;

// Bytes that a request head cannot contain; CivetWeb refuses them.
bool is_malformed(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\r' && c != '\n') || byte == 0x7f;
}

}  // namespace

bool is_complete_http(std::string_view bytes) {
  return bytes.size() >= kMaxRequestBytes || bytes.find("\r\n\r\n") != bytes.npos || bytes.find("\n\n") != bytes.npos ||
         std::any_of(bytes.begin(), bytes.end(), is_malformed);
}

bool is_complete_tls(std::string_view bytes) {
  if (!bytes.empty() && static_cast<unsigned char>(bytes[0]) != kTlsHandshake) return true;
  if (bytes.size() < kTlsRecordHead) return false;
  const size_t length = static_cast<unsigned char>(bytes[3]) << 8 | static_cast<unsigned char>(bytes[4]);
  return bytes.size() >= std::min(kTlsRecordHead + length, kMaxRequestBytes);
}

}  // namespace kafkascope::web
