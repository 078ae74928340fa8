#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kafkascope::protocol {

inline std::filesystem::path answers_folder() { return SOURCE_DIR "/tests/unit/protocol/answers"; }

/// Returns a response captured from a real broker (capture.py). `name`: such as "kafka-4.3.1/list_groups-v5".
inline std::string captured(const std::string& name) {
  std::ifstream file(answers_folder() / (name + ".bin"), std::ios::binary);
  if (!file) throw std::runtime_error("no captured answer " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct CapturedAnswer {
  std::string name;  // argument of captured()
  std::string api;   // Kafka's name: "ListGroups"
  int16_t version = 0;
};

/// Parses "kafka-4.3.1/list_groups-v5-what".
inline CapturedAnswer captured_answer(const std::string& name) {
  CapturedAnswer answer{.name = name, .api = {}};
  const std::string file = name.substr(name.find('/') + 1);
  const size_t dash = file.find('-');
  bool capital = true;
  for (const char c : file.substr(0, dash)) {
    if (c != '_') answer.api += capital ? static_cast<char>(c - 'a' + 'A') : c;
    capital = c == '_';
  }
  answer.version = static_cast<int16_t>(std::stoi(file.substr(dash + 2)));
  return answer;
}

inline std::vector<CapturedAnswer> captured_answers() {
  std::vector<CapturedAnswer> answers;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(answers_folder())) {
    if (entry.path().extension() != ".bin") continue;
    answers.push_back(captured_answer(entry.path().parent_path().filename() / entry.path().stem()));
  }
  std::sort(answers.begin(), answers.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return answers;
}

}  // namespace kafkascope::protocol
