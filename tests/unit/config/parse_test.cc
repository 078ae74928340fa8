#include "config/parse.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "config/flags.h"
#include "config/options.h"
#include "config/run.h"
#include "config/value.h"

namespace kafkascope::config {
namespace {

using namespace std::chrono_literals;

std::string text_of(const Args& args) {
  const auto result = run(args);
  const Exit& exit = std::get<Exit>(result);
  CHECK(exit.code == 0);
  CHECK(exit.err.empty());
  return exit.out;
}

TEST_CASE("a health check requests a URL, by default that of the listen address") {
  struct Case {
    Args args;
    std::string url, unix_socket = "";
  };
  const Case cases[] = {
      {{"--healthcheck"}, "http://127.0.0.1:9308/healthz"},
      {{"--healthcheck", "--web.listen-address=:9404"}, "http://127.0.0.1:9404/healthz"},
      {{"--healthcheck", "--web.listen-address=10.0.0.1:80"}, "http://10.0.0.1:80/healthz"},
      {{"--healthcheck", "--web.listen-address=0.0.0.0:80"}, "http://127.0.0.1:80/healthz"},
      {{"--healthcheck", "--web.listen-address=[::]:80"}, "http://127.0.0.1:80/healthz"},
      {{"--healthcheck", "--web.listen-address=[::1]:80"}, "http://[::1]:80/healthz"},
      {{"--healthcheck=https://a/b"}, "https://a/b"},
      {{"--healthcheck", "http://a"}, "http://a"},
      {{"--sasl.enabled", "--healthcheck"}, "http://127.0.0.1:9308/healthz"},  // nothing else is validated
      {{"--healthcheck", "--web.health-address=:80"}, "http://127.0.0.1:80/healthz"},
      {{"--healthcheck", "--web.listen-address=unix:/run/a?mode=0600"}, "http://localhost/healthz", "/run/a"},
      {{"--healthcheck", "--server.tls.enabled", "--server.tls.cert-file=" + some_file("cert.pem"),
        "--server.tls.key-file=" + some_file("key.pem")},
       "https://127.0.0.1:9308/healthz"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.args);
    const auto result = run(each.args);
    REQUIRE(std::holds_alternative<HealthCheck>(result));
    CHECK(std::get<HealthCheck>(result).url == each.url);
    CHECK(std::get<HealthCheck>(result).unix_socket == each.unix_socket);
  }
}

TEST_CASE("man page and completions name every flag") {
  struct Case {
    std::string flag, before;
  };
  for (const auto& [flag, before] :
       {Case{"--help-man", "\\fB\\-\\-"}, Case{"--completion-script-bash", "--"},
        Case{"--completion-script-zsh", "'*--"}, Case{"--completion-script-fish", " -l "}}) {
    const std::string text = text_of({flag});
    for (const Option& option : options()) {
      if (option.flag.empty() || option.section == kRefused || option.section == kIgnored) continue;
      if (flag == "--help-man" && option.kind == Kind::boolean && option.fallback == "true") continue;  // [no-]
      std::string name(option.flag);
      for (size_t at = 0; flag == "--help-man" && (at = name.find('-', at)) != name.npos; at += 2)
        name.insert(at, "\\");
      CAPTURE(flag, name);
      CHECK(text.find(before + name) != text.npos);
    }
  }
}

TEST_CASE("completions know the arguments of commands") {
  CHECK(text_of({"--completion-script-bash"}).find("lag) commands='--group= --sort= --watch --output= '") !=
        std::string::npos);
  CHECK(text_of({"--completion-script-bash"}).find("--sort) COMPREPLY=($(compgen -W 'group lag seconds'") !=
        std::string::npos);
  CHECK(text_of({"--completion-script-zsh"}).find("'*--sort=[of lag]:value:(group lag seconds)'") != std::string::npos);
  CHECK(text_of({"--completion-script-fish"})
            .find("'__fish_seen_subcommand_from lag' -l sort -x -a 'group lag seconds'") != std::string::npos);
  CHECK(text_of({"--completion-script-fish"}).find("'__fish_seen_subcommand_from lag' -l watch\n") !=
        std::string::npos);
}

TEST_CASE("nothing given is the defaults") {
  CHECK(good({}) == Config{});
  CHECK(good({"--config.file="}) == Config{});
}

TEST_CASE("every default in the help is the default") {
  for (const Option& option : options()) {
    if (option.flag.empty() || std::holds_alternative<std::monostate>(option.set) || option.fallback.empty()) continue;
    CAPTURE(option.flag);
    Config config = good({"--" + std::string(option.flag) + "=" + std::string(option.fallback)});
    config.notices.clear();
    CHECK(config == Config{});
  }
}

TEST_CASE("flags are read as kingpin reads them") {
  struct Case {
    Args args;
    bool (*holds)(const Config&);
  };
  const Case cases[] = {
      {{"--kafka.server", "a:1"}, [](auto& c) { return c.clusters[0].servers == Args{"a:1"}; }},
      {{"--kafka.server=a:1", "--kafka.server=b"},
       [](auto& c) {
         return c.clusters[0].servers == Args{"a:1", "b:9092"};
       }},
      {{"--kafka.server=a:1, b:2,", "--web.telemetry-path=/m"},
       [](auto& c) {
         return c.clusters[0].servers == Args{"a:1", "b:2"} && c.web.telemetry_path == "/m";
       }},
      {{"kafka_exporter", "--kafka.server=a:1"}, [](auto& c) { return c.clusters[0].servers == Args{"a:1"}; }},
      {{"/bin/kafka_exporter", "--kafka.server=a:1"}, [](auto& c) { return c.clusters[0].servers == Args{"a:1"}; }},
      {{"--kafka.server=[::1]:9093"}, [](auto& c) { return c.clusters[0].servers == Args{"[::1]:9093"}; }},
      {{"--topic.filter="}, [](auto& c) { return c.clusters[0].topics.include().empty(); }},
      {{"--topic.filter=[a,b]"}, [](auto& c) { return c.clusters[0].topics.include() == "[a,b]"; }},
      {{"--topic.filter", "[a,b]"}, [](auto& c) { return c.clusters[0].topics.include() == "[a,b]"; }},
      {{"--topic.filter=a=b,c"}, [](auto& c) { return c.clusters[0].topics.include() == "a=b,c"; }},
      {{"--topic.filter=--x"}, [](auto& c) { return c.clusters[0].topics.include() == "--x"; }},
      {{"--topic.filter=x="}, [](auto& c) { return c.clusters[0].topics.include() == "x="; }},
      {{"--topic.filter=a b"}, [](auto& c) { return c.clusters[0].topics.include() == "a b"; }},
      {{"--group.exclude=^x", "--topic.exclude=^y"},
       [](auto& c) { return c.clusters[0].groups.exclude() == "^x" && c.clusters[0].topics.exclude() == "^y"; }},
      {{"--no-offset.show-all"}, [](auto& c) { return !c.clusters[0].options.show_all_offsets; }},
      {{"--offset.show-all=false"}, [](auto& c) { return !c.clusters[0].options.show_all_offsets; }},
      {{"--offset.show-all=true"}, [](auto& c) { return c.clusters[0].options.show_all_offsets; }},
      {{"--group.uncommitted=-1"}, [](auto& c) { return c.clusters[0].options.uncommitted_as_minus_one; }},
      {{"--group.uncommitted=none"}, [](auto& c) { return !c.clusters[0].options.uncommitted_as_minus_one; }},
      {{"--granularity=topic"}, [](auto& c) { return !c.clusters[0].options.by_partition; }},
      {{"--granularity=partition"}, [](auto& c) { return c.clusters[0].options.by_partition; }},
      {{"--read-committed"}, [](auto& c) { return c.clusters[0].options.read_committed; }},
      {{"--no-read-committed"}, [](auto& c) { return !c.clusters[0].options.read_committed; }},
      {{"--poll.interval=1m30s"},
       [](auto& c) { return c.clusters[0].polling.interval == 90s && c.clusters[0].options.interval == 90s; }},
      {{"--poll.interval=0.5d"}, [](auto& c) { return c.clusters[0].polling.interval == 12h; }},
      {{"--poll.interval=1.5s"}, [](auto& c) { return c.clusters[0].polling.interval == 1500ms; }},
      {{"--poll.interval=500ms"}, [](auto& c) { return c.clusters[0].polling.interval == 500ms; }},
      {{"--kafka.labels=a=1,b=x=y", "--kafka.labels=c="},
       [](auto& c) {
         return c.labels == std::map<std::string, std::string>{{"a", "1"}, {"b", "x=y"}};
       }},
      {{"--kafka.labels="}, [](auto& c) { return c.labels.empty(); }},
      {{"--web.listen-address=:1", "--web.listen-address=127.0.0.1:2", "--web.listen-address=[::]:3"},
       [](auto& c) {
         return c.web.listen_addresses == Args{":1", "127.0.0.1:2", "[::]:3"};
       }},
      {{"--log.level=warning"}, [](auto& c) { return c.log.level == "warn"; }},
      {{"--log.level=fatal"}, [](auto& c) { return c.log.level == "error"; }},
      {{"--verbosity=2"}, [](auto& c) { return c.log.level == "debug"; }},
      {{"--verbosity=0"}, [](auto& c) { return c.log.level == "info"; }},
      {{"--verbosity=1", "--log.level=warn"}, [](auto& c) { return c.log.level == "warn"; }},
      {{"--log.format=json"}, [](auto& c) { return c.log.format == "json"; }},
      {{"--no-check-config"}, [](auto&) { return true; }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.args);
    CHECK(c.holds(good(c.args)));
  }
}

TEST_CASE("an error about a flag says what to write instead") {
  struct Case {
    Args args;
    std::string message;
  };
  const Case cases[] = {
      {{"--kafka.servers=a:1"}, "--kafka.servers: unknown flag; did you mean --kafka.server?"},
      {{"--no-offset.showall"}, "--no-offset.showall: unknown flag; did you mean --no-offset.show-all?"},
      {{"--frobnicate"}, "--frobnicate: unknown flag; see --help"},
      {{"--"}, "--: unknown flag; see --help"},
      {{"--no-kafka.server"}, "--no-kafka.server: unknown flag; see --help"},
      {{"--no-tls.enabled=true"}, "--no-tls.enabled: takes no value; write --tls.enabled=true or =false"},
      {{"--tls.enabled", "true"}, "true: not a flag; every setting is --name=value, such as --kafka.server=HOST:PORT"},
      {{"--topic.filter", "-1"}, "--topic.filter: a value is missing; write --topic.filter=VALUE"},
      {{"-x"}, "-x: not a flag; every setting is --name=value, such as --kafka.server=HOST:PORT"},
      {{"--sasl.pasword=hunter2"}, "--sasl.pasword: unknown flag; did you mean --sasl.password?"},
      {{"--sasl.username=u", "--sasl.password=", "hunter2"},
       "argument 3: not a flag; every setting is --name=value, such as --kafka.server=HOST:PORT"},
      {{"broker:9092"}, "broker:9092: not a flag; every setting is --name=value, such as --kafka.server=HOST:PORT"},
      {{"--topic.filter", "--group.filter=x"}, "--topic.filter: a value is missing; write --topic.filter=VALUE"},
      {{"--topic.filter"}, "--topic.filter: a value is missing; write --topic.filter=VALUE"},
      {{"--topic.filter=a", "--topic.filter=b"}, "--topic.filter: given more than once; keep one"},
      {{"--tls.enabled", "--no-tls.enabled"}, "--tls.enabled: given more than once; keep one"},
      {{"--tls.enabled=yes"}, "--tls.enabled: \"yes\" is neither true nor false"},
      {{"--tls.enabled="}, "--tls.enabled: \"\" is neither true nor false"},
      {{"--topic.filter=[a"}, "--topic.filter: \"[a\" is not a regular expression (RE2): missing ]: [a"},
      {{"--topic.filter=*"},
       "--topic.filter: \"*\" is not a regular expression (RE2): no argument for repetition operator: *; did you mean "
       ".*?"},
      {{"--topic.exclude=*.dlq"},
       "--topic.exclude: \"*.dlq\" is not a regular expression (RE2): no argument for repetition operator: *; did you "
       "mean .*\\.dlq?"},
      {{"--group.filter=orders-**"},
       "--group.filter: \"orders-**\" is not a regular expression (RE2): bad repetition operator: **; did you mean "
       "orders-.*?"},
      {{"--group.exclude=*(a"},
       "--group.exclude: \"*(a\" is not a regular expression (RE2): no argument for repetition operator: *"},
      {{"--kafka.server="}, "--kafka.server: is empty; give HOST:PORT"},
      {{"--kafka.server=a:b"}, "--kafka.server: \"a:b\" is not host:port, such as kafka:9092 or [::1]:9092"},
      {{"--kafka.server=a:70000"}, "--kafka.server: \"a:70000\" is not host:port, such as kafka:9092 or [::1]:9092"},
      {{"--kafka.server=::1"}, "--kafka.server: \"::1\" is not host:port, such as kafka:9092 or [::1]:9092"},
      {{"--kafka.server=SSL://a:1"},
       "--kafka.server: \"SSL://a:1\" is not host:port; write a:1, and choose encryption and login by tls and sasl"},
      {{"--poll.interval=15"},
       "--poll.interval: \"15\" is not a duration; write a number and its unit (ms, s, m, h, d), such as 15s"},
      {{"--poll.interval=-1s"},
       "--poll.interval: \"-1s\" is not a duration; write a number and its unit (ms, s, m, h, d), such as 15s"},
      {{"--poll.interval=10ms"}, "--poll.interval: 10ms is out of range; from 100ms to 1d is possible"},
      {{"--poll.interval=9999999999h"}, "--poll.interval: 9999999999h is out of range; from 100ms to 1d is possible"},
      {{"--granularity=Topic"}, "--granularity: \"Topic\" is not known; it is one of partition, topic"},
      {{"--read_committed"}, "--read_committed: unknown flag; did you mean --read-committed?"},
      {{"--group.uncommitted=0"}, "--group.uncommitted: \"0\" is not known; it is one of none, -1"},
      {{"--kafka.labels=1a=x"},
       "--kafka.labels: \"1a\" cannot be the name of a label; use letters, digits and _, no digit first and not two _ "
       "first"},
      {{"--web.listen-address=9308"}, "--web.listen-address: \"9308\" is not an address to listen on; write :9308"},
      {{"--web.listen-address=localhost"},
       "--web.listen-address: \"localhost\" is not an address to listen on; write :9308 for all addresses, or "
       "127.0.0.1:9308, or [::1]:9308"},
      {{"--web.listen-address=:1", "--web.listen-address=:1"}, "--web.listen-address: :1 is given twice"},
      {{"--web.telemetry-path=metrics"}, "--web.telemetry-path: \"metrics\" is not a path; write it like /metrics"},
      {{"--web.telemetry-path=/**"}, "--web.telemetry-path: \"/**\" is not a path; write it like /metrics"},
      {{"--web.telemetry-path=/healthz"},
       "--web.telemetry-path: /healthz serves something else; choose another, such as /metrics"},
      {{"--log.level=trace"}, "--log.level: \"trace\" is not known; it is one of debug, info, warn, error"},
      {{"--log.format=logger:stderr"}, "--log.format: \"logger:stderr\" is not known; it is one of logfmt, json"},
      {{"--verbosity=x"}, "--verbosity: \"x\" is not a whole number from 0 to 1000"},
      {{"--config.file=/nonexistent"},
       "--config.file: cannot read /nonexistent: No such file or directory; give a file that this user may read"},
      {{"--config.file=/tmp"}, "--config.file: cannot read /tmp: Is a directory; give a file that this user may read"},
  };
  for (const Case& c : cases) CHECK(bad(c.args) == c.message);
}

TEST_CASE("Strimzi's command line works unchanged") {
  const std::string ca = some_file("ca.pem"), cert = some_file("cert.pem"), key = some_file("key.pem");
  Config config = good({"--group.filter=.*", "--topic.filter=.*", "--group.exclude=^$", "--topic.exclude=^$",
                        "--tls.enabled", "--tls.ca-file=" + ca, "--tls.cert-file=" + cert, "--tls.key-file=" + key,
                        "--kafka.server=b:9093", "--kafka.version=4.3.0", "--web.listen-address=:9404",
                        "--no-offset.show-all", "--verbosity=0", "--log.enable-sarama"});
  CHECK(config.clusters[0].files.size() == 3);
  config.clusters[0].files.clear();
  std::erase_if(config.notices, [](auto& notice) { return notice.reason.find("can read") != notice.reason.npos; });
  Config expected;
  expected.clusters[0].servers = {"b:9093"};
  expected.clusters[0].options.show_all_offsets = false;
  expected.clusters[0].properties = {{"security.protocol", "ssl"},
                                     {"ssl.ca.location", ca},
                                     {"ssl.certificate.location", cert},
                                     {"ssl.key.location", key}};
  expected.web.listen_addresses = {":9404"};
  expected.notices = {
      {"--kafka.version", "versions are negotiated with each broker"},
      {"--log.enable-sarama",
       "kafkascope does not use Sarama; for librdkafka's log set debug under kafka: properties: in the file"},
  };
  CHECK(config == expected);
}

TEST_CASE("constant labels that kafka_exporter accepts are accepted, with a notice") {
  struct Case {
    std::string flag;
    std::map<std::string, std::string> labels;
    Notices notices;
  };
  const std::string own = ": series that have a label of this name keep their own";
  const Case cases[] = {
      {"prod-cluster", {}, {{"--kafka.labels", "prod-cluster: a label needs a value, NAME=VALUE"}}},
      {"env=", {}, {{"--kafka.labels", "env: a label needs a value, NAME=VALUE"}}},
      {"a=1,a=2", {{"a", "2"}}, {{"--kafka.labels", "a: given twice, the last one counts", Notice::Effect::kPartial}}},
      {"host=x", {{"host", "x"}}, {{"--kafka.labels", "host" + own, Notice::Effect::kPartial}}},
      {"type=x", {{"type", "x"}}, {{"--kafka.labels", "type" + own, Notice::Effect::kPartial}}},
      {"kafka_cluster=x", {{"kafka_cluster", "x"}}, {}},
  };
  for (const Case& each : cases) {
    CAPTURE(each.flag);
    const Config config = good({"--kafka.labels=" + each.flag});
    CHECK(config.labels == each.labels);
    CHECK(config.notices == each.notices);
  }
}

TEST_CASE("every flag of kafka_exporter is known") {
  const char* const flags[] = {
      "kafka.server",
      "kafka.version",
      "kafka.labels",
      "kafka.allow-auto-topic-creation",
      "sasl.enabled",
      "sasl.handshake",
      "sasl.username",
      "sasl.password",
      "sasl.mechanism",
      "sasl.aws-region",
      "sasl.oauthbearer-token-url",
      "sasl.service-name",
      "sasl.kerberos-config-path",
      "sasl.realm",
      "sasl.kerberos-auth-type",
      "sasl.keytab-path",
      "sasl.disable-PA-FX-FAST",
      "tls.enabled",
      "tls.server-name",
      "tls.ca-file",
      "tls.cert-file",
      "tls.key-file",
      "tls.insecure-skip-tls-verify",
      "server.tls.enabled",
      "server.tls.mutual-auth-enabled",
      "server.tls.ca-file",
      "server.tls.cert-file",
      "server.tls.key-file",
      "topic.filter",
      "topic.exclude",
      "group.filter",
      "group.exclude",
      "web.listen-address",
      "web.telemetry-path",
      "log.enable-sarama",
      "verbosity",
      "log.level",
      "log.format",
      "use.consumelag.zookeeper",
      "zookeeper.server",
      "refresh.metadata",
      "offset.show-all",
      "concurrent.enable",
      "topic.workers",
      "group.workers",
      "group.metrics.timeout",
      "help",
      "version",
  };
  const auto known = options();
  const std::string help = text_of({"--help"});
  for (const std::string flag : flags) {
    CAPTURE(flag);
    CHECK(std::any_of(known.begin(), known.end(), [&](const Option& option) { return option.flag == flag; }));
    const bool in_help =
        help.find("--" + flag) != std::string::npos || help.find("--[no-]" + flag) != std::string::npos;
    CHECK(in_help);
  }
}

TEST_CASE("each flag of kafka_exporter without effect is logged") {
  CHECK(good({"--zookeeper.server="}).notices == good({"--zookeeper.server=a"}).notices);
  CHECK(good({"--topic.workers=5", "--zookeeper.server=a", "--zookeeper.server=b", "--concurrent.enable"}).notices ==
        Notices{
            {"--topic.workers", "all partitions of a broker are requested at once"},
            {"--concurrent.enable", "scrapes are answered from memory, so any number may run at the same time"},
            {"--zookeeper.server", "ZooKeeper is not used"},
        });
  // These ask for the default.
  CHECK(good({"--no-concurrent.enable", "--no-use.consumelag.zookeeper", "--no-kafka.allow-auto-topic-creation",
              "--sasl.handshake", "--no-server.tls.enabled", "--server.tls.ca-file="}) == Config{});
}

TEST_CASE("help fits a terminal and takes precedence over everything else") {
  const std::string help = text_of({"--frobnicate", "--help"});
  CHECK(help == text_of({"-h"}));
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 100);
    CHECK_FALSE(line.ends_with(' '));
  }
}

TEST_CASE("version names the program, librdkafka and the compiler") {
  CHECK(text_of({"--version"}) ==
        "kafkascope 1.2.3 (revision abcdef)\n  librdkafka 2.15.1 (features gzip,ssl)\n  built with g++ 12.2\n");
}

TEST_CASE("check-config ends after the check") {
  CHECK(text_of({"--check-config"}) == "The configuration is good.\n");
  CHECK(text_of({"--check-config", "--topic.workers=1"}) ==
        "--topic.workers has no effect: all partitions of a broker are requested at once\n"
        "The configuration is good.\n");
  CHECK(bad({"--check-config", "--log.level=x"}).starts_with("--log.level"));
}

TEST_CASE("a configuration can be read again while the first one is in use") {
  const auto path = std::filesystem::temp_directory_path() / "kafkascope-reload-test.yml";
  const Args args = {"--config.file", path.string(), "--log.level=warn"};
  std::ofstream(path) << "clusters: [{servers: [a:1]}]\nlabels: {env: x}\n";
  const Config first = good(args);
  CHECK(good(args) == first);

  std::ofstream(path) << "clusters: [{servers: [b:1]}]\nlabels: {env: x}\nlog: {format: json}\n";
  const Config second = good(args);
  CHECK(first.clusters[0].servers == Args{"a:1"});
  CHECK(second.clusters[0].servers == Args{"b:1"});
  CHECK_FALSE(second.clusters == first.clusters);
  CHECK_FALSE(second.log == first.log);
  CHECK(second.web == first.web);
  CHECK(second.labels == first.labels);

  std::ofstream(path) << "clusters: [{servers: [c:1]}\n";
  CHECK(bad(args).find(": not YAML: ") != std::string::npos);
  std::ofstream(path) << "clusters: [{servers: [a:1]}]\nlabels: {env: x}\n";
  CHECK(good(args) == first);
  std::filesystem::remove(path);
}

TEST_CASE("files that the configuration names are read again with the text of the first reading") {
  const auto folder = std::filesystem::temp_directory_path();
  const auto path = folder / "kafkascope-text-test.yml", secret = folder / "kafkascope-text-test.secret";
  const Args args = {"--config.file", path.string()};
  std::ofstream(path) << "clusters: [{sasl: {enabled: true, username: u, password_file: " << secret.string() << "}}]\n";
  std::ofstream(secret) << "first";
  const Config first = good(args);
  CHECK(first.clusters[0].files.at(secret.string()) == content_hash(secret.string()));
  CHECK(good(args) == first);

  std::ofstream(path) << "no longer valid";
  std::ofstream(secret) << "second";
  const auto again = run(args, {}, &first.file_text);
  const Config& second = std::get<Config>(again);
  CHECK(second.clusters[0].properties.at("sasl.password") == "second");
  CHECK_FALSE(second.clusters == first.clusters);
  CHECK(content_hash("/no/such/file") == 0);

  using std::filesystem::perms;
  std::filesystem::permissions(secret, perms::owner_read | perms::owner_write);
  CHECK(std::get<Config>(run(args, {}, &first.file_text)).notices.empty());
  std::filesystem::permissions(secret, perms::owner_read | perms::others_read);
  const auto notices = std::get<Config>(run(args, {}, &first.file_text)).notices;
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].reason.find("chmod o-r") != std::string::npos);
  std::filesystem::remove(path);
  std::filesystem::remove(secret);
}

TEST_CASE("secrets of the command line are overwritten") {
  std::vector<std::string> args = {"kafkascope", "--sasl.password=hunter2", "--sasl.password",
                                   "hunter2",    "--sasl.password-file=f",  "--sasl.username=u"};
  std::vector<char*> argv;
  for (auto& arg : args) argv.push_back(arg.data());
  hide_secrets(static_cast<int>(argv.size()), argv.data());
  CHECK(args == std::vector<std::string>{"kafkascope", "--sasl.password=*******", "--sasl.password", "*******",
                                         "--sasl.password-file=f", "--sasl.username=u"});
}

TEST_CASE("no command line throws, and no message repeats a password") {
  std::vector<std::string> pieces = {"--", "-", "", "=", "hunter2", "-1", "--no-", "--no-help", "[", "--kafka.server="};
  for (const Option& option : options()) {
    if (option.flag.empty()) continue;
    const std::string flag = "--" + std::string(option.flag);
    for (const char* end : {"", "=", "=hunter2", "=true", "=-1", "=[a]"}) pieces.push_back(flag + end);
    pieces.push_back("--no-" + std::string(option.flag));
    pieces.push_back("--no-" + std::string(option.flag) + "=1");
  }
  std::mt19937 random(7);
  const std::string mechanisms[] = {"plain", "gssapi", "oauthbearer", "scram-sha256"};
  for (int i = 0; i < 500; ++i) {
    Args args = {"--sasl.enabled", "--sasl.password=hunter3", "--sasl.mechanism=" + mechanisms[i % 4]};
    for (int n = static_cast<int>(random() % 3); n >= 0; --n) args.push_back(pieces[random() % pieces.size()]);
    const auto result = run(args);
    if (const Exit* exit = std::get_if<Exit>(&result)) {
      CAPTURE(args);
      REQUIRE((exit->out + exit->err).find("hunter3") == std::string::npos);
    }
  }
}

}  // namespace
}  // namespace kafkascope::config
