#pragma once

#include <chrono>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include "config/filter.h"
#include "model/collector.h"

namespace kafkascope::config {

/// Says where something is wrong, what, and how to mend it. Never holds a secret.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where a value was given: a flag, or a key on a line of a file.
struct Origin {
  std::string file;  ///< Empty for a flag.
  int line = 0;
  std::string name;  ///< As the user spells it: "--tls.ca-file" or "tls.ca_file".

  std::string text() const;
};

[[noreturn]] void fail(const Origin& origin, std::string_view message);

/// One value as it was written; `name` is set for an entry of a map (a label, a property).
struct Value {
  std::string name;
  std::string text;
  Origin origin;
};

/// Each of these throws a ConfigError that says what would be right.
bool to_bool(const Value& value);
int to_int(const Value& value, int min, int max);
/// Go's notation, and days: 15s, 1m30s, 500ms, 7d, and 0.
std::chrono::milliseconds to_duration(const Value& value, std::chrono::milliseconds min, std::chrono::milliseconds max);
std::string to_choice(const Value& value, std::initializer_list<std::string_view> choices);
Filter to_filter(const Value& value, const std::string& include, const std::string& exclude);
/// host:port, with Kafka's port 9092 where there is none.
std::string to_server(const Value& value);
std::string to_listen_address(const Value& value);
std::string to_telemetry_path(const Value& value);
/// A name that may be that of a metric family about Kafka.
std::string to_family(const Value& value);
/// The collector that `value.name` names.
model::Collector to_collector(const Value& value);
/// Checks `value.name` as the name of a constant label.
void check_label(const Value& value);
/// Fails unless `path` is a file that can be read and is not empty.
void check_readable(const Origin& origin, const std::string& path);
/// The whole of a file, without the newline at its end.
std::string read_secret(const Origin& origin, const std::string& path);

/// host without brackets and port of what to_server() returned.
std::string host_of(const std::string& server);
std::string to_text(std::chrono::milliseconds duration);

}  // namespace kafkascope::config
