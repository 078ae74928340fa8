#include "metrics/samples.h"

#include <charconv>
#include <cmath>

namespace kafkascope::metrics {
namespace {

template <class Number>
void append_number(Number number, std::string& text) {
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

std::string head_text(const Head& head) {
  std::string text = "# HELP ";
  text.append(head.name).append(" ").append(head.help).append("\n# TYPE ").append(head.name).append(" ");
  return text.append(type_name(head.type)).append("\n");
}

std::string label(std::string_view key, std::string_view value) {
  std::string text(key);
  text += "=\"";
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text += '"';
}

void Samples::begin() {
  if (started_) return;
  started_ = true;
  text_.append(head_.name).append(suffix_);
  if (!constant_.empty()) {
    text_.append("{").append(constant_);
    labels_ = 1;
  }
}

Samples& Samples::suffix(std::string_view suffix) {
  suffix_ = suffix;
  return *this;
}

Samples& Samples::with(std::string_view label) {
  begin();
  if (label.empty()) return *this;
  text_.append(labels_++ ? "," : "{").append(label);
  return *this;
}

Samples& Samples::with(std::string_view key, int64_t value) {
  begin();
  text_.append(labels_++ ? "," : "{").append(key).append("=\"");
  append_number(value, text_);
  text_ += '"';
  return *this;
}

void Samples::value(int64_t value, bool held, model::Collector collector) {
  begin();
  text_.append(labels_ ? "} " : " ");
  append_number(value, text_);
  end(held, collector);
}

void Samples::value(double value, bool held) {
  begin();
  text_.append(labels_ ? "} " : " ");
  if (std::isinf(value)) {
    text_.append(value > 0 ? "+Inf" : "-Inf");
  } else {
    append_number(value, text_);
  }
  end(held, head_.collector);
}

void Samples::end(bool held, model::Collector collector) {
  text_ += '\n';
  ++count_;
  if (held) ++held_[static_cast<size_t>(collector)];
  suffix_ = {};
  labels_ = 0;
  started_ = false;
}

}  // namespace kafkascope::metrics
