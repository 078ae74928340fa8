#pragma once

#include <map>
#include <string>
#include <utility>

#include "aws/credentials.h"
#include "http/fake_server.h"
#include "temporary_folder.h"

namespace kafkascope::aws {

using Variables = std::map<std::string, std::string>;
using Answer = http::FakeServer::Answer;
using Asked = http::FakeServer::Asked;

/// Finds nothing on this machine: no home directory, no instance metadata.
inline Lookup lookup(Variables variables, std::string profile = {}) {
  variables.try_emplace("AWS_EC2_METADATA_DISABLED", "true");
  return {[variables = std::move(variables)](const char* name) {
            const auto found = variables.find(name);
            return found == variables.end() ? nullptr : found->second.c_str();
          },
          "eu-west-1", std::move(profile)};
}

/// What container and instance metadata respond with.
inline std::string metadata_json(const std::string& id, const std::string& expiration = "2026-11-28T02:30:00Z") {
  return R"({"Code": "Success", "AccessKeyId": ")" + id +
         R"(", "SecretAccessKey": "secret", "Token": "token", "Expiration": ")" + expiration + "\"}";
}

inline std::string sts_xml(const std::string& id) {
  return "<Credentials><AccessKeyId>" + id +
         "</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>"
         "<Expiration>2026-11-28T02:30:00Z</Expiration></Credentials>";
}

/// Returns the error, and its hint after a bar, of a lookup that fails.
template <class Find>
std::string failure(const Find& find) {
  try {
    find();
  } catch (const Error& e) {
    return std::string(e.what()) + " | " + std::string(e.hint());
  }
  return {};
}

}  // namespace kafkascope::aws
