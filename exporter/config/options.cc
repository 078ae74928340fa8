#include "config/options.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>
#include <string>

namespace kafkascope::config {
namespace {

using std::chrono::milliseconds;

using Values = std::vector<Value>;

/// For a flag that asks for what has no counterpart here: a line in the log, and nothing else.
void ignore(const Option& option, const Values& values, const Target& target) {
  if (option.kind == Kind::boolean && values.front().text == option.fallback) return;  // it asks for nothing
  target.draft.config.notices.push_back(
      fmt::format("{} does nothing here: {}", values.front().origin.name, option.help));
}

/// For a flag whose feature does not exist here: an error when it asks for it.
void refuse(const Option& option, const Values& values, const Target&) {
  if (option.kind == Kind::boolean && !to_bool(values.front())) return;
  if (values.front().text.empty()) return;
  fail(values.front().origin, fmt::format("{}; leave it out", option.help));
}

void switch_collectors(const Option&, const Values& values, const Target& target) {
  using model::Collector;
  const std::set<Collector> basic = {Collector::kMetadata, Collector::kOffsets, Collector::kGroups,
                                     Collector::kGroupOffsets};
  for (const Value& value : values) {
    const Collector collector = to_collector(value);
    if (to_bool(value)) continue;
    if (basic.contains(collector)) fail(value.origin, "cannot be switched off, the others build on it; leave it out");
    target.cluster.cluster.disabled_collectors.insert(collector);
  }
}

void set_password(const Option& option, const Values& values, const Target& target) {
  const Value& value = values.front();
  if (value.text == option.fallback) return;
  std::optional<Sasl::Password>& password = target.cluster.sasl.password;
  if (password && password->value.origin.file == value.origin.file) {
    fail(value.origin, fmt::format("{} is given too; keep one of the two", password->value.origin.name));
  }
  password = Sasl::Password{option.key, value};
}

constexpr auto kText = Kind::text;
constexpr auto kBool = Kind::boolean;
constexpr auto kList = Kind::list;
constexpr auto kMap = Kind::map;
constexpr auto kCluster = Scope::cluster;
constexpr auto kProgram = Scope::program;

constexpr milliseconds kAtLeast = milliseconds(100);
constexpr milliseconds kAtMost = std::chrono::hours(24);

// A row: flag, key, kind, scope, placeholder, default, help, what it sets.

constexpr Option kKafka[] = {
    {"kafka.server", "servers", kList, kCluster, "HOST:PORT", "kafka:9092",
     "A broker to start from; repeat it, or separate several by commas. All others are found from there.",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.servers.clear();
       for (const Value& value : values) to.cluster.cluster.servers.push_back(to_server(value));
     }},
    {"", "name", kText, kCluster, "", "", "",
     [](auto&, auto& values, auto& to) { to.cluster.cluster.name = values[0].text; }},
    {"", "kafka.properties", kMap, kCluster, "", "", "",
     [](auto&, auto& values, auto& to) { to.cluster.properties = values; }},
    {"poll.interval", "polling.interval", kText, kCluster, "DURATION", "15s",
     "How often Kafka is asked. A scrape is answered from memory and asks nothing.",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.polling.interval = to_duration(values[0], kAtLeast, kAtMost);
     }},
    {"", "polling.deadline", kText, kCluster, "", "0", "",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.polling.deadline = to_duration(values[0], milliseconds(0), kAtMost);
     }},
    {"", "polling.request_timeout", kText, kCluster, "", "0", "",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.polling.request_timeout = to_duration(values[0], milliseconds(0), kAtMost);
     }},
    {"", "polling.hold", kText, kCluster, "", "1m", "",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.options.hold = to_duration(values[0], milliseconds(0), kAtMost);
     }},
    {"", "polling.earliest_every", kText, kCluster, "", "4", "",
     [](auto&, auto& values, auto& to) { to.cluster.cluster.polling.earliest_every = to_int(values[0], 1, 1000); }},
    {"", "polling.topic_configs_interval", kText, kCluster, "", "5m", "",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.options.topic_configs_interval = to_duration(values[0], kAtLeast, kAtMost);
     }},
    {"", "polling.log_dirs_interval", kText, kCluster, "", "5m", "",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.options.log_dirs_interval = to_duration(values[0], kAtLeast, kAtMost);
     }},
    {"", "collectors", kMap, kCluster, "", "", "", switch_collectors},
};

constexpr Option kSecurity[] = {
    {"tls.enabled", "tls.enabled", kBool, kCluster, "", "false", "Connect to Kafka with TLS.",
     [](auto&, auto& values, auto& to) { to.cluster.tls.enabled = to_bool(values[0]); }},
    {"tls.ca-file", "tls.ca_file", kText, kCluster, "FILE", "",
     "The authorities (PEM) that brokers' certificates must come from; the system's when not given.",
     [](auto&, auto& values, auto& to) { to.cluster.tls.ca_file = values[0].text; }},
    {"tls.cert-file", "tls.cert_file", kText, kCluster, "FILE", "", "Our own certificate (PEM), for mutual TLS.",
     [](auto&, auto& values, auto& to) { to.cluster.tls.cert_file = values[0].text; }},
    {"tls.key-file", "tls.key_file", kText, kCluster, "FILE", "", "Its private key (PEM).",
     [](auto&, auto& values, auto& to) { to.cluster.tls.key_file = values[0].text; }},
    {"tls.insecure-skip-tls-verify", "tls.insecure_skip_verify", kBool, kCluster, "", "false",
     "Trust whatever certificate a broker shows. Anybody in between can then read the password.",
     [](auto&, auto& values, auto& to) { to.cluster.tls.insecure_skip_verify = to_bool(values[0]); }},
    {"tls.server-name", "", kText, kCluster, "NAME", "",
     "Accepted when it is the host of each --kafka.server: certificates are checked against that.",
     [](auto&, auto& values, auto& to) { to.cluster.tls.server_name = values[0].text; }},
    {"sasl.enabled", "sasl.enabled", kBool, kCluster, "", "false", "Log in to Kafka.",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.enabled = to_bool(values[0]); }},
    {"sasl.mechanism", "sasl.mechanism", kText, kCluster, "NAME", "plain",
     "plain, scram-sha256, scram-sha512, oauthbearer or gssapi.",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.mechanism = values[0].text; }},
    {"sasl.username", "sasl.username", kText, kCluster, "NAME", "",
     "The user; for oauthbearer the client id, for gssapi the principal.",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.username = values[0].text; }},
    {"sasl.password", "sasl.password", kText, kCluster, "SECRET", "",
     "Its password, or the client secret. On a command line every process can read it: better put it into "
     "$SASL_USER_PASSWORD or a file.",
     set_password},
    {"sasl.password-file", "sasl.password_file", kText, kCluster, "FILE", "", "A file with the password in it.",
     set_password},
    {"", "sasl.password_env", kText, kCluster, "", "SASL_USER_PASSWORD", "", set_password},
    {"sasl.oauthbearer-token-url", "sasl.oauthbearer.token_url", kText, kCluster, "URL", "",
     "Where oauthbearer gets its tokens; also $SASL_OAUTHBEARER_TOKEN_URL.",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.token_url = values[0].text; }},
    {"sasl.oauthbearer-scopes", "sasl.oauthbearer.scopes", kText, kCluster, "A,B", "", "What scopes it asks for.",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.scopes = values[0].text; }},
    {"sasl.service-name", "sasl.kerberos.service_name", kText, kCluster, "NAME", "kafka",
     "gssapi: the brokers' Kerberos service.",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.service_name = values[0].text; }},
    {"sasl.realm", "sasl.kerberos.realm", kText, kCluster, "REALM", "", "gssapi: the realm of the user.",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.realm = values[0].text; }},
    {"sasl.keytab-path", "sasl.kerberos.keytab_file", kText, kCluster, "FILE", "", "gssapi: the user's keytab.",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.keytab_file = values[0].text; }},
    {"sasl.kerberos-config-path", "sasl.kerberos.config_file", kText, kCluster, "FILE", "",
     "gssapi: krb5.conf, if not the system's.",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.config_file = values[0].text; }},
    {"sasl.kerberos-auth-type", "", kText, kCluster, "TYPE", "keytabAuth", "gssapi: only keytabAuth is possible.",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.auth_type = values[0].text; }},
};

constexpr Option kWhat[] = {
    {"topic.filter", "topics.filter", kText, kCluster, "REGEX", ".*",
     "Which topics to export: those that match anywhere (RE2; use ^ and $ for the whole name).",
     [](auto&, auto& values, auto& to) {
       Filter& topics = to.cluster.cluster.topics;
       topics = to_filter(values[0], values[0].text, topics.exclude());
     }},
    {"topic.exclude", "topics.exclude", kText, kCluster, "REGEX", "^$", "Which of them to leave out.",
     [](auto&, auto& values, auto& to) {
       Filter& topics = to.cluster.cluster.topics;
       topics = to_filter(values[0], topics.include(), values[0].text);
     }},
    {"group.filter", "groups.filter", kText, kCluster, "REGEX", ".*", "Which consumer groups to export.",
     [](auto&, auto& values, auto& to) {
       Filter& groups = to.cluster.cluster.groups;
       groups = to_filter(values[0], values[0].text, groups.exclude());
     }},
    {"group.exclude", "groups.exclude", kText, kCluster, "REGEX", "^$", "Which of them to leave out.",
     [](auto&, auto& values, auto& to) {
       Filter& groups = to.cluster.cluster.groups;
       groups = to_filter(values[0], groups.include(), values[0].text);
     }},
    {"offset.show-all", "groups.show_all_offsets", kBool, kCluster, "", "true",
     "Offsets of all partitions that a group committed on; otherwise only of those that a member has now.",
     [](auto&, auto& values, auto& to) { to.cluster.cluster.options.show_all_offsets = to_bool(values[0]); }},
    {"group.uncommitted", "groups.uncommitted", kText, kCluster, "none|-1", "none",
     "A partition without a commit in a topic that the group reads: no series, or -1 as kafka_exporter has it.",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.options.uncommitted_as_minus_one = to_choice(values[0], {"none", "-1"}) == "-1";
     }},
    {"granularity", "granularity", kText, kCluster, "partition|topic", "partition",
     "With topic, no series of single partitions, which are most of them; sums and maxima stay.",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.options.by_partition = to_choice(values[0], {"partition", "topic"}) == "partition";
     }},
    {"read-committed", "read_committed", kBool, kCluster, "", "false",
     "Also the lag of consumers that read only what transactions have committed, and how far they can see.",
     [](auto&, auto& values, auto& to) { to.cluster.cluster.options.read_committed = to_bool(values[0]); }},
    {"", "groups.members", kBool, kCluster, "", "false", "",
     [](auto&, auto& values, auto& to) { to.cluster.cluster.options.members = to_bool(values[0]); }},
    {"", "groups.owners", kBool, kCluster, "", "false", "",
     [](auto&, auto& values, auto& to) { to.cluster.cluster.options.owners = to_bool(values[0]); }},
    {"", "groups.status_window", kText, kCluster, "", "5m", "",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.options.status_window =
           to_duration(values[0], std::chrono::seconds(1), std::chrono::hours(1));
     }},
    {"", "groups.drop_empty_after", kText, kCluster, "", "0", "",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.options.drop_empty_after =
           to_duration(values[0], milliseconds(0), std::chrono::hours(365 * 24));
     }},
    {"", "max_series", kText, kCluster, "", "0", "",
     [](auto&, auto& values, auto& to) {
       to.cluster.cluster.options.max_series = static_cast<size_t>(to_int(values[0], 0, 1'000'000'000));
     }},
    {"", "disabled_families", kList, kProgram, "kafka_topic_partition_leader", "", "",
     [](auto&, auto& values, auto& to) {
       for (const Value& value : values) {
         if (!to.draft.config.disabled_families.insert(to_family(value)).second) {
           fail(value.origin, fmt::format("{} is given twice; keep one", value.text));
         }
       }
     }},
    {"kafka.labels", "labels", kMap, kProgram, "NAME=VALUE", "",
     "A label on every series; repeat it, or separate several by commas.",
     [](auto&, auto& values, auto& to) {
       to.draft.config.labels.clear();
       for (const Value& value : values) {
         check_label(value);
         if (!to.draft.config.labels.emplace(value.name, value.text).second) {
           fail(value.origin, fmt::format("{} is given twice", value.name));
         }
       }
     }},
};

constexpr Option kWeb[] = {
    {"web.listen-address", "web.listen_addresses", kList, kProgram, "HOST:PORT", ":9308",
     "Where to serve; repeat it for several. Without a host: on all addresses.",
     [](auto&, auto& values, auto& to) {
       std::vector<std::string>& addresses = to.draft.config.web.listen_addresses;
       addresses.clear();
       for (const Value& value : values) {
         const std::string address = to_listen_address(value);
         if (std::count(addresses.begin(), addresses.end(), address) > 0) {
           fail(value.origin, fmt::format("{} is given twice", address));
         }
         addresses.push_back(address);
       }
     }},
    {"web.telemetry-path", "web.telemetry_path", kText, kProgram, "PATH", "/metrics", "Under which path.",
     [](auto&, auto& values, auto& to) { to.draft.config.web.telemetry_path = to_telemetry_path(values[0]); }},
};

constexpr Option kLog[] = {
    {"log.level", "log.level", kText, kProgram, "LEVEL", "info", "debug, info, warn or error.",
     [](auto&, auto& values, auto& to) {
       to.draft.config.log.level = to_choice(values[0], {"debug", "info", "warn", "error"});
     }},
    {"log.format", "log.format", kText, kProgram, "FORMAT", "logfmt", "logfmt or json.",
     [](auto&, auto& values, auto& to) {
       to.draft.config.log.format = to_choice(values[0], {"logfmt", "json"});
     }},
    {"verbosity", "", kText, kProgram, "NUMBER", "0", "1 and more is --log.level=debug, unless that is given.",
     [](auto&, auto& values, auto& to) {
       const auto level = to.draft.given.find("log.level");
       const bool level_by_flag = level != to.draft.given.end() && level->second.file.empty();
       if (to_int(values[0], 0, 1000) > 0 && !level_by_flag) to.draft.config.log.level = "debug";
     }},
};

constexpr Option kConfiguration[] = {
    {"config.file", "", kText, kProgram, "FILE", "",
     "A YAML file for more: several clusters, deadlines, what is asked and what is left out, any property of "
     "librdkafka. Flags win over it; config/kafkascope.yml shows every key.",
     nullptr},
    {"check-config", "", kBool, kProgram, "", "false", "Check flags and file, say what is wrong, and end.", nullptr},
    {"version", "", kBool, kProgram, "", "false", "Say which version this is, and end.", nullptr},
    {"help", "", kBool, kProgram, "", "false", "Show this page, and end (also -h).", nullptr},
};

// kafka_exporter's flags without a counterpart; the help is the reason that the log or the error gives.
constexpr Option kCompatible[] = {
    {"kafka.version", "", kText, kProgram, "", "2.0.0", "versions are negotiated with each broker", ignore},
    {"kafka.allow-auto-topic-creation", "", kBool, kProgram, "", "false", "no question of ours ever makes a topic",
     ignore},
    {"refresh.metadata", "", kText, kProgram, "", "30s", "metadata is fresh in every poll, see --poll.interval",
     ignore},
    {"topic.workers", "", kText, kProgram, "", "100", "a broker is asked for all its partitions at once", ignore},
    {"group.workers", "", kText, kProgram, "", "100", "a broker is asked for all its groups at once", ignore},
    {"group.metrics.timeout", "", kText, kProgram, "", "5m", "a poll has one deadline, polling.deadline in the file",
     ignore},
    {"concurrent.enable", "", kBool, kProgram, "", "false",
     "a scrape never asks Kafka, so any number may run at a time", ignore},
    {"log.enable-sarama", "", kBool, kProgram, "", "false",
     "there is no Sarama in here; librdkafka tells more with kafka.properties.debug in the file", ignore},
    {"zookeeper.server", "", kList, kProgram, "", "", "ZooKeeper is never asked", ignore},
    {"sasl.aws-region", "", kText, kProgram, "", "", "it belongs to MSK IAM, which is not supported", ignore},
    {"use.consumelag.zookeeper", "", kBool, kProgram, "", "false",
     "offsets in ZooKeeper are not supported, only those in Kafka", refuse},
    {"server.tls.enabled", "", kBool, kProgram, "", "false",
     "serving with TLS is not supported yet, and would silently become plain HTTP", refuse},
    {"server.tls.mutual-auth-enabled", "", kBool, kProgram, "", "false",
     "asking scrapers for certificates is not supported yet, and would silently let everybody in", refuse},
    {"server.tls.ca-file", "", kText, kProgram, "", "", "serving with TLS is not supported yet", refuse},
    {"server.tls.cert-file", "", kText, kProgram, "", "", "serving with TLS is not supported yet", refuse},
    {"server.tls.key-file", "", kText, kProgram, "", "", "serving with TLS is not supported yet", refuse},
    {"sasl.handshake", "", kBool, kCluster, "", "true", "",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.handshake = to_bool(values[0]); }},
    {"sasl.disable-PA-FX-FAST", "", kBool, kCluster, "", "false", "",
     [](auto&, auto& values, auto& to) { to.cluster.sasl.disable_fast = to_bool(values[0]); }},
};

constexpr Section kSections[] = {
    {"Kafka", kKafka}, {"Security", kSecurity},           {"What to export", kWhat},       {"Web", kWeb},
    {"Log", kLog},     {"Configuration", kConfiguration}, {"kafka_exporter", kCompatible},
};

}  // namespace

std::span<const Section> sections() { return kSections; }

std::vector<const Option*> all_options() {
  std::vector<const Option*> all;
  for (const Section& section : kSections) {
    for (const Option& option : section.options) all.push_back(&option);
  }
  return all;
}

bool is_ignored(const Option& option) { return option.apply == ignore; }
bool is_refused(const Option& option) { return option.apply == refuse; }

void apply(const Option& option, const std::vector<Value>& values, const Target& target) {
  if (values.empty()) return;  // a map or a list without entries
  option.apply(option, values, target);
  auto& given = option.scope == Scope::cluster ? target.cluster.given : target.draft.given;
  given.insert_or_assign(option.id(), values.front().origin);
}

std::string spelled_for(const Origin& origin, std::string_view id) {
  for (const Option* option : all_options()) {
    if (option->id() != id) continue;
    const bool as_flag = option->key.empty() || (origin.file.empty() && !option->flag.empty());
    return as_flag ? fmt::format("--{}", option->flag) : std::string(option->key);
  }
  return std::string(id);
}

}  // namespace kafkascope::config
