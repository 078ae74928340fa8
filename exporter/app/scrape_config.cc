#include "app/scrape_config.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "config/value.h"

namespace kafkascope::app {
namespace {

/// Prometheus' default, which must not exceed the interval.
constexpr std::chrono::milliseconds kScrapeTimeout{std::chrono::seconds(10)};

std::string target(const config::Web& web) {
  const std::string& address = web.listen_addresses.front();
  if (web.systemd_socket || config::unix_address(address)) return "localhost:9308";
  return config::local_address(address, "localhost");
}

/// Returns a duration in Prometheus' notation.
std::string duration(std::chrono::milliseconds time) {
  return time.count() % 1000 ? fmt::format("{}ms", time.count()) : fmt::format("{}s", time.count() / 1000);
}

}  // namespace

std::string scrape_config(const config::Config& config, const config::WebConfig& access) {
  auto interval = std::chrono::milliseconds::max();
  for (const auto& cluster : config.clusters) interval = std::min(interval, cluster.polling.interval);
  for (const auto& ensemble : config.zookeeper) interval = std::min(interval, ensemble.polling.interval);
  std::string text = fmt::format("scrape_configs:\n  - job_name: kafka\n    scrape_interval: {}\n", duration(interval));
  if (interval < kScrapeTimeout) text += fmt::format("    scrape_timeout: {}\n", duration(interval));
  if (config.web.telemetry_path != "/metrics")
    text += fmt::format("    metrics_path: '{}'\n", config.web.telemetry_path);
  if (access.tls) {
    text +=
        "    scheme: https\n"
        "    tls_config:\n"
        "      ca_file: ca.pem           # CA of the certificate\n";
    if (access.tls->client_auth == config::ClientAuth::kRequireAny ||
        access.tls->client_auth == config::ClientAuth::kRequireAndVerify)
      text +=
          "      cert_file: client.pem     # the exporter requires a client certificate\n"
          "      key_file: client.key\n";
  }
  if (!access.users.empty())
    text += fmt::format(
        "    basic_auth:\n"
        "      username: \"{}\"\n"
        "      password_file: password\n",
        access.users.begin()->first);
  text += fmt::format(
      "    static_configs:\n"
      "      - targets: [\"{}\"]\n"
      "rule_files: [rules.yml, alerts.yml]  # written by kafkascope rules\n",
      target(config.web));
  return text;
}

int print_scrape_config(const config::Config& config) try {
  std::fputs(scrape_config(config, config::read_web_config(config.web)).c_str(), stdout);
  return EXIT_SUCCESS;
} catch (const config::ConfigError& error) {
  std::fprintf(stderr, "kafkascope: %s\n", error.what());
  return 2;
}

}  // namespace kafkascope::app
