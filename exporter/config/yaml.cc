#include "config/yaml.h"

#include <spdlog/fmt/fmt.h>
#include <yaml-cpp/eventhandler.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

namespace kafkascope::config {
namespace {

using YAML::Mark;

/// Ignores documents, but for the line where the last one begins.
class Skipped : public YAML::EventHandler {
 public:
  int line() const { return line_; }

  void OnDocumentStart(const Mark& mark) override { line_ = mark.line + 1; }
  void OnDocumentEnd() override {}
  void OnNull(const Mark&, YAML::anchor_t) override {}
  void OnAlias(const Mark&, YAML::anchor_t) override {}
  void OnScalar(const Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  int line_ = 0;
};

std::string line_at(const std::string& text, int number) {
  std::istringstream lines(text);
  std::string line;
  while (number-- > 0) std::getline(lines, line);
  return line;
}

/// Fails if there is something after the first document. Without YAML::LoadAll(), which reads documents until memory is
/// exhausted after "{},": its parser does not advance past the comma.
void check_one_document(const std::string& path, const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Skipped skipped;
  if (!parser.HandleNextDocument(skipped) || !parser.HandleNextDocument(skipped)) return;
  if (line_at(text, skipped.line()).starts_with("---"))
    throw ConfigError(fmt::format("{}: more than one document; keep the first", path));
  throw ConfigError(fmt::format("{}:{}: not YAML: text after the end of the document", path, skipped.line()));
}

}  // namespace

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
    check_one_document(path, text);
    return YAML::Load(text);
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
