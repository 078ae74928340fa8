#include "aws/answers.h"

#include <simdjson.h>
#include <spdlog/fmt/fmt.h>
#include <time.h>

#include <algorithm>

namespace kafkascope::aws {
namespace {

/// Completes credentials whose keys and expiry have been read.
Credentials checked(Keys keys, std::string_view expires, const std::string& from) {
  // They become part of headers.
  for (const std::string* text : {&keys.id, &keys.secret, &keys.session_token})
    for (const char c : *text)
      if (c <= ' ' || c > '~') throw Error(fmt::format("{}: the credentials contain white space", from));
  if (keys.id.empty() || keys.secret.empty()) throw Error(fmt::format("{}: the response has no credentials", from));
  const auto time = parse_time(expires);
  if (!time && !expires.empty()) throw Error(fmt::format("{}: \"{}\" is not an expiry", from, expires));
  return {std::move(keys), time, from};
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
  const std::string copy(text);
  tm parts{};
  const char* rest = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (!rest) return std::nullopt;
  std::string_view zone(rest);
  // Fractions of a second are dropped.
  if (zone.starts_with('.')) zone.remove_prefix(std::min(zone.find_first_not_of("0123456789", 1), zone.size()));
  if (zone != "Z" && zone != "+00:00") return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string xml_text(std::string_view xml, std::string_view name) {
  const std::string open = fmt::format("<{}>", name);
  const size_t begin = xml.find(open);
  if (begin == xml.npos) return {};
  xml.remove_prefix(begin + open.size());
  return std::string(xml.substr(0, xml.find('<')));
}

Credentials parse_metadata_credentials(const std::string& json, const std::string& from) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json).get_object().get(object) != simdjson::SUCCESS)
    throw Error(fmt::format("{}: the response is not a JSON object", from));
  const auto text = [&](const char* name) {
    std::string_view value;
    return object[name].get_string().get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
  };
  if (const std::string code = text("Code"); !code.empty() && code != "Success")
    throw Error(fmt::format("{}: {} {}", from, code, text("Message")));
  return checked({text("AccessKeyId"), text("SecretAccessKey"), text("Token")}, text("Expiration"), from);
}

Credentials parse_sts_credentials(const std::string& xml, const std::string& from) {
  return checked({xml_text(xml, "AccessKeyId"), xml_text(xml, "SecretAccessKey"), xml_text(xml, "SessionToken")},
                 xml_text(xml, "Expiration"), from);
}

}  // namespace kafkascope::aws
