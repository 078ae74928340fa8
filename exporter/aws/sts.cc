#include "aws/sts.h"

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <utility>
#include <vector>

#include "aws/answers.h"
#include "http/client.h"

namespace kafkascope::aws {
namespace {

constexpr std::chrono::seconds kTimeout{10};

constexpr std::string_view kUnreachableHint =
    "check that this host can reach STS: a route to the internet, a VPC endpoint for STS, or https_proxy";
constexpr std::string_view kWebIdentityHint =
    "check the role's trust policy: it has to allow sts:AssumeRoleWithWebIdentity for the OIDC provider of this token "
    "and for its subject, system:serviceaccount:NAMESPACE:NAME in Kubernetes";
constexpr std::string_view kAssumeRoleHint =
    "check the role's trust policy and the rights of the caller: both have to allow sts:AssumeRole";
constexpr std::string_view kClockHint = "check the clock of this host";

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string endpoint(const Lookup& lookup) {
  for (const char* name : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"})
    if (std::string url = lookup.variable(name); !url.empty()) return url;
  return fmt::format("https://sts.{}.amazonaws.com{}", lookup.region, lookup.region.starts_with("cn-") ? ".cn" : "");
}

std::string host_of(std::string_view url) {
  if (const size_t scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  return std::string(url.substr(0, url.find('/')));
}

/// Returns what every action has: who is to be.
Parameters parameters(const Lookup& lookup, const char* action, const Role& role) {
  // Constant: a broker refuses to authenticate a connection anew under another session name.
  std::string session = role.session_name.empty() ? lookup.variable("AWS_ROLE_SESSION_NAME") : role.session_name;
  if (session.empty()) session = "kafkascope";
  Parameters all = {{"Action", action}, {"Version", "2011-06-15"}, {"RoleArn", role.arn}, {"RoleSessionName", session}};
  if (!role.external_id.empty()) all.emplace_back("ExternalId", role.external_id);
  if (!role.duration_in_seconds.empty()) all.emplace_back("DurationSeconds", role.duration_in_seconds);
  return all;
}

std::string encoded(const Parameters& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters)
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, percent_encoded(value));
  return text;
}

Credentials ask(const Lookup& lookup, const Role& role, http::Request request, const std::string& from,
                std::string_view hint) {
  request.method = "POST";
  request.url = endpoint(lookup);
  request.timeout = kTimeout;
  request.use_proxy = true;
  request.ca_file = lookup.variable("AWS_CA_BUNDLE");
  request.headers.emplace_back("content-type: application/x-www-form-urlencoded");
  http::Response response;
  try {
    response = http::send(request, lookup.stopped);
  } catch (const http::Error& e) {
    throw Error(fmt::format("no credentials of role {}: {}", role.arn, e.what()), kUnreachableHint);
  }
  if (response.status == 200) return parse_sts_credentials(response.body, from);
  const std::string code = xml_text(response.body, "Code"), message = xml_text(response.body, "Message");
  const bool is_clock = code == "SignatureDoesNotMatch" && message.find("expired") != message.npos;
  throw Error(fmt::format("no credentials of role {}: {} refuses: {} {} {}", role.arn, request.url, response.status,
                          code, message),
              is_clock ? kClockHint : hint);
}

}  // namespace

Credentials assume_role_with_web_identity(const Lookup& lookup, const Role& role, const std::string& token_file) {
  Parameters all = parameters(lookup, "AssumeRoleWithWebIdentity", role);
  std::string token = read_file("the web identity token", token_file);
  token.erase(token.find_last_not_of(" \r\n\t") + 1);
  all.emplace_back("WebIdentityToken", token);
  http::Request request;
  request.body = encoded(all);
  return ask(lookup, role, std::move(request), fmt::format("web identity {}, role {}", token_file, role.arn),
             kWebIdentityHint);
}

Credentials assume_role(const Lookup& lookup, const Role& role, const Credentials& caller, Time now) {
  Request to_sign;
  to_sign.method = "POST";
  to_sign.host = host_of(endpoint(lookup));
  to_sign.headers["content-type"] = "application/x-www-form-urlencoded";
  to_sign.body = encoded(parameters(lookup, "AssumeRole", role));
  http::Request request;
  request.headers = signed_headers(to_sign, caller.keys, {lookup.region, "sts"}, now);
  std::erase_if(request.headers, [](const std::string& line) { return line.starts_with("content-type:"); });
  request.body = to_sign.body;
  return ask(lookup, role, std::move(request), fmt::format("role {}, assumed by {}", role.arn, caller.source),
             kAssumeRoleHint);
}

}  // namespace kafkascope::aws
