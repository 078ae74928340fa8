#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/draft.h"

namespace kafkascope::config {

enum class Kind { text, boolean, list, map };
enum class Scope { program, cluster };

/// What an option's value goes into.
struct Target {
  Draft& draft;
  ClusterDraft& cluster;  ///< Not touched by options of Scope::program.
};

/// One setting, whether it comes as a flag, as a key of the file, or either.
struct Option {
  std::string_view flag;  ///< Without dashes; empty: in the file only.
  std::string_view key;   ///< Path in the file, for Scope::cluster in an entry of `clusters`; empty: a flag only.
  Kind kind;
  Scope scope;
  std::string_view placeholder;  ///< What --help shows after the flag's =; for a list without default, an example.
  std::string_view fallback;     ///< The default as one would write it.
  std::string_view help;
  /// Stores what was given: one value, or for lists and maps all of them. Null: parse() itself acts on it.
  void (*apply)(const Option& option, const std::vector<Value>& values, const Target& target);

  /// The name under which messages and ClusterDraft::given know it.
  std::string_view id() const { return key.empty() ? flag : key; }
};

/// The options under one heading of --help.
struct Section {
  std::string_view title;
  std::span<const Option> options;
};

/// Every setting there is, in the order of --help.
std::span<const Section> sections();

/// The same without headings.
std::vector<const Option*> all_options();

/// kafka_exporter's flags that have nothing to set here, and those that are an error when they ask for something.
bool is_ignored(const Option& option);
bool is_refused(const Option& option);

/// Stores the values, and remembers where they were given.
void apply(const Option& option, const std::vector<Value>& values, const Target& target);

/// How somebody who wrote `origin` would write the option with this id: as a flag or as a key.
std::string spelled_for(const Origin& origin, std::string_view id);

}  // namespace kafkascope::config
