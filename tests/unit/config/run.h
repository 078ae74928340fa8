#pragma once

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/parse.h"

namespace kafkascope::config {

using Args = std::vector<std::string>;
using Notices = std::vector<Notice>;
using Variables = std::map<std::string, std::string>;

inline Parsed run(const Args& args, const Variables& variables = {}, const std::string* file_text = nullptr) {
  const Environment environment = [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  return parse(args, environment, {"1.2.3", "abcdef", "2.15.1", "g++ 12.2", "gzip,ssl"}, {}, file_text);
}

/// The configuration of arguments that are right.
inline Config good(const Args& args, const Variables& variables = {}) {
  auto result = run(args, variables);
  if (const Exit* exit = std::get_if<Exit>(&result)) FAIL("code " << exit->code << ": " << exit->out << exit->err);
  return std::get<Config>(std::move(result));
}

/// The message, without program name and newline, of arguments that are wrong.
inline std::string bad(const Args& args, const Variables& variables = {}) {
  const auto result = run(args, variables);
  const Exit* exit = std::get_if<Exit>(&result);
  REQUIRE(exit != nullptr);
  CHECK(exit->code == 2);
  CHECK(exit->out.empty());
  const std::string prefix = "kafkascope: ";
  REQUIRE(exit->err.starts_with(prefix));
  REQUIRE(exit->err.find('\n') == exit->err.size() - 1);  // one line
  return exit->err.substr(prefix.size(), exit->err.size() - prefix.size() - 1);
}

/// A file that is there and can be read.
inline std::string some_file(const std::string& name) { return SOURCE_DIR "/tests/unit/config/cases/" + name; }

}  // namespace kafkascope::config
