#pragma once

#include <string>

namespace kafkascope::config {

/// Return completion scripts for all flags: names, and file names or fixed words as values where that fits.
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace kafkascope::config
