// The table of all settings. To add one, add a row: flags, the file's keys and --help follow from it. Tests require
// that config/kafkascope.yml shows each key with its default.
#include "config/options.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <set>

namespace kafkascope::config {
namespace {

using std::chrono::milliseconds;

/// Logs that a flag without counterpart has no effect.
void ignore(Draft& to, const Given& given) {
  const Option& option = *given.option;
  if (option.kind == Kind::boolean && given.text() == option.fallback) return;  // asks for what is so anyway
  to.config.notices.push_back({given.value().origin.name, std::string(option.help)});
}

/// Fails if a flag asks for a feature that is not supported.
void refuse(Draft&, const Given& given) {
  if (given.option->kind == Kind::boolean && !to_bool(given.value())) return;
  if (given.text().empty()) return;
  fail(given.value().origin, fmt::format("{}; leave it out", given.option->help));
}

void switch_collectors(ClusterDraft& to, const Given& given) {
  using model::Collector;
  const std::set<Collector> basic = {Collector::kMetadata, Collector::kOffsets, Collector::kGroups,
                                     Collector::kGroupOffsets};
  for (const Value& value : given.values) {
    const Collector collector = to_collector(value);
    if (to_bool(value)) continue;
    if (basic.contains(collector)) fail(value.origin, "cannot be switched off, the others build on it; leave it out");
    to.cluster.disabled_collectors.insert(collector);
  }
}

/// Also accepts two levels of kafka_exporter's that kafkascope does not have.
std::string to_log_level(const Value& value) {
  if (value.text == "warning") return "warn";
  if (value.text == "fatal") return "error";
  return to_choice(value, {"debug", "info", "warn", "error"});
}

/// As kafka_exporter does, accepts what has no effect: a name without value, and a label that is given twice.
void set_label(Config& config, const Value& value) {
  const auto note = [&](std::string_view reason, Notice::Effect effect = Notice::Effect::kNone) {
    config.notices.push_back({value.origin.name, fmt::format("{}: {}", value.name, reason), effect});
  };
  if (value.text.empty()) return note("a label needs a value, NAME=VALUE");
  check_label(value);
  if (config.labels.contains(value.name)) note("given twice, the last one counts", Notice::Effect::kPartial);
  if (is_series_label(value.name))
    note("series that have a label of this name keep their own", Notice::Effect::kPartial);
  config.labels[value.name] = value.text;
}

/// Converts entries `expression: team=payments,service=checkout`.
NameLabels to_name_labels(const Given& given) {
  NameLabels all;
  for (const Value& value : given.values) {
    NameLabels::Labels labels;
    for (size_t begin = 0; begin <= value.text.size();) {
      const size_t end = std::min(value.text.find(',', begin), value.text.size());
      const std::string part = value.text.substr(begin, end - begin);
      const size_t equals = part.find('=');
      if (equals == part.npos || equals + 1 == part.size())
        fail(value.origin, fmt::format("\"{}\" is not a label; write NAME=VALUE, several separated by commas", part));
      labels.emplace_back(part.substr(0, equals), part.substr(equals + 1));
      const std::string& name = labels.back().first;
      check_label({name, labels.back().second, value.origin});
      if (name == "kafka_cluster" || is_series_label(name))
        fail(value.origin, fmt::format("series have a label {} themselves; choose another name", name));
      begin = end + 1;
    }
    to_filter({{}, value.name, value.origin}, value.name, "");  // for its error messages
    all.add(value.name, std::move(labels));
  }
  return all;
}

void set_secret(std::optional<Secret>& secret, const Given& given) {
  const Value& value = given.value();
  if (value.text == given.option->fallback) return;
  if (secret && secret->value.origin.file == value.origin.file) {
    fail(value.origin, fmt::format("{} is given too; keep one of the two", secret->value.origin.name));
  }
  secret = Secret{given.option->key, value};
}

void set_password(ClusterDraft& to, const Given& given) { set_secret(to.sasl.password, given); }
void set_key_password(ClusterDraft& to, const Given& given) { set_secret(to.tls.key_password, given); }

constexpr auto kText = Kind::text;
constexpr auto kBool = Kind::boolean;
constexpr auto kOptional = Kind::optional_text;
constexpr auto kList = Kind::list;
constexpr auto kMap = Kind::map;

constexpr std::string_view kKafka = "Kafka";
constexpr std::string_view kSecurity = "Security";
constexpr std::string_view kExport = "What to export";
constexpr std::string_view kWeb = "Web";
constexpr std::string_view kLog = "Log";
constexpr std::string_view kProgram = "Configuration";

constexpr milliseconds kAtLeast = milliseconds(100);
constexpr milliseconds kAtMost = std::chrono::hours(24);

// A row: section, flag, key, kind, placeholder, default, help, what it sets.
constexpr Option kOptions[] = {
    {kKafka, "kafka.server", "servers", kList, "HOST:PORT", "kafka:9092",
     "Bootstrap broker; repeat the flag, or separate several by commas. All other brokers are discovered.",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.servers.clear();
       for (const Value& value : given.values) to.cluster.servers.push_back(to_server(value));
     }},
    {kKafka, "", "name", kText, "", "", "",
     [](ClusterDraft& to, const Given& given) { to.cluster.name = given.text(); }},
    {kKafka, "", "kafka.properties", kMap, "", "", "",
     [](ClusterDraft& to, const Given& given) { to.properties = given.values; }},
    {kKafka, "poll.interval", "polling.interval", kText, "DURATION", "15s",
     "How often Kafka is polled. Scrapes are answered from memory.",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.polling.interval = to_duration(given.value(), kAtLeast, kAtMost);
     }},
    {kKafka, "", "polling.deadline", kText, "", "0", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.polling.deadline = to_duration(given.value(), milliseconds(0), kAtMost);
     }},
    {kKafka, "", "polling.request_timeout", kText, "", "0", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.polling.request_timeout = to_duration(given.value(), milliseconds(0), kAtMost);
     }},
    {kKafka, "", "polling.hold", kText, "", "1m", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.options.hold = to_duration(given.value(), milliseconds(0), kAtMost);
     }},
    {kKafka, "", "polling.earliest_every", kText, "", "4", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.polling.earliest_every = to_int(given.value(), 1, 1000);
     }},
    {kKafka, "", "polling.topic_configs_interval", kText, "", "5m", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.options.topic_configs_interval = to_duration(given.value(), kAtLeast, kAtMost);
     }},
    {kKafka, "", "polling.log_dirs_interval", kText, "", "5m", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.options.log_dirs_interval = to_duration(given.value(), kAtLeast, kAtMost);
     }},
    {kKafka, "", "polling.record_times_interval", kText, "", "1m", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.options.record_times_interval = to_duration(given.value(), kAtLeast, kAtMost);
     }},
    {kKafka, "", "polling.transactions_interval", kText, "", "1m", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.options.transactions_interval = to_duration(given.value(), kAtLeast, kAtMost);
     }},
    {kKafka, "", "polling.features_interval", kText, "", "5m", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.options.features_interval = to_duration(given.value(), kAtLeast, kAtMost);
     }},
    {kKafka, "", "collectors", kMap, "", "", "", switch_collectors},

    {kSecurity, "tls.enabled", "tls.enabled", kBool, "", "false", "Connect to Kafka with TLS.",
     [](ClusterDraft& to, const Given& given) { to.tls.enabled = to_bool(given.value()); }},
    {kSecurity, "tls.ca-file", "tls.ca_file", kText, "FILE", "",
     "CA certificates (PEM) used to verify brokers. Default: the system trust store.",
     [](ClusterDraft& to, const Given& given) { to.tls.ca_file = given.text(); }},
    {kSecurity, "tls.cert-file", "tls.cert_file", kText, "FILE", "", "Client certificate (PEM) for mutual TLS.",
     [](ClusterDraft& to, const Given& given) { to.tls.cert_file = given.text(); }},
    {kSecurity, "tls.key-file", "tls.key_file", kText, "FILE", "", "Private key (PEM) of the client certificate.",
     [](ClusterDraft& to, const Given& given) { to.tls.key_file = given.text(); }},
    {kSecurity, "tls.key-password", "tls.key_password", kText, "SECRET", "",
     "Passphrase of the private key. Prefer $TLS_KEY_PASSWORD or a file, as for --sasl.password.", set_key_password},
    {kSecurity, "tls.key-password-file", "tls.key_password_file", kText, "FILE", "",
     "File that contains the passphrase of the private key.", set_key_password},
    {kSecurity, "", "tls.key_password_env", kText, "", "TLS_KEY_PASSWORD", "", set_key_password},
    {kSecurity, "tls.insecure-skip-tls-verify", "tls.insecure_skip_verify", kBool, "", "false",
     "Skip certificate verification. Insecure: allows man-in-the-middle attacks.",
     [](ClusterDraft& to, const Given& given) { to.tls.insecure_skip_verify = to_bool(given.value()); }},
    {kSecurity, "tls.server-name", "", kText, "NAME", "",
     "Accepted if it is the host of every --kafka.server: certificates are verified against that host.",
     [](ClusterDraft& to, const Given& given) { to.tls.server_name = given.text(); }},
    {kSecurity, "sasl.enabled", "sasl.enabled", kBool, "", "false", "Enable SASL authentication.",
     [](ClusterDraft& to, const Given& given) { to.sasl.enabled = to_bool(given.value()); }},
    {kSecurity, "sasl.mechanism", "sasl.mechanism", kText, "NAME", "plain",
     "plain, scram-sha256, scram-sha512, oauthbearer, gssapi or awsiam (Amazon MSK).",
     [](ClusterDraft& to, const Given& given) { to.sasl.mechanism = given.text(); }},
    {kSecurity, "sasl.username", "sasl.username", kText, "NAME", "",
     "User name; for oauthbearer the client ID, for gssapi the principal.",
     [](ClusterDraft& to, const Given& given) { to.sasl.username = given.text(); }},
    {kSecurity, "sasl.password", "sasl.password", kText, "SECRET", "",
     "Password; for oauthbearer the client secret. Every process on the host can read a command line: prefer "
     "$SASL_USER_PASSWORD or a file.",
     set_password},
    {kSecurity, "sasl.password-file", "sasl.password_file", kText, "FILE", "", "File that contains the password.",
     set_password},
    {kSecurity, "", "sasl.password_env", kText, "", "SASL_USER_PASSWORD", "", set_password},
    {kSecurity, "sasl.oauthbearer-token-url", "sasl.oauthbearer.token_url", kText, "URL", "",
     "oauthbearer: token endpoint. Default: $SASL_OAUTHBEARER_TOKEN_URL.",
     [](ClusterDraft& to, const Given& given) { to.sasl.token_url = given.text(); }},
    {kSecurity, "sasl.oauthbearer-scopes", "sasl.oauthbearer.scopes", kText, "A,B", "",
     "oauthbearer: scopes to request.",
     [](ClusterDraft& to, const Given& given) { to.sasl.scopes = given.text(); }},
    {kSecurity, "sasl.aws-region", "sasl.aws.region", kText, "REGION", "",
     "awsiam: AWS region of the cluster. Default: $AWS_REGION, $AWS_DEFAULT_REGION.",
     [](ClusterDraft& to, const Given& given) { to.sasl.aws_region = given.text(); }},
    {kSecurity, "", "sasl.aws.profile", kText, "", "", "",
     [](ClusterDraft& to, const Given& given) { to.sasl.aws_profile = given.text(); }},
    {kSecurity, "sasl.service-name", "sasl.kerberos.service_name", kText, "NAME", "kafka",
     "gssapi: Kerberos service name of the brokers.",
     [](ClusterDraft& to, const Given& given) { to.sasl.service_name = given.text(); }},
    {kSecurity, "sasl.realm", "sasl.kerberos.realm", kText, "REALM", "", "gssapi: realm of the principal.",
     [](ClusterDraft& to, const Given& given) { to.sasl.realm = given.text(); }},
    {kSecurity, "sasl.keytab-path", "sasl.kerberos.keytab_file", kText, "FILE", "", "gssapi: keytab of the principal.",
     [](ClusterDraft& to, const Given& given) { to.sasl.keytab_file = given.text(); }},
    {kSecurity, "sasl.kerberos-config-path", "sasl.kerberos.config_file", kText, "FILE", "",
     "gssapi: krb5.conf. Default: that of the system.",
     [](ClusterDraft& to, const Given& given) { to.sasl.config_file = given.text(); }},
    {kSecurity, "sasl.kerberos-auth-type", "", kText, "TYPE", "keytabAuth", "gssapi: only keytabAuth is supported.",
     [](ClusterDraft& to, const Given& given) { to.sasl.auth_type = given.text(); }},

    {kExport, "topic.filter", "topics.filter", kText, "REGEX", ".*",
     "Export topics matching this expression (RE2, unanchored: use ^ and $ to match the whole name).",
     [](ClusterDraft& to, const Given& given) {
       Filter& topics = to.cluster.topics;
       topics = to_filter(given.value(), given.text(), topics.exclude());
     }},
    {kExport, "topic.exclude", "topics.exclude", kText, "REGEX", "^$", "Exclude topics matching this expression.",
     [](ClusterDraft& to, const Given& given) {
       Filter& topics = to.cluster.topics;
       topics = to_filter(given.value(), topics.include(), given.text());
     }},
    {kExport, "", "topics.labels", kMap, "", "", "",
     [](ClusterDraft& to, const Given& given) { to.cluster.topic_labels = to_name_labels(given); }},
    {kExport, "", "topics.dead_letters", kText, "", DeadLetters::kDefault, "",
     [](ClusterDraft& to, const Given& given) {
       to_filter(given.value(), given.text(), "");  // for its error messages
       to.cluster.dead_letters = DeadLetters(given.text());
     }},
    {kExport, "group.filter", "groups.filter", kText, "REGEX", ".*", "Export consumer groups matching this expression.",
     [](ClusterDraft& to, const Given& given) {
       Filter& groups = to.cluster.groups;
       groups = to_filter(given.value(), given.text(), groups.exclude());
     }},
    {kExport, "group.exclude", "groups.exclude", kText, "REGEX", "^$",
     "Exclude consumer groups matching this expression.",
     [](ClusterDraft& to, const Given& given) {
       Filter& groups = to.cluster.groups;
       groups = to_filter(given.value(), groups.include(), given.text());
     }},
    {kExport, "", "groups.labels", kMap, "", "", "",
     [](ClusterDraft& to, const Given& given) { to.cluster.group_labels = to_name_labels(given); }},
    {kExport, "offset.show-all", "groups.show_all_offsets", kBool, "", "true",
     "Export offsets of all partitions that a group has committed, not only of those assigned to a member.",
     [](ClusterDraft& to, const Given& given) { to.cluster.options.show_all_offsets = to_bool(given.value()); }},
    {kExport, "group.uncommitted", "groups.uncommitted", kText, "none|-1", "none",
     "Partitions without a committed offset, of topics that the group reads: no series, or -1 as in kafka_exporter.",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.options.uncommitted_as_minus_one = to_choice(given.value(), {"none", "-1"}) == "-1";
     }},
    {kExport, "granularity", "granularity", kText, "partition|topic", "partition",
     "topic: omit series of single partitions, which are most of the page. Sums and maxima remain.",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.options.by_partition = to_choice(given.value(), {"partition", "topic"}) == "partition";
     }},
    {kExport, "read-committed", "read_committed", kBool, "", "false",
     "Also export last stable offsets, and the lag of consumers with isolation level read_committed.",
     [](ClusterDraft& to, const Given& given) { to.cluster.options.read_committed = to_bool(given.value()); }},
    {kExport, "", "groups.members", kBool, "", "false", "",
     [](ClusterDraft& to, const Given& given) { to.cluster.options.members = to_bool(given.value()); }},
    {kExport, "", "groups.owners", kBool, "", "false", "",
     [](ClusterDraft& to, const Given& given) { to.cluster.options.owners = to_bool(given.value()); }},
    {kExport, "", "groups.status_window", kText, "", "5m", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.options.status_window = to_duration(given.value(), std::chrono::seconds(1), std::chrono::hours(1));
     }},
    {kExport, "", "groups.drop_empty_after", kText, "", "0", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.options.drop_empty_after = to_duration(given.value(), milliseconds(0), std::chrono::hours(365 * 24));
     }},
    {kExport, "", "max_series", kText, "", "0", "",
     [](ClusterDraft& to, const Given& given) {
       to.cluster.options.max_series = static_cast<size_t>(to_int(given.value(), 0, 1'000'000'000));
     }},
    {kExport, "", "compatibility", kList, "kafka-lag-exporter", "", "",
     [](ClusterDraft& to, const Given& given) {
       for (const Value& value : given.values)
         to.cluster.options.kafka_lag_exporter = to_choice(value, {"kafka-lag-exporter"}) == "kafka-lag-exporter";
     }},
    {kExport, "", "disabled_families", kList, "kafka_topic_partition_leader", "", "",
     [](Draft& to, const Given& given) {
       for (const Value& value : given.values) {
         if (!to.config.disabled_families.insert(to_family(value)).second) {
           fail(value.origin, fmt::format("{} is given twice; keep one", value.text));
         }
       }
     }},
    {kExport, "kafka.labels", "labels", kMap, "NAME=VALUE", "",
     "Constant label on every series; repeat the flag, or separate several by commas.",
     [](Draft& to, const Given& given) {
       to.config.labels.clear();
       for (const Value& value : given.values) set_label(to.config, value);
     }},

    {kWeb, "web.listen-address", "web.listen_addresses", kList, "HOST:PORT", ":9308",
     "Address to listen on; repeat the flag for several. Without a host: all addresses. A Unix socket is "
     "unix:/PATH or unix:/PATH?mode=0600 [mode 0660].",
     [](Draft& to, const Given& given) {
       std::vector<std::string>& addresses = to.config.web.listen_addresses;
       addresses.clear();
       for (const Value& value : given.values) {
         const std::string address = to_listen_address(value);
         if (std::count(addresses.begin(), addresses.end(), address) > 0) {
           fail(value.origin, fmt::format("{} is given twice", address));
         }
         addresses.push_back(address);
       }
     }},
    {kWeb, "web.telemetry-path", "web.telemetry_path", kText, "PATH", "/metrics", "Path of the metrics.",
     [](Draft& to, const Given& given) { to.config.web.telemetry_path = to_telemetry_path(given.value()); }},
    {kWeb, "web.config.file", "web.config_file", kText, "FILE", "",
     "Web configuration file of the Prometheus exporter toolkit: TLS, users, headers. It is read again when it or a "
     "certificate changes.",
     [](Draft& to, const Given& given) { to.config.web.config_file = given.text(); }},
    {kWeb, "web.systemd-socket", "web.systemd_socket", kBool, "", "false",
     "Use the sockets that systemd passes instead of --web.listen-address.",
     [](Draft& to, const Given& given) { to.config.web.systemd_socket = to_bool(given.value()); }},
    {kWeb, "web.health-address", "web.health_address", kText, "HOST:PORT", "",
     "Additional address that serves /healthz, /-/healthy and /-/ready only, without TLS and authentication.",
     [](Draft& to, const Given& given) {
       to.config.web.health_address = given.text().empty() ? "" : to_listen_address(given.value());
     }},
    {kWeb, "server.tls.enabled", "", kBool, "", "false",
     "Serve with TLS, as in kafka_exporter. --web.config.file has more options.",
     [](Draft& to, const Given& given) { to.config.web.server_tls.enabled = to_bool(given.value()); }},
    {kWeb, "server.tls.mutual-auth-enabled", "", kBool, "", "false",
     "Require a client certificate that --server.tls.ca-file verifies.",
     [](Draft& to, const Given& given) { to.config.web.server_tls.mutual = to_bool(given.value()); }},
    {kWeb, "server.tls.ca-file", "", kText, "FILE", "", "CA certificates (PEM) used to verify clients.",
     [](Draft& to, const Given& given) { to.config.web.server_tls.ca_file = given.text(); }},
    {kWeb, "server.tls.cert-file", "", kText, "FILE", "", "Certificate (PEM) of the listeners, with its chain.",
     [](Draft& to, const Given& given) { to.config.web.server_tls.cert_file = given.text(); }},
    {kWeb, "server.tls.key-file", "", kText, "FILE", "", "Private key (PEM) of that certificate.",
     [](Draft& to, const Given& given) { to.config.web.server_tls.key_file = given.text(); }},

    {kWeb, "web.enable-lifecycle", "web.enable_lifecycle", kBool, "", "false",
     "Serve POST /-/reload, which does what SIGHUP does: read the configuration anew.",
     [](Draft& to, const Given& given) { to.config.web.enable_lifecycle = to_bool(given.value()); }},
    {kLog, "log.level", "log.level", kText, "LEVEL", "info", "debug, info, warn or error.",
     [](Draft& to, const Given& given) {
       to.config.log.level = to_log_level(given.value());
     }},
    {kLog, "log.format", "log.format", kText, "FORMAT", "logfmt", "logfmt or json.",
     [](Draft& to, const Given& given) { to.config.log.format = to_choice(given.value(), {"logfmt", "json"}); }},
    {kLog, "verbosity", "", kText, "NUMBER", "0", "1 or more is --log.level=debug, unless that flag is given.",
     [](Draft& to, const Given& given) {
       const auto level = to.given.find("log.level");
       const bool level_by_flag = level != to.given.end() && level->second.file.empty();
       if (to_int(given.value(), 0, 1000) > 0 && !level_by_flag) to.config.log.level = "debug";
     }},

    {kProgram, "config.file", "", kText, "FILE", "",
     "YAML file with further settings: several clusters, timeouts, collectors, librdkafka properties. Flags take "
     "precedence; config/kafkascope.yml shows every key.",
     {}},
    {kProgram, "check-config", "", kBool, "", "false", "Check flags and file, and exit.", {}},
    {kProgram, "healthcheck", "", kOptional, "URL", "",
     "Request /healthz of a running kafkascope, print the result, and exit with 0 if it responds, else with 1. Default: "
     "the first listen address of this command line or configuration file.",
     {}},
    {kProgram, "help-man", "", kBool, "", "false", "Print the man page, and exit.", {}},
    {kProgram, "completion-script-bash", "", kBool, "", "false", "Print the completion script for bash, and exit.", {}},
    {kProgram, "completion-script-zsh", "", kBool, "", "false", "Print the completion script for zsh, and exit.", {}},
    {kProgram, "completion-script-fish", "", kBool, "", "false", "Print the completion script for fish, and exit.", {}},
    {kProgram, "version", "", kBool, "", "false", "Print the version, and exit.", {}},
    {kProgram, "help", "", kBool, "", "false", "Print this page, and exit (also -h).", {}},

    // Here the help is the reason that the log or the error gives.
    {kIgnored, "kafka.version", "", kText, "", "2.0.0", "versions are negotiated with each broker", ignore},
    {kIgnored, "kafka.allow-auto-topic-creation", "", kBool, "", "false", "topics are never created",
     ignore},
    {kIgnored, "refresh.metadata", "", kText, "", "30s", "metadata is fresh in every poll, see --poll.interval",
     ignore},
    {kIgnored, "topic.workers", "", kText, "", "100", "all partitions of a broker are requested at once", ignore},
    {kIgnored, "group.workers", "", kText, "", "100", "all groups of a broker are requested at once", ignore},
    {kIgnored, "group.metrics.timeout", "", kText, "", "5m", "a poll has one deadline, polling.deadline in the file",
     ignore},
    {kIgnored, "concurrent.enable", "", kBool, "", "false",
     "scrapes are answered from memory, so any number may run at the same time", ignore},
    {kIgnored, "log.enable-sarama", "", kBool, "", "false",
     "kafkascope does not use Sarama; for librdkafka's log set debug under kafka: properties: in the file", ignore},
    {kIgnored, "zookeeper.server", "", kList, "", "", "ZooKeeper is not used", ignore},
    {kRefused, "use.consumelag.zookeeper", "", kBool, "", "false",
     "offsets in ZooKeeper are not supported, only those in Kafka", refuse},
    {kRefused, "sasl.handshake", "", kBool, "", "true", "",
     [](ClusterDraft& to, const Given& given) { to.sasl.handshake = to_bool(given.value()); }},
    {kRefused, "sasl.disable-PA-FX-FAST", "", kBool, "", "false", "",
     [](ClusterDraft& to, const Given& given) { to.sasl.disable_fast = to_bool(given.value()); }},
};

}  // namespace

std::span<const Option> options() { return kOptions; }

void apply(const Given& given, Draft& draft, ClusterDraft* cluster) {
  const Option& option = *given.option;
  if (const auto* set = std::get_if<SetInCluster>(&option.set)) {
    (*set)(*cluster, given);
    cluster->given.insert_or_assign(option.id(), given.value().origin);
  } else if (const auto* set = std::get_if<SetInProgram>(&option.set)) {
    (*set)(draft, given);
    draft.given.insert_or_assign(option.id(), given.value().origin);
  }
}

std::string spelled_for(const Origin& origin, std::string_view id) {
  for (const Option& option : kOptions) {
    if (option.id() != id) continue;
    const bool as_flag = option.key.empty() || (origin.file.empty() && !option.flag.empty());
    return as_flag ? fmt::format("--{}", option.flag) : std::string(option.key);
  }
  return std::string(id);
}

}  // namespace kafkascope::config
