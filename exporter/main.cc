// The table of contents: configuration, then what is served, then who fills it, then waiting for the end.
#include <malloc.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "config/parse.h"
#include "kafka/client.h"
#include "log/log.h"
#include "metrics/exporter.h"
#include "metrics/families.h"
#include "metrics/publisher.h"
#include "metrics/subjects.h"
#include "poll/kafka_source.h"
#include "poll/poller.h"
#include "web/server.h"

using namespace kafkascope;

namespace {

constexpr int kBadConfiguration = 2;

const config::Version kVersion{KAFKASCOPE_VERSION, KAFKASCOPE_REVISION, kafka::librdkafka_version(),
                               "g++ " __VERSION__};

/// Blocked in every thread from here on, and waited for in main().
sigset_t block_signals() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

/// Those that no page has. The exporter's own are not looked at.
std::set<std::string> unknown_families(const std::set<std::string, std::less<>>& names) {
  metrics::Families every("");
  metrics::write_all({}, {.members = true, .owners = true, .read_committed = true}, every);
  std::set<std::string> unknown(names.begin(), names.end());
  for (const auto& family : every.take()) unknown.erase(family.name);
  std::erase_if(unknown, [](const std::string& name) { return name.starts_with("kafka_exporter_"); });
  return unknown;
}

using Pollers = std::vector<std::unique_ptr<poll::Poller>>;

Pollers start_pollers(const config::Config& config, std::vector<std::unique_ptr<poll::Source>> sources,
                      metrics::ExporterMetrics& exporter, metrics::Publisher& publisher) {
  Pollers pollers;
  for (size_t i = 0; i < config.clusters.size(); ++i) {
    const auto& cluster = config.clusters[i];
    pollers.push_back(std::make_unique<poll::Poller>(i, cluster, metrics::constant_labels(config.labels, cluster.name),
                                                     std::move(sources[i]), exporter, publisher));
  }
  return pollers;
}

/// Returns when the program is told to end.
void watch_until_signal(const sigset_t& signals, Pollers& pollers) {
  const timespec second{1, 0};
  while (sigtimedwait(&signals, nullptr, &second) < 0)
    for (auto& poller : pollers) poller->watch();
}

/// All clusters at once, so that several that hang take no longer than one.
void stop(Pollers& pollers) {
  for (auto& poller : pollers) poller->stop();
  std::vector<std::jthread> enders;
  for (auto& poller : pollers) enders.emplace_back([&poller] { poller.reset(); });
}

int run(const config::Config& config) {
  for (const auto& [key, value] : config.environment) setenv(key.c_str(), value.c_str(), 1);
  const sigset_t signals = block_signals();
  // Shared with the log, which outlives all else.
  const auto own_metrics = std::make_shared<metrics::ExporterMetrics>(
      config.labels, metrics::BuildInfo{kVersion.version, kVersion.revision, kVersion.librdkafka, kVersion.compiler},
      "/proc/self", config.disabled_families);
  metrics::ExporterMetrics& exporter = *own_metrics;
  start_logging(config.log, [own_metrics](std::string_view level) { own_metrics->log_message(level); });
  for (const auto& notice : config.notices) spdlog::info("{}", notice);
  for (const auto& name : unknown_families(config.disabled_families))
    spdlog::warn("disabled_families: there is no family {}", name);

  std::vector<metrics::ClusterPage> first;
  for (const auto& cluster : config.clusters) {
    exporter.add_cluster(cluster.name, cluster.polling.interval);
    first.push_back(poll::down_page(cluster, metrics::constant_labels(config.labels, cluster.name)));
  }
  metrics::Publisher publisher(std::move(first), exporter.families({}, {}));

  std::vector<std::unique_ptr<poll::Source>> sources;
  for (const auto& cluster : config.clusters) sources.push_back(std::make_unique<poll::KafkaSource>(cluster));

  auto server = std::make_unique<web::Server>(
      config.web, [&publisher] { return publisher.page(); },
      [&exporter](std::string_view handler, int code, double seconds) {
        exporter.http_request(handler, code, seconds);
      },
      kVersion.version);
  for (const auto& address : config.web.listen_addresses)
    spdlog::info("kafkascope {} listens on {}, metrics at {}", kVersion.version, address, config.web.telemetry_path);

  Pollers pollers = start_pollers(config, std::move(sources), exporter, publisher);
  watch_until_signal(signals, pollers);
  spdlog::info("ending");
  server.reset();
  stop(pollers);
  return EXIT_SUCCESS;
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
  int code = kBadConfiguration;
  try {
    code = run(std::get<config::Config>(parsed));
  } catch (
      const std::exception& e) {  // what only shows when it is tried: a port in use, a certificate that does not fit
    std::fprintf(stderr, "kafkascope: %s\n", e.what());
  }
  // Threads that librdkafka could not end in time must not meet destructors.
  spdlog::default_logger()->set_level(spdlog::level::off);
  if (kafka::Client::left_running()) _exit(code);
  return code;
}
