#include "aws/metadata.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "aws/answers.h"
#include "http/client.h"

namespace kafkascope::aws {
namespace {

constexpr std::chrono::seconds kContainerTimeout{5};
/// The service is on the same machine. Elsewhere its address may drop packets.
constexpr std::chrono::seconds kInstanceTimeout{2};
constexpr const char* kSecondsOfToken = "21600";
constexpr const char* kRolesPath = "/latest/meta-data/iam/security-credentials/";

constexpr std::string_view kContainerHint =
    "check that the task has a task role (ECS), or that the service account has a Pod Identity association and the "
    "agent runs on the node (EKS)";
constexpr std::string_view kNoRoleHint = "attach an instance profile with an IAM role to the instance";

/// Returns why credentials must not be requested from the URL; empty if they may. The request may contain a token, and
/// the response decides on the identity.
std::string_view distrust(std::string_view url) {
  if (url.starts_with("https://")) return {};
  if (!url.starts_with("http://")) return "it has to begin with https:// or http://";
  std::string_view host = url.substr(7, url.find('/', 7) - 7);
  host = host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  constexpr std::array<std::string_view, 6> kHosts = {"localhost",     "127.0.0.1",      "[::1]",
                                                      "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
  if (std::find(kHosts.begin(), kHosts.end(), host) != kHosts.end()) return {};
  return "http:// is for this host, 169.254.170.2 (ECS) and 169.254.170.23 (EKS) only; use https://";
}

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  return text;
}

std::string authorization(const Lookup& lookup) {
  constexpr const char* kFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
  const std::string file = lookup.variable(kFile);
  const std::string token =
      trimmed(file.empty() ? lookup.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") : read_file(kFile, file));
  if (token.find_first_of("\r\n") != token.npos)
    throw Error(fmt::format("the container's authorization token {} has several lines", file));
  return token;
}

class InstanceMetadata {
 public:
  explicit InstanceMetadata(const Lookup& lookup) : lookup_(lookup) {
    url_ = lookup.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    while (url_.ends_with('/')) url_.pop_back();
    if (!url_.empty()) return;
    const std::string mode = lookup.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    url_ = mode == "IPv6" || mode == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  }

  const std::string& url() const { return url_; }

  /// Gets the token of version 2. It is empty, which means version 1, if there is no version 2 or its response does not
  /// arrive (in a container one hop away).
  void open() {
    http::Request request = to("/latest/api/token");
    request.method = "PUT";
    request.headers.push_back(fmt::format("X-aws-ec2-metadata-token-ttl-seconds: {}", kSecondsOfToken));
    http::Response response;
    std::string why;
    try {
      response = http::send(request, lookup_.stopped);
      why = fmt::format("{}: {}", request.url, response.status);
    } catch (const http::Error& e) {
      why = e.what();
    }
    const int status = response.status;
    if (status == 200) {
      token_ = trimmed(response.body);
      return;
    }
    const bool may_lack_it = status == 0 || status == 403 || status == 404 || status == 405;
    if (!may_lack_it || lookup_.variable("AWS_EC2_METADATA_V1_DISABLED") == "true" || lookup_.stopped())
      throw http::Error(why);
  }

  http::Response get(const std::string& path) const {
    http::Request request = to(path);
    if (!token_.empty()) request.headers.push_back("X-aws-ec2-metadata-token: " + token_);
    return http::send(request, lookup_.stopped);
  }

 private:
  http::Request to(const std::string& path) const {
    http::Request request;
    request.url = url_ + path;
    request.timeout = kInstanceTimeout;
    return request;
  }

  const Lookup& lookup_;
  std::string url_, token_;
};

}  // namespace

std::optional<Credentials> container_credentials(const Lookup& lookup) {
  const std::string relative = lookup.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string url =
      relative.empty() ? lookup.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") : "http://169.254.170.2" + relative;
  if (url.empty()) return std::nullopt;
  if (const std::string_view why = distrust(url); !why.empty())
    throw Error(fmt::format("container credentials {}: {}", url, why));
  http::Request request;
  request.url = url;
  request.timeout = kContainerTimeout;
  if (const std::string token = authorization(lookup); !token.empty())
    request.headers.push_back("Authorization: " + token);
  try {
    const auto response = http::send(request, lookup.stopped);
    if (response.status == 200) return parse_metadata_credentials(response.body, "container credentials " + url);
    throw Error(fmt::format("container credentials {}: {}", url, response.status), kContainerHint);
  } catch (const http::Error& e) {
    throw Error(fmt::format("container credentials {}", e.what()), kContainerHint);
  }
}

std::optional<Credentials> instance_credentials(const Lookup& lookup, std::string& why_none) {
  if (lookup.variable("AWS_EC2_METADATA_DISABLED") == "true") {
    why_none = "AWS_EC2_METADATA_DISABLED is true";
    return std::nullopt;
  }
  InstanceMetadata metadata(lookup);
  try {
    metadata.open();
    const auto roles = metadata.get(kRolesPath);
    const std::string role = roles.body.substr(0, roles.body.find_first_of("\r\n"));
    if (roles.status == 404 || (roles.status == 200 && role.empty()))
      throw Error(fmt::format("instance metadata {}: the instance has no role", metadata.url()), kNoRoleHint);
    if (roles.status != 200) throw http::Error(fmt::format("{}{}: {}", metadata.url(), kRolesPath, roles.status));
    const auto response = metadata.get(kRolesPath + role);
    if (response.status != 200)
      throw Error(fmt::format("instance metadata {}{}{}: {}", metadata.url(), kRolesPath, role, response.status));
    return parse_metadata_credentials(response.body,
                                      fmt::format("instance metadata {}, role {}", metadata.url(), role));
  } catch (const http::Error& e) {
    why_none = e.what();
    return std::nullopt;
  }
}

}  // namespace kafkascope::aws
