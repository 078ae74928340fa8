#include "config/filter.h"

#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <stdexcept>
#include <utility>

namespace kafkascope::config {
namespace {

std::shared_ptr<const re2::RE2> compile(const std::string& expression) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_shared<const re2::RE2>(expression, options);
  if (!compiled->ok()) throw std::invalid_argument(compiled->error());
  return compiled;
}

}  // namespace

Filter::Filter(std::string include, std::string exclude)
    : include_(std::move(include)),
      exclude_(std::move(exclude)),
      include_re_(compile(include_)),
      exclude_re_(compile(exclude_)) {}

bool Filter::matches(std::string_view name) const {
  const re2::StringPiece text(name.data(), name.size());  // Debian 13's takes no std::string_view
  if (!re2::RE2::PartialMatch(text, *include_re_)) return false;
  return exclude_.empty() || !re2::RE2::PartialMatch(text, *exclude_re_);
}

}  // namespace kafkascope::config
