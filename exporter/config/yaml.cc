#include "config/yaml.h"

#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

namespace kafkascope::config {

std::string read_yaml_file(const std::string& flag, const std::string& path) {
  std::ifstream file(path);
  file.peek();
  if (!file && !file.eof()) {
    throw ConfigError(
        fmt::format("{}: cannot read {}: {}; give a file that this user may read", flag, path, std::strerror(errno)));
  }
  file.clear();
  return {std::istreambuf_iterator<char>(file), {}};
}

YAML::Node parse_yaml(const std::string& path, const std::string& text) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) throw ConfigError(fmt::format("{}: more than one document; keep the first", path));
    return documents.empty() ? YAML::Node() : documents.front();
  } catch (const YAML::Exception& error) {
    // After a colon the library quotes the file, which may contain a secret.
    const std::string what = error.msg.substr(0, error.msg.find(':'));
    const bool alias = what.find("anchor") != std::string::npos || what.find("alias") != std::string::npos;
    throw ConfigError(fmt::format("{}:{}: not YAML: {}{}", path, error.mark.line + 1, what,
                                  alias ? "; a value that begins with * or & needs quotes" : ""));
  }
}

YAML::Node load_yaml(const std::string& flag, const std::string& path) {
  return parse_yaml(path, read_yaml_file(flag, path));
}

int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

std::string shown_key(const std::string& name) {
  const size_t odd = name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
  return odd == std::string::npos ? name : name.substr(0, odd) + "...";
}

}  // namespace kafkascope::config
