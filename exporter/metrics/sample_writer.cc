#include "metrics/sample_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "model/utf8.h"

namespace kafkascope::metrics {
namespace {

template <class Number>
void append_number(Number number, std::string& text) {
  if constexpr (std::is_floating_point_v<Number>) {
    if (std::isinf(number)) {
      text.append(number > 0 ? "+Inf" : "-Inf");
      return;
    }
  }
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  text.append(digits.data(), end);
}

std::string_view type_name(Type type) {
  switch (type) {
    case Type::kCounter:
      return "counter";
    case Type::kSummary:
      return "summary";
    default:
      return "gauge";
  }
}

}  // namespace

std::string description_text(const FamilyDescription& head) {
  std::string text = "# HELP ";
  text.append(head.name).append(" ").append(head.help).append("\n# TYPE ").append(head.name).append(" ");
  return text.append(type_name(head.type)).append("\n");
}

std::string label(std::string_view key, std::string_view value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(key.size() + value.size() + 3);
  text.append(key).append("=\"");
  while (!value.empty()) {
    const auto [character, valid] = model::take_character(value);
    const char c = character.front();
    // Invalid UTF-8 is written as \xNN, because Prometheus would reject the whole page. NUL too: it truncates the
    // value.
    if (!valid || c == '\0') {
      text.append("\\\\x").append({kHex[static_cast<unsigned char>(c) >> 4], kHex[c & 0xf]});
    } else if (c == '\n') {
      text += "\\n";
    } else {
      if (c == '\\' || c == '"') text += '\\';
      text += character;
    }
  }
  return text += '"';
}

std::vector<std::string_view> split_labels(std::string_view text) {
  std::vector<std::string_view> labels;
  while (!text.empty()) {
    size_t end = text.find('"') + 1;
    while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    labels.push_back(text.substr(0, end + 1));
    text.remove_prefix(std::min(end + 2, text.size()));  // with the comma
  }
  return labels;
}

void SampleWriter::begin() {
  if (started_) return;
  started_ = true;
  text_.append(head_.name).append(suffix_);
  labels_at_ = text_.size();
  if (!constant_.empty()) {
    text_.append("{").append(constant_);
    labels_ = 1;
  }
}

SampleWriter& SampleWriter::suffix(std::string_view suffix) {
  suffix_ = suffix;
  return *this;
}

SampleWriter& SampleWriter::with(std::string_view label) {
  begin();
  if (label.empty()) return *this;
  text_.append(labels_++ ? "," : "{").append(label);
  return *this;
}

SampleWriter& SampleWriter::with(std::string_view key, int64_t value) {
  begin();
  text_.append(labels_++ ? "," : "{").append(key).append("=\"");
  append_number(value, text_);
  text_ += '"';
  return *this;
}

void SampleWriter::remove_repeated_constants() {
  const std::string_view own = std::string_view(text_).substr(labels_at_ + 1 + constant_.size());  // from its comma on
  const auto repeated = [&](std::string_view constant) {
    // In a value this would not be found: there, a quote follows a backslash.
    const std::string_view key = constant.substr(0, constant.find('"') + 1);
    for (size_t at = 0; (at = own.find(key, at)) != own.npos; ++at)
      if (own[at - 1] == ',') return true;
    return false;
  };
  if (std::none_of(constants_.begin(), constants_.end(), repeated)) return;
  std::string labels;
  for (const auto constant : constants_)
    if (!repeated(constant)) labels.append(labels.empty() ? "" : ",").append(constant);
  labels.append(own.substr(labels.empty() ? 1 : 0));
  text_.replace(labels_at_ + 1, text_.npos, labels);
}

template <class Number>
void SampleWriter::append(Number number, bool held, model::Collector collector) {
  begin();
  if (!constants_.empty() && labels_ > 1) remove_repeated_constants();
  text_.append(labels_ ? "} " : " ");
  append_number(number, text_);
  end(held, collector);
}

void SampleWriter::value(int64_t value, bool held, model::Collector collector) { append(value, held, collector); }
void SampleWriter::value(double value, bool held, model::Collector collector) { append(value, held, collector); }
void SampleWriter::value(float value, bool held, model::Collector collector) { append(value, held, collector); }

void SampleWriter::end(bool held, model::Collector collector) {
  text_ += '\n';
  ++count_;
  most_labels_ = std::max(most_labels_, labels_ - !constant_.empty());
  if (held) ++held_[collector];
  suffix_ = {};
  labels_ = 0;
  started_ = false;
}

}  // namespace kafkascope::metrics
