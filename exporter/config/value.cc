#include "config/value.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "config/suggest.h"

namespace kafkascope::config {
namespace {

using std::chrono::milliseconds;

constexpr std::pair<std::string_view, int> kUnits[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

/// Labels that some of our series have.
constexpr std::string_view kSeriesLabels[] = {
    "address",       "api",      "client_id", "cluster_id",     "code",        "collector", "compiler",  "consumer_id",
    "consumergroup", "family",   "feature",   "cleanup_policy", "coordinator", "handler",   "host",      "id",
    "internal",      "kind",     "le",        "level",          "librdkafka",  "log_dir",   "partition", "of",
    "problem",       "protocol", "quantile",  "rack",           "reason",      "revision",  "role",      "sharegroup",
    "state",         "status",   "topic",     "topic_id",       "type",        "version",   "zk_host",
};

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool only_of(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

constexpr std::string_view kLettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

std::optional<int> to_whole_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return milliseconds(0);
  double total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
    if (error != std::errc() || end != text.data() + digits) return std::nullopt;
    text.remove_prefix(digits);
    const std::size_t letters = std::min(text.find_first_of("0123456789."), text.size());
    const auto* unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                    [&](const auto& known) { return known.first == text.substr(0, letters); });
    if (unit == std::end(kUnits)) return std::nullopt;
    total += number * unit->second;
    text.remove_prefix(letters);
  }
  if (total > 1e15) return milliseconds::max();  // more than any setting allows, and less than fits
  return milliseconds(static_cast<std::int64_t>(total));
}

struct HostPort {
  std::string_view host;  ///< With its brackets, if any; empty for all addresses.
  std::string_view port;  ///< Empty if there is none.
};

/// Splits host, host:port, [v6] or [v6]:port; nullopt for any other form.
std::optional<HostPort> split_host_port(std::string_view text) {
  HostPort result;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || end == 1) return std::nullopt;
    result.host = text.substr(0, end + 1);
    if (!only_of(result.host, "[]0123456789abcdefABCDEF:.%")) return std::nullopt;
  } else {
    result.host = text.substr(0, text.find(':'));
    if (!only_of(result.host, std::string(kLettersAndDigits) + "-._")) return std::nullopt;
  }
  text.remove_prefix(result.host.size());
  if (text.empty()) return result;
  if (text.front() != ':' || text.size() == 1) return std::nullopt;
  result.port = text.substr(1);
  return result;
}

bool is_port(std::string_view text, int min) {
  const std::optional<int> port = to_whole_number(text);
  return port && *port >= min && *port <= 65535;
}

/// Returns the regular expression with the meaning of a glob: `*` becomes `.*`. Empty if `text` is no glob.
std::string from_glob(std::string_view text) {
  if (text.find('*') == text.npos || !only_of(text, std::string(kLettersAndDigits) + "-._*")) return {};
  std::string expression;
  for (const char c : text) {
    if (c == '.') expression += '\\';
    if (c == '*' && expression.ends_with(".*")) continue;
    expression += c == '*' ? ".*" : std::string(1, c);
  }
  return expression;
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Reads at most `limit` bytes of a file. Fails if it is empty.
std::string read_file(const Origin& origin, const std::string& path, std::size_t limit) {
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  std::string content(limit, '\0');
  if (file) content.resize(std::fread(content.data(), 1, limit, file.get()));
  if (!file || std::ferror(file.get())) {
    fail(origin, fmt::format("cannot read {}: {}; give a file that this user may read", path, std::strerror(errno)));
  }
  if (content.empty()) fail(origin, fmt::format("{} is empty", path));
  return content;
}

}  // namespace

std::string Origin::text() const { return file.empty() ? name : fmt::format("{}:{}: {}", file, line, name); }

void fail(const Origin& origin, std::string_view message) {
  throw ConfigError(fmt::format("{}: {}", origin.text(), message));
}

bool to_bool(const Value& value) {
  if (value.text == "true") return true;
  if (value.text == "false") return false;
  fail(value.origin, fmt::format("\"{}\" is neither true nor false", value.text));
}

int to_int(const Value& value, int min, int max) {
  const std::optional<int> number = to_whole_number(value.text);
  if (!number || *number < min || *number > max) {
    fail(value.origin, fmt::format("\"{}\" is not a whole number from {} to {}", value.text, min, max));
  }
  return *number;
}

std::chrono::milliseconds to_duration(const Value& value, milliseconds min, milliseconds max) {
  const std::optional<milliseconds> duration = parse_duration(value.text);
  if (!duration) {
    fail(
        value.origin,
        fmt::format("\"{}\" is not a duration; write a number and its unit (ms, s, m, h, d), such as 15s", value.text));
  }
  if (*duration < min || *duration > max) {
    fail(value.origin,
         fmt::format("{} is out of range; from {} to {} is possible", value.text, to_text(min), to_text(max)));
  }
  return *duration;
}

std::string to_choice(const Value& value, std::initializer_list<std::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), value.text) != choices.end()) return value.text;
  fail(value.origin, fmt::format("\"{}\" is not known; it is one of {}", value.text,
                                 fmt::join(choices.begin(), choices.end(), ", ")));
}

Filter to_filter(const Value& value, const std::string& include, const std::string& exclude) {
  try {
    return Filter(include, exclude);
  } catch (const std::invalid_argument& error) {
    std::string fix;
    if (const std::string meant = from_glob(value.text); !meant.empty()) fix = fmt::format("; did you mean {}?", meant);
    if (value.text.find("(?!") != std::string::npos || value.text.find("(?<!") != std::string::npos)
      fix = "; to leave names out, use --topic.exclude or --group.exclude (topics.exclude, groups.exclude in the file)";
    fail(value.origin, fmt::format("\"{}\" is not a regular expression (RE2): {}{}", value.text, error.what(), fix));
  }
}

std::string to_server(const Value& value, std::string_view example) {
  const std::string_view port = example.substr(example.find(':') + 1);
  const std::size_t scheme = value.text.find("://");
  if (scheme != std::string::npos) {
    fail(value.origin, fmt::format("\"{}\" is not host:port; write {}, and choose encryption and login by tls and sasl",
                                   value.text, value.text.substr(scheme + 3)));
  }
  const std::optional<HostPort> parts = split_host_port(value.text);
  if (!parts || parts->host.empty() || (!parts->port.empty() && !is_port(parts->port, 1))) {
    fail(value.origin, fmt::format("\"{}\" is not host:port, such as {} or [::1]:{}", value.text, example, port));
  }
  return fmt::format("{}:{}", parts->host, parts->port.empty() ? port : parts->port);
}

std::optional<UnixAddress> unix_address(std::string_view address) {
  if (!address.starts_with("unix:")) return std::nullopt;
  address.remove_prefix(5);
  const size_t query = address.find('?');
  UnixAddress result{std::string(address.substr(0, query))};
  if (query == address.npos) return result;
  constexpr std::string_view kMode = "?mode=";
  const std::string_view mode = address.substr(query);
  if (!mode.starts_with(kMode) || mode.size() == kMode.size()) return UnixAddress{};
  const char* end = mode.data() + mode.size();
  const auto parsed = std::from_chars(mode.data() + kMode.size(), end, result.mode, 8);
  if (parsed.ec != std::errc() || parsed.ptr != end || result.mode > 0777) return UnixAddress{};
  return result;
}

std::string to_listen_address(const Value& value) {
  if (const auto address = unix_address(value.text)) {
    constexpr size_t kMaxPath = 107;  // sun_path without its NUL
    if (address->path.starts_with('/') && address->path.size() <= kMaxPath) return value.text;
    fail(value.origin, fmt::format("\"{}\" is not a Unix socket; write unix:/run/kafkascope.sock, or with its mode "
                                   "unix:/run/kafkascope.sock?mode=0660; a path has at most {} bytes",
                                   value.text, kMaxPath));
  }
  const std::optional<HostPort> parts = split_host_port(value.text);
  if (!parts || !is_port(parts->port, 0)) {
    const std::string mend = is_port(value.text, 0) ? fmt::format("write :{}", value.text)
                                                    : "write :9308 for all addresses, or 127.0.0.1:9308, or [::1]:9308";
    fail(value.origin, fmt::format("\"{}\" is not an address to listen on; {}", value.text, mend));
  }
  return value.text;
}

std::string to_telemetry_path(const Value& value) {
  const std::string& path = value.text;
  if (!path.starts_with('/') || !only_of(path, std::string(kLettersAndDigits) + "/-._~")) {
    fail(value.origin, fmt::format("\"{}\" is not a path; write it like /metrics", path));
  }
  constexpr std::string_view taken[] = {"/", "/healthz", "/-/healthy", "/-/ready", "/-/reload"};
  if (is_one_of(path, taken)) {
    fail(value.origin, fmt::format("{} serves something else; choose another, such as /metrics", path));
  }
  return path;
}

std::string to_family(const Value& value) {
  const std::string& name = value.text;
  const std::string_view prefix = name.starts_with("zk_") ? "zk_" : "kafka_";
  if (!name.starts_with(prefix) || name.size() == prefix.size() ||
      !only_of(name, std::string(kLettersAndDigits) + "_")) {
    fail(value.origin,
         fmt::format("\"{}\" is not the name of a family that can be left out; write each name out, such as "
                     "kafka_topic_partition_leader",
                     name));
  }
  return name;
}

model::Collector to_collector(const Value& value) {
  std::vector<std::string_view> names;
  for (const auto& collector : model::kKafkaCollectors) {
    if (collector.name == value.name) return collector;
    names.push_back(collector.name);
  }
  const std::string_view meant = nearest(value.name, names);
  if (!meant.empty()) fail(value.origin, fmt::format("unknown key; did you mean {}?", meant));
  fail(value.origin, fmt::format("unknown key; known here are {}", fmt::join(names, ", ")));
}

void check_label(const Value& value) {
  const std::string& name = value.name;
  const bool starts_well = !name.empty() && std::string_view("0123456789").find(name.front()) == std::string_view::npos;
  if (!starts_well || !only_of(name, std::string(kLettersAndDigits) + "_") || name.starts_with("__")) {
    fail(value.origin,
         fmt::format("\"{}\" cannot be the name of a label; use letters, digits and _, no digit first and "
                     "not two _ first",
                     name));
  }
}

std::string local_address(const std::string& listen_address, std::string_view local) {
  const auto colon = listen_address.rfind(':');
  const std::string host = listen_address.substr(0, colon);
  const bool any = host.empty() || host == "0.0.0.0" || host == "[::]";
  return any ? fmt::format("{}{}", local, listen_address.substr(colon)) : listen_address;
}

bool is_series_label(std::string_view name) { return is_one_of(name, kSeriesLabels); }

void check_readable(const Origin& origin, const std::string& path) { read_file(origin, path, 1); }

void check_start(const Origin& origin, std::string_view text) {
  if (text.find_first_of(" \t\n\v\f\r") != 0) return;
  fail(origin, "begins with white space, which librdkafka removes; use a value that does not");
}

std::string read_text(const Origin& origin, const std::string& path) {
  return read_file(origin, path, size_t{1} << 20);
}

size_t content_hash(const std::string& path) try {
  return std::hash<std::string>()(read_text({}, path));
} catch (const ConfigError&) {
  return 0;
}

std::string read_secret(const Origin& origin, const std::string& path) {
  std::string secret = read_file(origin, path, size_t{64} * 1024);
  if (secret.starts_with("\xef\xbb\xbf") || secret.starts_with("\xff\xfe") || secret.starts_with("\xfe\xff"))
    fail(origin,
         fmt::format("{} begins with a byte order mark, which would be part of the secret; save it without", path));
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  return secret;
}

std::string host_of(const std::string& server) {
  const std::string host = server.substr(0, server.rfind(':'));
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

std::string to_text(milliseconds duration) {
  const auto count = duration.count();
  if (count % 86'400'000 == 0 && count != 0) return fmt::format("{}d", count / 86'400'000);
  if (count % 3'600'000 == 0 && count != 0) return fmt::format("{}h", count / 3'600'000);
  if (count % 60'000 == 0 && count != 0) return fmt::format("{}m", count / 60'000);
  if (count % 1000 == 0) return fmt::format("{}s", count / 1000);
  return fmt::format("{}ms", count);
}

}  // namespace kafkascope::config
