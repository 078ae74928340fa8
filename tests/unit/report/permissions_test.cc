#include "report/permissions.h"

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace kafkascope::report {
namespace {

std::string document() {
  const std::ifstream file(SOURCE_DIR "/docs/security.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Calls each(match) for each match of `pattern` in docs/security.md.
template <class Each>
void for_each_match(const char* pattern, const Each& each) {
  const std::string text = document();
  const std::regex regex(pattern);
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match) each(*match);
}

TEST_CASE("The permissions are those of the documentation") {
  std::map<std::string, std::set<std::string>> documented, known;
  for_each_match(R"(\n\| ([A-Z_]+) \| ([A-Za-z ]+) \| ([`a-z_, ]+) \|)", [&](const std::smatch& row) {
    const std::string collectors = row[3];
    const std::regex name("[a-z_]+");
    for (std::sregex_iterator match(collectors.begin(), collectors.end(), name), end; match != end; ++match)
      documented[row[1].str() + " on " + row[2].str()].insert(match->str());
  });
  for (const Permission& permission : permissions()) {
    std::istringstream collectors{std::string(permission.collectors)};
    for (std::string name; collectors >> name;)
      known[std::string(permission.name) + " on " + std::string(permission.on)].insert(name);
  }
  CHECK(documented.size() == 7);
  CHECK(known == documented);
}

TEST_CASE("The commands are those of the documentation") {
  std::string documented, known;
  for_each_match(R"(\nacl (.*))", [&](const std::smatch& match) { documented += match[1].str() + " "; });
  // The documentation grants DESCRIBE on topics and groups with one command.
  documented.replace(documented.find("--topic '*' --group"), 19, "--topic '*' --operation Describe --group");
  std::set<std::string> expected, actual;
  for (const Permission& permission : permissions()) actual.emplace(permission.arguments);
  const std::regex one(R"(--operation \w+ --[a-z-]+( '\*')?)");
  for (std::sregex_iterator match(documented.begin(), documented.end(), one), end; match != end; ++match)
    expected.insert(match->str());
  CHECK(actual == expected);
}

TEST_CASE("The permission that a failure asks for") {
  const auto arguments = [](std::string_view text) {
    const Permission* permission = requested_permission(text);
    return permission ? permission->arguments : "";
  };
  CHECK(arguments("log directories: grant DESCRIBE on the cluster") == "--operation Describe --cluster");
  CHECK(arguments("transactions: grant DESCRIBE on the transactional ids") ==
        "--operation Describe --transactional-id '*'");
  CHECK(arguments("grant DESCRIBE_CONFIGS on the cluster for kafka_x") == "--operation DescribeConfigs --cluster");
  CHECK(arguments("producers: grant READ on the topics") == "--operation Read --topic '*'");
  CHECK(arguments("broker 1 does not answer").empty());
}

TEST_CASE("Commands quote what a shell would interpret") {
  const Permission& describe = *requested_permission("grant DESCRIBE on the topics");
  CHECK(grant_command(describe, "kafka-1:9092", "exporter") ==
        "kafka-acls.sh --bootstrap-server kafka-1:9092 --add --allow-principal User:exporter --operation Describe "
        "--topic "
        "'*'");
  CHECK(grant_command(describe, "k:1", "").find("--allow-principal User:NAME ") != std::string::npos);
  CHECK(grant_command(describe, "k:1", "a b'$c").find("--allow-principal 'User:a b'\\''$c' ") != std::string::npos);
}

}  // namespace
}  // namespace kafkascope::report
