#include "log/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <string>

#include "log/escape.h"

namespace kafkascope {
namespace {

class EscapedMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string text = escape_log_text({message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<EscapedMessage>(); }
};

class CountingSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit CountingSink(std::function<void(std::string_view)> count) : count_(std::move(count)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto level = spdlog::level::to_string_view(message.level);
    count_({level.data(), level.size()});
  }
  void flush_() override {}

 private:
  const std::function<void(std::string_view)> count_;
};

}  // namespace

void start_logging(const config::Log& log, std::function<void(std::string_view level)> count) {
  const auto out = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
  out->set_color_mode(spdlog::color_mode::never);
  const auto counting = std::make_shared<CountingSink>(std::move(count));
  const auto logger = std::make_shared<spdlog::logger>("kafkascope", spdlog::sinks_init_list{out, counting});
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<EscapedMessage>('*').set_pattern(
      log.format == "json" ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","msg":"%*"})"
                           : R"(time=%Y-%m-%dT%H:%M:%S.%e%z level=%l msg="%*")");
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(log.level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(logger);
}

}  // namespace kafkascope
