#include "config/file.h"

#include <re2/re2.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "config/options.h"
#include "config/suggest.h"
#include "config/yaml.h"

namespace kafkascope::config {
namespace {

/// Checks and stores the keys of one file.
class Reader {
 public:
  Reader(std::string path, const Environment& environment) : path_(std::move(path)), environment_(environment) {}

  Draft read(const std::string& text) {
    const YAML::Node root = parse_yaml(path_, text);
    if (!root.IsNull() && !root.IsMap()) {
      throw ConfigError(fmt::format("{}:{}: a configuration is a section; begin with clusters:", path_, line_of(root)));
    }
    if (root.IsMap()) read_map(root, "", {});
    if (draft_.clusters.empty() && draft_.zookeeper.empty()) draft_.clusters.emplace_back();
    return std::move(draft_);
  }

 private:
  Origin origin(const YAML::Node& node, const std::string& key) const { return {path_, line_of(node), key}; }

  /// The entry of a list that keys belong to; null in all other lists.
  struct Entry {
    ClusterDraft* cluster = nullptr;
    ZooKeeperDraft* zookeeper = nullptr;

    Scope scope() const { return cluster ? Scope::kCluster : zookeeper ? Scope::kZooKeeper : Scope::kProgram; }
  };

  /// Reads the keys of a section. `prefix` is empty or ends in a dot.
  void read_map(const YAML::Node& node, const std::string& prefix, const Entry& entry_of) {
    const Scope scope = entry_of.scope();
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const YAML::Node &name_node = entry.first, &value = entry.second;
      const std::string name = name_node.IsScalar() ? name_node.Scalar() : "";
      const std::string key = prefix + name;
      const Origin where = origin(name_node, key);
      if (name.empty()) fail(where, "a key must be a plain word");
      if (!seen.insert(name).second) fail(where, "given twice; keep one");
      if (key == "clusters" && scope == Scope::kProgram) {
        read_clusters(value, where);
      } else if (key == "zookeeper" && scope == Scope::kProgram) {
        read_zookeeper(value, where);
      } else if (const Option* option = find(key, scope)) {
        const Given given{option, to_values(*option, value, where)};
        if (!given.values.empty()) store(given, entry_of);
      } else if (is_section(key, scope)) {
        if (!value.IsMap() && !value.IsNull()) fail(where, "is a section; its keys belong indented below it");
        if (value.IsMap()) read_map(value, key + ".", entry_of);
      } else {
        fail_unknown(prefix, name, where, scope);
      }
    }
  }

  void store(const Given& given, const Entry& entry) {
    entry.zookeeper ? apply(given, *entry.zookeeper) : apply(given, draft_, entry.cluster);
  }

  void read_clusters(const YAML::Node& list, const Origin& where) {
    if (!list.IsSequence() || list.size() == 0)
      fail(where, "is a list with an entry for each cluster; write - servers: [kafka:9092] below it");
    for (const YAML::Node& entry : list) {
      if (!entry.IsMap()) fail(origin(entry, "clusters"), "an entry is a section, such as - servers: [kafka:9092]");
      ClusterDraft& cluster = draft_.clusters.emplace_back();
      cluster.place = origin(entry, "clusters");
      read_map(entry, "", {.cluster = &cluster});
    }
  }

  /// Reads ensembles, of which there need be none.
  void read_zookeeper(const YAML::Node& list, const Origin& where) {
    const std::string_view example = "- {name: main, servers: [zookeeper:2181]}";
    if (!list.IsSequence()) fail(where, fmt::format("is a list with an entry for each ensemble, such as {}", example));
    for (const YAML::Node& entry : list) {
      if (!entry.IsMap()) fail(origin(entry, where.name), fmt::format("an entry is a section, such as {}", example));
      ZooKeeperDraft& ensemble = draft_.zookeeper.emplace_back();
      ensemble.place = origin(entry, where.name);
      read_map(entry, "", {.zookeeper = &ensemble});
    }
  }

  std::vector<Value> to_values(const Option& option, const YAML::Node& node, const Origin& where) const {
    std::vector<Value> values;
    switch (option.kind) {
      case Kind::text:
      case Kind::boolean:
      case Kind::optional_text:
        if (node.IsNull()) fail(where, "has no value; give one, in quotes if it begins with #, or leave the key out");
        if (!node.IsScalar()) fail(where, "takes one value");
        values.push_back({"", expanded(node.Scalar(), where), where});
        break;
      case Kind::list:
        if (!node.IsSequence() || (node.size() == 0 && !option.fallback.empty())) {
          const std::string_view example = option.fallback.empty() ? option.placeholder : option.fallback;
          fail(where, fmt::format("takes a list, such as [\"{}\"]", example));
        }
        for (const YAML::Node& item : node) {
          const Origin item_origin = origin(item, where.name);
          if (!item.IsScalar()) fail(item_origin, "takes plain values in its list");
          values.push_back({"", expanded(item.Scalar(), item_origin), item_origin});
        }
        break;
      case Kind::map:
        if (!node.IsMap()) fail(where, "takes names with a value each, or {} for none");
        for (const auto& entry : node) {
          const YAML::Node &name = entry.first, &value = entry.second;
          const Origin item_origin =
              origin(name, fmt::format("{}.{}", where.name, name.IsScalar() ? name.Scalar() : ""));
          if (!name.IsScalar() || !value.IsScalar()) fail(item_origin, "takes one value");
          const auto same = [&](const Value& other) { return other.name == name.Scalar(); };
          if (std::any_of(values.begin(), values.end(), same)) fail(item_origin, "given twice; keep one");
          values.push_back({name.Scalar(), expanded(value.Scalar(), item_origin), item_origin});
        }
        break;
    }
    return values;
  }

  /// Replaces ${NAME} by the environment variable; $${NAME} stands for the text ${NAME}.
  std::string expanded(const std::string& text, const Origin& where) const {
    static const re2::RE2 variable(R"((\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)\})");
    std::string result, escape, name;
    re2::StringPiece rest(text);
    while (true) {
      const re2::StringPiece before = rest;
      if (!re2::RE2::FindAndConsume(&rest, variable, &escape, &name)) break;
      const size_t matched = escape.size() + name.size() + 3;
      result.append(before.data(), rest.data() - matched);
      const char* const value = environment_(name.c_str());
      if (escape.empty() && value == nullptr)
        fail(where, fmt::format("the environment variable {0} is not set; for the text itself write $${{{0}}}", name));
      result += escape.empty() ? value : fmt::format("${{{}}}", name);
    }
    return result.append(rest.data(), rest.size());
  }

  static std::span<const Option> options_of(Scope scope) {
    return scope == Scope::kZooKeeper ? zookeeper_options() : options();
  }

  static const Option* find(std::string_view key, Scope scope) {
    for (const Option& option : options_of(scope)) {
      if (option.scope() == scope && !option.key.empty() && option.key == key) return &option;
    }
    return nullptr;
  }

  static bool is_section(const std::string& key, Scope scope) {
    const auto all = options_of(scope);
    return std::any_of(all.begin(), all.end(), [&](const Option& option) {
      return option.scope() == scope && option.key.starts_with(key + ".");
    });
  }

  [[noreturn]] static void fail_unknown(const std::string& prefix, const std::string& name, Origin where, Scope scope) {
    std::vector<std::string_view> here;  // names that are valid in this section
    if (scope == Scope::kProgram && prefix.empty()) here.insert(here.end(), {"clusters", "zookeeper"});
    for (const Option& option : options_of(scope)) {
      const std::string_view key = option.key;
      if (option.scope() != scope || key.empty() || !key.starts_with(prefix)) continue;
      const std::string_view rest = key.substr(prefix.size());
      const std::string_view first = rest.substr(0, rest.find('.'));
      if (std::find(here.begin(), here.end(), first) == here.end()) here.push_back(first);
    }
    where.name = prefix + shown_key(name);
    const std::string_view meant = nearest(name, here);
    if (!meant.empty()) fail(where, fmt::format("unknown key; did you mean {}?", meant));
    if (const std::string elsewhere = find_elsewhere(name); !elsewhere.empty())
      fail(where, fmt::format("unknown key here; did you mean {}?", elsewhere));
    fail(where, fmt::format("unknown key; known here are {}", fmt::join(here, ", ")));
  }

  /// Returns a place outside of ensembles where a name is valid; empty: there is none.
  static std::string find_elsewhere(const std::string& name) {
    std::string elsewhere;
    for (const Option& option : options()) {
      const std::string_view key = option.key;
      if (key == name || key.starts_with(name + ".") || key.ends_with("." + name))
        elsewhere = fmt::format("{} {}", key, option.per_cluster() ? "of an entry of clusters" : "beside clusters");
    }
    return elsewhere;
  }

  std::string path_;
  const Environment& environment_;
  Draft draft_;
};

}  // namespace

std::string read_config_file(const std::string& path) { return read_yaml_file("--config.file", path); }

Draft read_config(const std::string& path, const std::string& text, const Environment& environment) {
  return Reader(path, environment).read(text);
}

}  // namespace kafkascope::config
