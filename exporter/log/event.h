#pragma once

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>

namespace kafkascope {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kLogfmt, kJson };

/// A key and its value in a log line. Refers to their texts.
struct LogField {
  LogField(std::string_view key, std::string_view value) : key(key), value(value) {}
  LogField(std::string_view key, std::integral auto value) : key(key), value(static_cast<int64_t>(value)) {}
  template <class Count, class Unit>
  LogField(std::string_view key, std::chrono::duration<Count, Unit> value)
      : key(key), value(std::chrono::round<std::chrono::seconds>(value)) {}

  std::string_view key;
  std::variant<std::string_view, int64_t, std::chrono::seconds> value;
};

/// Logs an event. `message` names the kind of event and is the same for each: what differs is in `fields`. Fields with
/// an empty value are left out. A line that there is no memory for is lost.
void log_event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

/// Appends what follows time and level in the line of an event.
void format_event(LogFormat format, std::string_view message, std::span<const LogField> fields,
                  fmt::memory_buffer& out);

/// Sets the format of log_event(). Default: logfmt.
void set_log_format(LogFormat format);

}  // namespace kafkascope
