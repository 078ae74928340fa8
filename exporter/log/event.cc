#include "log/event.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <iterator>

#include "log/escape.h"

namespace kafkascope {
namespace {

std::atomic<LogFormat> log_format{LogFormat::kLogfmt};

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

void append(std::string_view text, fmt::memory_buffer& out) { out.append(text.data(), text.data() + text.size()); }

void append_quoted(std::string_view text, fmt::memory_buffer& out) {
  out.push_back('"');
  escape_log_text(text, out);
  out.push_back('"');
}

/// Appends a value in logfmt, with quotes only if it needs them.
void append_logfmt(std::string_view value, fmt::memory_buffer& out) {
  const size_t begin = out.size();
  if (!escape_log_text(value, out) && value.find_first_of(" =") == value.npos) return;
  out.resize(begin);
  append_quoted(value, out);
}

/// Appends a duration such as 1h30m5s.
void append_duration(std::chrono::seconds duration, fmt::memory_buffer& out) {
  const auto seconds = duration.count();
  const auto add = [&](auto count, char unit) {
    if (count > 0) fmt::format_to(std::back_inserter(out), "{}{}", count, unit);
  };
  add(seconds / 3600, 'h');
  add(seconds / 60 % 60, 'm');
  add(seconds % 60, 's');
  if (seconds <= 0) append("0s", out);
}

}  // namespace

void format_event(LogFormat format, std::string_view message, std::span<const LogField> fields,
                  fmt::memory_buffer& out) {
  const bool json = format == LogFormat::kJson;
  append(json ? "\"msg\":" : "msg=", out);
  append_quoted(message, out);
  for (const auto& [key, value] : fields) {
    const auto* const text = std::get_if<std::string_view>(&value);
    if (text && text->empty()) continue;
    append(json ? ",\"" : " ", out);
    append(key, out);
    append(json ? "\":" : "=", out);
    if (const auto* const number = std::get_if<int64_t>(&value)) {
      fmt::format_to(std::back_inserter(out), "{}", *number);
    } else if (text) {
      json ? append_quoted(*text, out) : append_logfmt(*text, out);
    } else {
      if (json) out.push_back('"');
      append_duration(std::get<std::chrono::seconds>(value), out);
      if (json) out.push_back('"');
    }
  }
}

void log_event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) try {
  spdlog::logger* const logger = spdlog::default_logger_raw();
  if (!logger->should_log(to_spdlog(level))) return;
  fmt::memory_buffer line;
  format_event(log_format, message, {fields.begin(), fields.size()}, line);
  logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
} catch (const std::exception&) {
}

void set_log_format(LogFormat format) { log_format = format; }

}  // namespace kafkascope
