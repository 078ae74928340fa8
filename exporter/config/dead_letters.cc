#include "config/dead_letters.h"

#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace kafkascope::config {
namespace {

constexpr std::string_view kSeparators = "._-";

std::string_view without_end(std::string_view text) { return text.substr(0, text.find_last_not_of(kSeparators) + 1); }

std::string_view without_start(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSeparators), text.size()));
  return text;
}

}  // namespace

DeadLetters::DeadLetters(std::string expression) : expression_(std::move(expression)) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_shared<const re2::RE2>(expression_, options);
  if (!compiled->ok()) throw std::invalid_argument(compiled->error());
  compiled_ = std::move(compiled);
}

std::optional<std::string> DeadLetters::of(std::string_view name) const {
  if (empty()) return {};
  const re2::StringPiece text(name.data(), name.size());
  re2::StringPiece match;
  if (!compiled_->Match(text, 0, text.size(), re2::RE2::UNANCHORED, &match, 1)) return {};
  const auto begin = static_cast<size_t>(match.data() - text.data());
  const std::string_view before = without_end(name.substr(0, begin));
  const std::string_view after = without_start(name.substr(begin + match.size()));
  // The separator between two remaining parts is one of those around the match.
  std::string rest(before);
  if (!before.empty() && !after.empty()) rest += name[before.size()];
  return rest.append(after);
}

}  // namespace kafkascope::config
