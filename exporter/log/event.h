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

/// A key and its value in a log line. Refers to strings of the caller.
struct LogField {
  LogField(std::string_view key, std::string_view value) : key(key), value(value) {}
  LogField(std::string_view key, std::integral auto value) : key(key), value(static_cast<int64_t>(value)) {}
  template <class Count, class Unit>
  LogField(std::string_view key, std::chrono::duration<Count, Unit> value)
      : key(key), value(std::chrono::round<std::chrono::seconds>(value)) {}

  std::string_view key;
  std::variant<std::string_view, int64_t, std::chrono::seconds> value;
};

/// Logs an event. `message` is fixed text; values go into `fields`. Fields with an empty value are left out. The event
/// is lost if there is no memory for it.
void log_event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

/// Appends an event's message and fields: the line without time and level.
void format_event(LogFormat format, std::string_view message, std::span<const LogField> fields,
                  fmt::memory_buffer& out);

/// Sets the format of log_event(). Default: logfmt.
void set_log_format(LogFormat format);

}  // namespace kafkascope
