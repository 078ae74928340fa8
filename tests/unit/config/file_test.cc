#include "config/file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "config/options.h"
#include "config/run.h"

namespace kafkascope::config {
namespace {

using namespace std::chrono_literals;

const std::string kReference = SOURCE_DIR "/config/kafkascope.yml";

/// The files in cases/ whose names end like this: a file's name is what is expected of it.
std::vector<std::filesystem::path> cases(const std::string& ending) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(some_file(""))) {
    if (entry.path().string().ends_with(ending)) paths.push_back(entry.path());
  }
  REQUIRE(paths.size() > 3);
  return paths;
}

TEST_CASE("good files are accepted") {
  for (const auto& path : cases(".good.yml")) {
    CAPTURE(path.filename().string());
    CHECK(std::holds_alternative<Config>(run({"--config.file", path.string()})));
  }
}

TEST_CASE("bad files are refused in the words of their first line, and no password is told") {
  for (const auto& path : cases(".bad.yml")) {
    std::string expected;
    std::getline(std::ifstream(path) >> std::ws, expected);
    CAPTURE(path.filename().string());
    REQUIRE(expected.starts_with("# error: "));
    const std::string message = bad({"--config.file", path.string()});
    CHECK("# error: " + message.substr(path.string().size() - path.filename().string().size()) == expected);
    CHECK(message.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("the reference file is the defaults") { CHECK(good({"--config.file", kReference}) == Config{}); }

TEST_CASE("the reference file shows every key with its default") {
  const YAML::Node root = YAML::LoadFile(kReference);
  for (const Option* option : all_options()) {
    if (option->key.empty()) continue;
    CAPTURE(option->key);
    YAML::Node node = YAML::Clone(option->scope == Scope::cluster ? root["clusters"][0] : root);
    std::istringstream path{std::string(option->key)};
    for (std::string name; std::getline(path, name, '.');) {
      REQUIRE(node.IsMap());
      node.reset(node[name]);
      REQUIRE(node.IsDefined());
    }
    if (option->kind == Kind::list) node.reset(node[0]);
    if (option->kind != Kind::map) CHECK(node.Scalar() == option->fallback);
  }
}

TEST_CASE("a file that breaks off is accepted or refused, wherever it does") {
  std::ostringstream whole;
  whole << std::ifstream(kReference).rdbuf();
  const auto path = std::filesystem::temp_directory_path() / "kafkascope-broken-off-test.yml";
  for (std::size_t size = 0; size < whole.str().size(); size += 23) {
    std::ofstream(path) << whole.str().substr(0, size);
    CAPTURE(size);
    CHECK_NOTHROW(run({"--config.file", path.string()}));
  }
  std::filesystem::remove(path);
}

TEST_CASE("everything in the file arrives") {
  const Config config = good({"--config.file", some_file("two-clusters.good.yml")});
  Config expected;
  Cluster east, west;
  east.name = "east";
  east.servers = {"east-1:9092", "east-2:9092"};
  east.groups = Filter("^billing", "");
  east.options = {.hold = 2min, .show_all_offsets = false, .uncommitted_as_minus_one = true};
  east.polling = {.interval = 30s, .deadline = 20s, .request_timeout = 4s, .earliest_every = 8};
  west.name = "west";
  west.servers = {"[::1]:9093"};
  west.topics = Filter(".*", "^__");
  west.properties = {{"client.id", "me"}, {"security.protocol", "ssl"}, {"ssl.key.password", "hunter2"}};
  expected.clusters = {east, west};
  expected.labels = {{"env", "production"}, {"team", "7"}};
  expected.web = {.listen_addresses = {":9308", "127.0.0.1:9309"}, .telemetry_path = "/kafka/metrics"};
  expected.log = {.level = "warn", .format = "json"};
  CHECK(config == expected);
}

TEST_CASE("flags win over the file of a single cluster") {
  const std::string path = some_file("minimal.good.yml");
  CHECK(good({"--config.file", path}).clusters[0].servers == Args{"broker:9092"});
  const Config config = good({"--kafka.server=other:1", "--log.level=warn", "--config.file", path});
  CHECK(config.clusters[0].servers == Args{"other:1"});
  CHECK(config.log.level == "warn");
}

TEST_CASE("flags that belong to a cluster are refused with several") {
  const std::string path = some_file("two-clusters.good.yml");
  CHECK(bad({"--config.file", path, "--topic.filter=x"}) ==
        "--topic.filter: the configuration file has 2 clusters; set it there for each of them");
  CHECK(good({"--config.file", path, "--log.level=debug", "--kafka.version=4.3.0"}).log.level == "debug");
}

TEST_CASE("a property that librdkafka refuses is told with its line") {
  const auto refuse_client_id = [](const Cluster& cluster) {
    if (cluster.properties.contains("client.id")) throw std::runtime_error("no such property");
  };
  const std::string path = some_file("two-clusters.good.yml");
  const auto result = parse(
      {"--config.file", path}, [](const char*) { return nullptr; }, {}, refuse_client_id);
  CHECK(std::get<Exit>(result).code == 2);
  CHECK(std::get<Exit>(result).err == "kafkascope: " + path + ":11: kafka.properties.client.id: no such property\n");
}

TEST_CASE("a password comes from where the file says, or the flag") {
  const auto password = [](const std::string& sasl, const Args& more = {}) {
    const auto path = std::filesystem::temp_directory_path() / "kafkascope-file-test.yml";
    std::ofstream(path) << "clusters: [{sasl: {enabled: true, username: u, " << sasl << "}}]\n";
    Args args = {"--config.file", path.string()};
    args.insert(args.end(), more.begin(), more.end());
    const Config config = good(args, {{"A", "from A"}, {"SASL_USER_PASSWORD", "from the default"}});
    std::filesystem::remove(path);
    return config.clusters[0].properties.at("sasl.password");
  };
  CHECK(password("password: plain") == "plain");
  CHECK(password("password: 12") == "12");
  CHECK(password("password_env: A") == "from A");
  CHECK(password("password: ''") == "from the default");
  CHECK(password("password_file: " + some_file("password.txt")) == "hunter2");
  CHECK(password("password_env: A", {"--sasl.password=flag"}) == "flag");
  CHECK(password("password: plain", {"--sasl.password-file=" + some_file("password.txt")}) == "hunter2");
  CHECK(password("password_env: SASL_USER_PASSWORD, password: plain") == "plain");
}

}  // namespace
}  // namespace kafkascope::config
