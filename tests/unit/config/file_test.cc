#include "config/file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <set>
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

TEST_CASE("a bad file gives the message in its first line, without a password") {
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

TEST_CASE("the reference file is the defaults") {
  Config config = good({"--config.file", kReference});
  config.file_text.clear();
  CHECK(config == Config{});
}

TEST_CASE("the reference file shows every key with its default") {
  const YAML::Node root = YAML::LoadFile(kReference);
  for (const Option& option : options()) {
    if (option.key.empty()) continue;
    CAPTURE(option.key);
    YAML::Node node = YAML::Clone(option.per_cluster() ? root["clusters"][0] : root);
    std::istringstream path{std::string(option.key)};
    for (std::string name; std::getline(path, name, '.');) {
      REQUIRE(node.IsMap());
      node.reset(node[name]);
      REQUIRE(node.IsDefined());
    }
    if (option.kind == Kind::list && !option.fallback.empty()) node.reset(node[0]);
    const bool empty_list = option.kind == Kind::list && option.fallback.empty();
    if (empty_list) CHECK((node.IsSequence() && node.size() == 0));
    if (option.kind != Kind::map && !empty_list) CHECK(node.Scalar() == option.fallback);
  }
}

TEST_CASE("the reference file shows every key of an ensemble with its default, in a comment") {
  std::ifstream file(kReference);
  std::string text;
  for (std::string line; std::getline(file, line) && line != "zookeeper: []";) continue;
  for (std::string line; std::getline(file, line) && line.starts_with('#');) text += line.substr(1) + "\n";
  const YAML::Node entry = YAML::Load(text)[0];
  for (const Option& option : zookeeper_options()) {
    CAPTURE(option.key);
    YAML::Node node = YAML::Clone(entry);
    std::istringstream path{std::string(option.key)};
    for (std::string name; std::getline(path, name, '.');) {
      REQUIRE(node.IsMap());
      node.reset(node[name]);
      REQUIRE(node.IsDefined());
    }
    if (option.key != "name" && option.kind != Kind::list) CHECK(node.Scalar() == option.fallback);
  }
  Config config = good({"--config.file", kReference});
  std::ostringstream shown;
  shown << "zookeeper:\n" << text;
  const auto path = std::filesystem::temp_directory_path() / "kafkascope-zookeeper-test.yml";
  std::ofstream(path) << shown.str();
  config = good({"--config.file", path.string()});
  ZooKeeper defaults;
  defaults.name = "main";
  defaults.servers = {"zookeeper:2181"};
  CHECK(config.zookeeper == std::vector{defaults});
  CHECK(config.clusters.empty());
  std::filesystem::remove(path);
}

TEST_CASE("the reference file shows every collector that can be switched off, and no other") {
  const YAML::Node shown = YAML::LoadFile(kReference)["clusters"][0]["collectors"];
  const auto path = std::filesystem::temp_directory_path() / "kafkascope-collectors-test.yml";
  for (const auto& collector : model::kKafkaCollectors) {
    CAPTURE(collector.name);
    std::ofstream(path) << "clusters: [{collectors: {" << collector.name << ": false}}]\n";
    const auto result = run({"--config.file", path.string()});
    const auto* config = std::get_if<Config>(&result);
    const YAML::Node here = shown[std::string(collector.name)];
    REQUIRE(here.IsDefined() == (config != nullptr));
    if (config == nullptr) continue;
    CHECK(here.Scalar() == "true");
    CHECK(config->clusters[0].disabled_collectors == std::set{collector});
  }
  std::filesystem::remove(path);
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

TEST_CASE("every key of the file is stored") {
  Config config = good({"--config.file", some_file("two-clusters.good.yml")});
  CHECK(config.file_text.find("name: east") != std::string::npos);
  config.file_text.clear();
  Config expected;
  Cluster east, west;
  east.name = "east";
  east.servers = {"east-1:9092", "east-2:9092"};
  east.groups = Filter("^billing", "");
  east.options = {.hold = 2min,
                  .show_all_offsets = false,
                  .uncommitted_as_minus_one = true,
                  .interval = 30s,
                  .topic_configs_interval = 1h,
                  .log_dirs_interval = 30s,
                  .record_times_interval = 2min,
                  .transactions_interval = 3min,
                  .features_interval = 4min,
                  .status_window = 90s,
                  .drop_empty_after = 30 * 24h + 12h,
                  .members = true,
                  .owners = true,
                  .read_committed = true,
                  .kafka_lag_exporter = true,
                  .cluster_name = "east",
                  .max_series = 500'000,
                  .disabled_families = {"kafka_broker_info", "kafka_topic_partition_replicas"}};
  east.disabled_collectors = {model::Collector::kQuorum, model::Collector::kTimeLag};
  east.polling = {.interval = 30s, .deadline = 20s, .request_timeout = 4s, .earliest_every = 8};
  west.name = "west";
  west.servers = {"[::1]:9093"};
  west.topics = Filter(".*", "^__");
  west.topic_labels.add("^orders-", {{"team", "checkout"}, {"service", "shop"}});
  west.topic_labels.add("-eu$", {{"team", "europe"}});
  west.properties = {{"client.id", "me"}, {"security.protocol", "ssl"}, {"ssl.key.password", "hunter2"}};
  west.options.by_partition = false;
  west.options.disabled_families = east.options.disabled_families;
  expected.clusters = {east, west};
  expected.disabled_families = east.options.disabled_families;
  expected.labels = {{"env", "production"}, {"team", "7"}};
  expected.web.listen_addresses = {":9308", "127.0.0.1:9309"};
  expected.web.telemetry_path = "/kafka/metrics";
  expected.log = {.level = "warn", .format = "json"};
  CHECK(config == expected);
}

TEST_CASE("slow collectors run no more often than the poll interval") {
  const Cluster cluster = good({"--poll.interval=10m"}).clusters[0];
  CHECK(cluster.options.interval == 10min);
  CHECK(cluster.options.topic_configs_interval == 10min);
  CHECK(cluster.options.log_dirs_interval == 10min);
  CHECK(cluster.options.record_times_interval == 10min);
  CHECK(cluster.options.transactions_interval == 10min);
  CHECK(cluster.options.features_interval == 10min);
  CHECK(bad({"--poll.interval=10m", "--config.file", kReference})
            .ends_with(": polling.topic_configs_interval: 5m is less than the poll interval of 10m; give at least "
                       "that, or leave it out"));
}

TEST_CASE("settings without effect under granularity topic are logged") {
  const auto path = std::filesystem::temp_directory_path() / "kafkascope-granularity-test.yml";
  std::ofstream(path) << "clusters:\n  - granularity: topic\n    groups:\n      owners: true\n      members: true\n";
  const std::string where = path.string() + ":4: groups.owners";
  CHECK(good({"--config.file", path.string()}).notices == Notices{{where, "granularity is topic"}});
  CHECK(good({"--config.file", path.string(), "--granularity=partition"}).notices.empty());
  CHECK(good({"--granularity=topic", "--group.uncommitted=-1"}).notices ==
        Notices{{"--group.uncommitted", "--granularity is topic"}});
  CHECK(good({"--granularity=topic", "--group.uncommitted=none"}).notices.empty());
  std::filesystem::remove(path);
}

TEST_CASE("flags take precedence over the file of a single cluster") {
  const std::string path = some_file("minimal.good.yml");
  CHECK(good({"--config.file", path}).clusters[0].servers == Args{"broker:9092"});
  const Config config = good({"--kafka.server=other:1", "--log.level=warn", "--config.file", path});
  CHECK(config.clusters[0].servers == Args{"other:1"});
  CHECK(config.log.level == "warn");
}

TEST_CASE("flags of a cluster are an error with several clusters") {
  const std::string path = some_file("two-clusters.good.yml");
  CHECK(bad({"--config.file", path, "--topic.filter=x"}) ==
        "--topic.filter: the configuration file has 2 clusters; set it there for each of them");
  CHECK(good({"--config.file", path, "--log.level=debug", "--kafka.version=4.3.0"}).log.level == "debug");
}

TEST_CASE("the error for a property that librdkafka rejects names its line") {
  const auto refuse_client_id = [](const Cluster& cluster) {
    if (cluster.properties.contains("client.id")) throw std::runtime_error("no such property");
  };
  const std::string path = some_file("two-clusters.good.yml");
  const auto result = parse(
      {"--config.file", path}, [](const char*) { return nullptr; }, {}, refuse_client_id);
  CHECK(std::get<Exit>(result).code == 2);
  CHECK(std::get<Exit>(result).err == "kafkascope: " + path + ":19: kafka.properties.client.id: no such property\n");
}

TEST_CASE("properties that are valid only together are accepted, and not blamed for another one") {
  const auto path = std::filesystem::temp_directory_path() / "kafkascope-together-test.yml";
  const auto check = [](const Cluster& cluster) {
    if (cluster.properties.contains("b")) throw std::runtime_error("no such property");
    if (cluster.properties.contains("a") && !cluster.properties.contains("c")) throw std::runtime_error("a needs c");
  };
  const auto result_of = [&](const std::string& properties) {
    std::ofstream(path) << "clusters:\n  - kafka:\n      properties:\n" << properties;
    return parse(
        {"--config.file", path.string()}, [](const char*) { return nullptr; }, {}, check);
  };
  CHECK(std::holds_alternative<Config>(result_of("        a: 1\n        c: 1\n")));
  CHECK(std::get<Exit>(result_of("        a: 1\n        b: 1\n"))
            .err.ends_with(":5: kafka.properties.b: no such property\n"));
  CHECK(std::get<Exit>(result_of("        a: 1\n")).err.ends_with(":4: kafka.properties.a: a needs c\n"));
  std::filesystem::remove(path);
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

TEST_CASE("a variable of the environment stands for its value in any value of the file") {
  const auto path = std::filesystem::temp_directory_path() / "kafkascope-variables-test.yml";
  const std::map<std::string, std::string> environment = {{"HOST", "kafka-1"}, {"P_2", "a ${HOST} b"}, {"EMPTY", ""}};
  std::ofstream(path) << R"(clusters:
  - servers: ["${HOST}:9092", "x${EMPTY}y:1"]
    sasl: {enabled: true, username: "${HOST}-${HOST}", password: "${P_2}"}
    topics: {filter: "^a${1}$|$${HOST}|b$"}
    kafka.properties: {client.rack: "${HOST}"}
log: {level: "${LEVEL}"}
)";
  const Args args = {"--config.file", path.string()};
  CHECK(bad(args, environment)
            .find(":6: log.level: the environment variable LEVEL is not set; for the text itself "
                  "write $${LEVEL}") != std::string::npos);
  auto complete = environment;
  complete["LEVEL"] = "warn";
  const Config config = good(args, complete);
  const Cluster& cluster = config.clusters[0];
  CHECK(config.log.level == "warn");
  CHECK(cluster.servers == Args{"kafka-1:9092", "xy:1"});
  CHECK(cluster.properties.at("sasl.username") == "kafka-1-kafka-1");
  CHECK(cluster.properties.at("sasl.password") == "a ${HOST} b");
  CHECK(cluster.properties.at("client.rack") == "kafka-1");
  CHECK(cluster.topics.include() == "^a${1}$|${HOST}|b$");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace kafkascope::config
