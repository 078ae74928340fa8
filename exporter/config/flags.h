#pragma once

#include <string>
#include <vector>

#include "config/options.h"

namespace kafkascope::config {

/// A setting as it was given: by all flags of one name, or by one key of the file.
struct Given {
  const Option* option;
  std::vector<Value> values;  ///< Not empty. One, but for lists and maps.
};

/// Reads a command line as kingpin does, which kafka_exporter uses: --flag=value, --flag value, --flag= for an empty
/// value, --bool, --no-bool. Lists and maps may also be separated by commas. Returns them in the order of
/// all_options().
std::vector<Given> parse_flags(const std::vector<std::string>& args);

}  // namespace kafkascope::config
