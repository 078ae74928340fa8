// Answers of brokers. An input is the key of a request, its version, and the answer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "protocol/answers.h"
#include "protocol/render.h"

using namespace kafkascope::protocol;

namespace {

// Not a request: part of answers to DescribeGroups.
constexpr Api kAssignment{127, "ConsumerProtocolAssignment", 0, 0, 1};

const Api* find(const auto& matches) {
  const Api* found = std::find_if(std::begin(kApis), std::end(kApis), matches);
  return found == std::end(kApis) ? nullptr : found;
}

}  // namespace

// Adds the captured answers to the first folder of the command line.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  char** const end = *argv + *argc;
  char** const folder = std::find_if(*argv + 1, end, [](const char* argument) { return *argument != '-'; });
  if (folder == end || !std::filesystem::is_directory(*folder)) return 0;
  for (const CapturedAnswer& answer : captured_answers()) {
    const Api& api = *find([&](const Api& each) { return each.name == answer.api; });
    std::string name = answer.name;
    std::replace(name.begin(), name.end(), '/', '-');
    std::ofstream(std::filesystem::path(*folder) / name)
        << static_cast<char>(api.key) << static_cast<char>(answer.version) << captured(answer.name);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const int16_t key = data[0], version = data[1];
  const Api* api = key == kAssignment.key ? &kAssignment : find([&](const Api& each) { return each.key == key; });
  if (!api || version < api->min_version || version > api->max_version) return 0;
  try {
    render(api->name, {reinterpret_cast<const char*>(data) + 2, size - 2}, version);
  } catch (const DecodeError&) {
  }
  return 0;
}
