#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/draft.h"

namespace kafkascope::config {

/// How many values an option takes: one (boolean: true or false), one or none, several, or several with a name each.
enum class Kind { text, boolean, optional_text, list, map };

struct Option;

/// An option and what was given for it, by all flags of its name or by one key of the file.
struct Given {
  const Option* option;
  std::vector<Value> values;  ///< Not empty. One, except for lists and maps.

  const Value& value() const { return values.front(); }
  const std::string& text() const { return values.front().text; }
};

/// Converts and stores the values, or throws a ConfigError.
using SetInProgram = void (*)(Draft& to, const Given& given);
using SetInCluster = void (*)(ClusterDraft& to, const Given& given);
using SetInZooKeeper = void (*)(ZooKeeperDraft& to, const Given& given);

/// Where the key of an option belongs: to the top of the file, or to an entry of a list there.
enum class Scope { kProgram, kCluster, kZooKeeper };

/// A setting: a flag, a key of the configuration file, or both.
struct Option {
  std::string_view section;  ///< Heading in --help.
  std::string_view flag;     ///< Without dashes. Empty: a key only.
  std::string_view key;      ///< Path in the file, below its scope(). Empty: a flag only.
  Kind kind;
  std::string_view placeholder;  ///< Shown by --help after the =. For a list without default: an example.
  std::string_view fallback;     ///< The default, as a user would write it.
  std::string_view help;
  /// monostate: parse() acts on the flag itself.
  std::variant<std::monostate, SetInProgram, SetInCluster, SetInZooKeeper> set;

  /// Returns the name by which ClusterDraft::given knows the option.
  std::string_view id() const { return key.empty() ? flag : key; }
  Scope scope() const {
    if (std::holds_alternative<SetInCluster>(set)) return Scope::kCluster;
    return std::holds_alternative<SetInZooKeeper>(set) ? Scope::kZooKeeper : Scope::kProgram;
  }
  bool per_cluster() const { return scope() == Scope::kCluster; }
};

/// Sections of kafka_exporter's flags that have no counterpart: those without effect, and those that are an error.
inline constexpr std::string_view kIgnored = "Flags of kafka_exporter that are accepted and have no effect";
inline constexpr std::string_view kRefused = "Flags of kafka_exporter that are an error if they enable something";

/// Returns all options but those of ensembles, in the order of --help, which is also the order in which flags are
/// applied.
std::span<const Option> options();

/// Returns the options of an entry of `zookeeper`. They are keys only.
std::span<const Option> zookeeper_options();

/// Stores what was given, and where. `cluster` may be null for an option that is not per_cluster().
void apply(const Given& given, Draft& draft, ClusterDraft* cluster);
void apply(const Given& given, ZooKeeperDraft& ensemble);

/// Returns the name of the option with this id as the author of `origin` would write it: a flag or a key.
std::string spelled_for(const Origin& origin, std::string_view id);

}  // namespace kafkascope::config
