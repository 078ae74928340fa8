#include "report/check.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "report/permissions.h"

namespace kafkascope::report {
namespace {

using model::Collector;
using model::CollectorRun;
using model::Reason;

/// Certificates that expire sooner are a warning.
constexpr double kSoonDays = 30;

constexpr std::string_view kAdvertised =
    "check the broker's advertised.listeners, and DNS and routes from this host to it";

/// Makes the lines of one cluster.
class Lines {
 public:
  explicit Lines(const ClusterFacts& facts) : facts_(facts) {}

  std::vector<CheckLine> take() {
    for (const auto& endpoint : facts_.endpoints) add_endpoint(endpoint);
    add_login();
    for (const auto& broker : facts_.brokers) add_broker(broker);
    for (const Collector& collector : model::kKafkaCollectors) add_collector(collector);
    if (facts_.up)
      add_visible();
    else
      add("collector", "all others", Outcome::kUnknown, "not reached");
    return std::move(lines_);
  }

 private:
  void add(std::string_view area, std::string subject, Outcome outcome, std::string text, std::string fix = {}) {
    lines_.push_back({std::string(area), std::move(subject), outcome, std::move(text), std::move(fix)});
  }

  void add_endpoint(const model::Endpoint& endpoint) {
    const bool bootstrap = endpoint.origin == "bootstrap";
    const std::string subject = fmt::format("{} ({})", endpoint.address, endpoint.origin);
    const std::string fix(bootstrap ? "check the host and port in --kafka.server, and DNS and routes from this host"
                                    : kAdvertised);
    if (!endpoint.resolve_error.empty())
      return add("name", subject, Outcome::kFailed, fmt::format("cannot be resolved: {}", endpoint.resolve_error), fix);
    add("name", subject, Outcome::kOk, fmt::format("{}", fmt::join(endpoint.ips, ", ")));
    if (!endpoint.connect_error.empty())
      return add("connection", subject, Outcome::kFailed, endpoint.connect_error,
                 bootstrap ? "check that the broker runs, the port in --kafka.server, and firewalls"
                           : "check that the broker runs, its advertised.listeners, and firewalls");
    add("connection", subject, Outcome::kOk, "connected");
    if (facts_.tls) add_tls(endpoint, subject);
  }

  void add_tls(const model::Endpoint& endpoint, const std::string& subject) {
    if (!endpoint.tls || endpoint.tls->chain.empty())
      return add("tls", subject, Outcome::kFailed, fmt::format("handshake failed: {}", endpoint.tls_error),
                 "use the port of a TLS listener, or leave out --tls.enabled");
    const auto& tls = *endpoint.tls;
    const auto soonest =
        std::min_element(tls.chain.begin(), tls.chain.end(), [](auto& a, auto& b) { return a.expiry < b.expiry; });
    const double days = (static_cast<double>(soonest->expiry) - facts_.now_unix_seconds) / 86400;
    std::string chain = tls.chain.front().subject;
    for (const auto& certificate : tls.chain) chain += fmt::format(" < {}", certificate.issuer);
    const std::string text = fmt::format("{}, {}, expires in {:.0f} days, host name {}", tls.version, chain, days,
                                         tls.name_matches ? "matches" : "does not match");
    if (days < 0 && facts_.verified) return add("tls", subject, Outcome::kFailed, text, "renew the certificate");
    if (!tls.fault.empty() && facts_.verified)
      return add("tls", subject, Outcome::kFailed, fmt::format("{}; {}", tls.fault, text),
                 "set --tls.ca-file to the CA that signed the broker's certificate");
    if (!tls.name_matches && facts_.verified && facts_.name_verified)
      return add(
          "tls", subject, Outcome::kFailed, text,
          "use a name of the certificate in --kafka.server and advertised.listeners, or renew it with this name");
    if (!facts_.verified)
      return add("tls", subject, Outcome::kWarning, text, "certificates are not verified; set --tls.ca-file instead");
    days < kSoonDays ? add("tls", subject, Outcome::kWarning, text, "renew the certificate")
                     : add("tls", subject, Outcome::kOk, text);
  }

  /// Returns the first failure with this reason, or null.
  const model::Failure* failure(Reason reason) const {
    for (const auto& run : facts_.runs)
      for (const auto& failure : run.failures)
        if (failure.reason == reason && !run.skipped) return &failure;
    return nullptr;
  }

  void add_login() {
    const std::string subject =
        facts_.mechanism.empty() ? "none"
                                 : fmt::format("{} as {}", facts_.mechanism, facts_.user.empty() ? "?" : facts_.user);
    if (const auto* refused = failure(Reason::kAuthentication))
      return add("login", subject, Outcome::kFailed, refused->what, refused->hint);
    if (facts_.up) return add("login", subject, Outcome::kOk, facts_.mechanism.empty() ? "not configured" : "accepted");
    add("login", subject, Outcome::kUnknown, "not reached");
  }

  /// Returns what a collector says of a broker that did not respond.
  const model::Failure* failure_of(const BrokerFacts& broker) const {
    const std::string name = fmt::format("broker {} ", broker.id);
    for (const auto& run : facts_.runs)
      for (const auto& failure : run.failures)
        if (failure.what.starts_with(name)) return &failure;
    return nullptr;
  }

  void add_broker(const BrokerFacts& broker) {
    const std::string subject = fmt::format("broker {} at {}", broker.id, broker.address);
    if (!broker.responded) {
      const auto* why = failure_of(broker);
      return add(
          "broker", subject, Outcome::kFailed, why ? why->what : "does not respond",
          why && !why->hint.empty() ? why->hint : "check that the broker runs, and the lines on its address above");
    }
    std::string text = "responds";
    if (broker.metadata_version) {
      const std::string_view release = kafka_release(*broker.metadata_version);
      text += fmt::format(", {}metadata.version up to {}", release.empty() ? "" : fmt::format("Kafka {}, ", release),
                          *broker.metadata_version);
    }
    add("broker", subject, Outcome::kOk, text);
  }

  std::string fix(const model::Failure& failure) const {
    const Permission* permission = requested_permission(failure.what);
    if (!permission) permission = requested_permission(failure.hint);
    return permission ? grant_command(*permission, facts_.server, facts_.user) : failure.hint;
  }

  void add_collector(const Collector& collector) {
    const std::string subject(collector.name);
    if (std::find(facts_.disabled.begin(), facts_.disabled.end(), subject) != facts_.disabled.end())
      return add("collector", subject, Outcome::kOff, "switched off");
    const CollectorRun* run = model::find_run(facts_.runs, collector);
    if (!run && facts_.up) return add("collector", subject, Outcome::kOk, "nothing to collect");
    if (!run || run->skipped) return;  // not reached
    if (!run->success()) {
      const auto& first = run->failures.front();
      const std::string more = run->failures.size() > 1 ? fmt::format(" (and {} more)", run->failures.size() - 1) : "";
      return add("collector", subject, Outcome::kFailed, fmt::format("{}: {}{}", name(first.reason), first.what, more),
                 fix(first));
    }
    const bool reads = collector == Collector::kTransactions || collector == Collector::kTimeLag;
    if (!reads || !facts_.rights || facts_.rights->unreadable == 0)
      return add("collector", subject, Outcome::kOk, fmt::format("{:.3f} s", run->seconds));
    const std::string_view without = collector == Collector::kTimeLag ? "transaction markers are not recognized"
                                                                      : "hanging transactions are not found";
    const Permission* read = requested_permission("grant READ on the topics");
    add("collector", subject, Outcome::kWarning,
        fmt::format("{} on {} of {} topics without READ", without, facts_.rights->unreadable, facts_.rights->topics),
        grant_command(*read, facts_.server, facts_.user));
  }

  void add_visible() {
    const bool none = facts_.topics == 0 && facts_.omitted_topics > 0;
    add("visible", "topics", none ? Outcome::kWarning : Outcome::kOk,
        fmt::format("{} with {} partitions; {} excluded by the filter", facts_.topics, facts_.partitions,
                    facts_.omitted_topics),
        none ? "change --topic.filter or --topic.exclude" : "");
    add("visible", "groups", Outcome::kOk, fmt::format("{}", facts_.groups));
    add("cost", "poll", Outcome::kOk, fmt::format("{:.3f} s", facts_.poll_seconds));
  }

  const ClusterFacts& facts_;
  std::vector<CheckLine> lines_;
};

}  // namespace

std::vector<CheckLine> check_lines(const ClusterFacts& facts) { return Lines(facts).take(); }

bool CheckReport::good() const {
  return std::all_of(clusters.begin(), clusters.end(), [](const auto& cluster) {
    return std::all_of(cluster.lines.begin(), cluster.lines.end(), [](const auto& line) {
      return line.outcome != Outcome::kFailed && line.outcome != Outcome::kUnknown;
    });
  });
}

std::string_view kafka_release(int64_t metadata_version) {
  static constexpr std::pair<int64_t, std::string_view> kHighest[] = {
      {1, "3.0"},  {2, "3.1"},  {3, "3.2"},  {7, "3.3"},  {8, "3.4"},  {11, "3.5"}, {14, "3.6"},
      {19, "3.7"}, {20, "3.8"}, {21, "3.9"}, {25, "4.0"}, {27, "4.1"}, {29, "4.2"}, {30, "4.3"}};
  const auto found = std::find_if(std::begin(kHighest), std::end(kHighest),
                                  [&](const auto& release) { return metadata_version <= release.first; });
  return found == std::end(kHighest) || metadata_version < 1 ? "" : found->second;
}

}  // namespace kafkascope::report
