#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "config/filter.h"
#include "model/collector.h"

namespace kafkascope::config {

/// An invalid configuration: where, what, and how to fix it. Never contains a secret.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The place of a value: a flag, or a key on a line of a file.
struct Origin {
  std::string file;  ///< Empty for a flag.
  int line = 0;
  std::string name;  ///< As the user spells it: "--tls.ca-file" or "tls.ca_file".

  std::string text() const;
};

/// Throws a ConfigError about `origin`.
[[noreturn]] void fail(const Origin& origin, std::string_view message);

/// One value as it was written; `name` is set for an entry of a map (a label, a property).
struct Value {
  std::string name;
  std::string text;
  Origin origin;
};

// Each of these converts or checks a value, and throws a ConfigError that says what would be valid.

bool to_bool(const Value& value);
int to_int(const Value& value, int min, int max);
/// Parses Go's notation and days: 15s, 1m30s, 500ms, 7d, and 0.
std::chrono::milliseconds to_duration(const Value& value, std::chrono::milliseconds min, std::chrono::milliseconds max);
std::string to_choice(const Value& value, std::initializer_list<std::string_view> choices);
Filter to_filter(const Value& value, const std::string& include, const std::string& exclude);
/// Returns host:port, with the port of the example if there is none.
std::string to_server(const Value& value, std::string_view example = "kafka:9092");
std::string to_listen_address(const Value& value);

/// Returns host:port under which programs on this host reach a listen address: `local` is the host if it is that of all
/// interfaces.
std::string local_address(const std::string& listen_address, std::string_view local);

/// unix:/path or unix:/path?mode=0600.
struct UnixAddress {
  std::string path;
  unsigned mode = 0660;
};
/// Returns nullopt for any other kind of address. The path is empty if the mode is invalid.
std::optional<UnixAddress> unix_address(std::string_view address);

std::string to_telemetry_path(const Value& value);
/// Accepts names that a metric family about Kafka can have; whether it exists is not known here.
std::string to_family(const Value& value);
/// Returns the collector that `value.name` names.
model::Collector to_collector(const Value& value);
/// Returns whether some of our series have a label of this name.
bool is_series_label(std::string_view name);

/// Returns a hash of a file's content, to see that it changed; 0 if it cannot be read.
size_t content_hash(const std::string& path);

/// Checks `value.name` as the name of a constant label.
void check_label(const Value& value);
/// Fails unless `path` is a file that can be read and is not empty.
void check_readable(const Origin& origin, const std::string& path);
/// Fails if `text`, a value of `origin`, begins with white space: librdkafka would remove it.
void check_start(const Origin& origin, std::string_view text);
/// Returns the first MiB of a file, which must not be empty.
std::string read_text(const Origin& origin, const std::string& path);
/// Returns the content of a file of at most 64 KiB without newlines at its end.
std::string read_secret(const Origin& origin, const std::string& path);

/// Returns the host, without brackets, of a result of to_server().
std::string host_of(const std::string& server);
/// Formats a duration with its largest whole unit: 90s, 5m.
std::string to_text(std::chrono::milliseconds duration);

}  // namespace kafkascope::config
