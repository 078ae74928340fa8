#include "web/request_complete.h"

#include <algorithm>

#include "web/limits.h"

namespace kafkascope::web {
namespace {

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

}  // namespace kafkascope::web
