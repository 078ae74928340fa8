// Parses the configuration, starts the App, and waits for a signal.
#include <malloc.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <variant>

#include "app/app.h"
#include "config/parse.h"
#include "kafka/client.h"
#include "log/log.h"
#include "metrics/exporter.h"

using namespace kafkascope;

namespace {

constexpr int kBadConfiguration = 2;

const config::Version kVersion{KAFKASCOPE_VERSION, KAFKASCOPE_REVISION, kafka::librdkafka_version(),
                               "g++ " __VERSION__};

/// Blocks the signals that end the program, in every thread from here on; run() waits for them.
sigset_t block_signals() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void run(const config::Config& config) {
  for (const auto& [key, value] : config.environment) setenv(key.c_str(), value.c_str(), 1);
  const sigset_t signals = block_signals();
  // Shared with the log, which outlives everything else.
  const auto exporter = std::make_shared<metrics::ExporterMetrics>(
      config.labels, metrics::BuildInfo{kVersion.version, kVersion.revision, kVersion.librdkafka, kVersion.compiler},
      "/proc/self", config.disabled_families);
  start_logging(config.log, [exporter](std::string_view level) { exporter->log_message(level); });

  app::App app(kVersion, exporter);
  app.apply(config);
  const timespec second{1, 0};
  while (sigtimedwait(&signals, nullptr, &second) < 0) app.watch();
  spdlog::info("ending");
}

}  // namespace

int main(int argc, char** argv) {
#ifdef M_ARENA_MAX
  // What one thread frees another can use: by default each has a part of the memory of its own (8 a core at the most),
  // which cost 15% more.
  mallopt(M_ARENA_MAX, 2);
#endif
  const auto parsed = config::parse(
      {argv + 1, argv + argc}, [](const char* name) { return std::getenv(name); }, kVersion, kafka::check_properties);
  if (const auto* exit = std::get_if<config::Exit>(&parsed)) {
    std::fputs(exit->out.c_str(), stdout);
    std::fputs(exit->err.c_str(), stderr);
    return exit->code;
  }
  int code = EXIT_SUCCESS;
  try {
    run(std::get<config::Config>(parsed));
  } catch (
      const std::exception& e) {  // what only shows when it is tried: a port in use, a certificate that is no match
    std::fprintf(stderr, "kafkascope: %s\n", e.what());
    code = kBadConfiguration;
  }
  // Threads that librdkafka could not end in time must not meet destructors.
  spdlog::default_logger()->set_level(spdlog::level::off);
  if (kafka::Client::left_running()) _exit(code);
  return code;
}
