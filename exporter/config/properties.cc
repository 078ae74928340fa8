#include "config/properties.h"

#include <algorithm>
#include <cctype>

namespace kafkascope::config {
namespace {

/// In lower case: librdkafka accepts any.
std::string security_protocol(const Cluster& cluster) {
  std::string name = property(cluster, "security.protocol");
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

}  // namespace

std::string property(const Cluster& cluster, const std::string& name) {
  const auto found = cluster.properties.find(name);
  return found == cluster.properties.end() ? "" : found->second;
}

bool uses_tls(const Cluster& cluster) { return security_protocol(cluster).ends_with("ssl"); }
bool uses_sasl(const Cluster& cluster) { return security_protocol(cluster).starts_with("sasl"); }

}  // namespace kafkascope::config
