// The configuration file: valid, or a ConfigError.
#include <cstddef>
#include <cstdint>
#include <string>

#include "config/draft.h"
#include "config/file.h"

using namespace kafkascope::config;

namespace {

const Environment kEnvironment = [](const char* name) { return *name == 'S' ? "a value" : nullptr; };

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    finish(read_config("kafkascope.yml", text, kEnvironment), kEnvironment, {});
  } catch (const ConfigError&) {
  }
  return 0;
}
