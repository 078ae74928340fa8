#include "log/log.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <string>

#include "log/event.h"

namespace kafkascope {
namespace {

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
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(logger);
  change_logging(log);
}

void change_logging(const config::Log& log) {
  const bool json = log.format == "json";
  set_log_format(json ? LogFormat::kJson : LogFormat::kLogfmt);
  spdlog::default_logger()->set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                                             : "time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
  spdlog::default_logger()->set_level(spdlog::level::from_str(log.level));
}

void stop_logging() { spdlog::default_logger()->set_level(spdlog::level::off); }

}  // namespace kafkascope
