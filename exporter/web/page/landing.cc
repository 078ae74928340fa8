#include "web/page/landing.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "model/utf8.h"

namespace kafkascope::web {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>kafkascope</title>
<style>
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #1a7f37; --bad: #cf222e; --idle: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #ff7b72; --idle: #d29922; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
section { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
dl { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; margin: 0 0 .75rem; }
dt { font-size: .8rem; opacity: .7; }
dd { margin: 0; overflow-wrap: anywhere; }
div.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-top: 1px solid var(--line); }
th { border-top: 0; }
td.error { border-top: 0; padding-top: 0; overflow-wrap: anywhere; }
.good { color: var(--good); } .bad { color: var(--bad); } .idle { color: var(--idle); }
.badge { font-size: .85rem; font-weight: 600; margin-left: .5rem; }
nav a { margin-right: 1rem; }
ul { margin: 0 0 .75rem; padding-left: 1.25rem; overflow-wrap: anywhere; }
footer { font-size: .85rem; opacity: .7; }
</style>
</head>
<body>
)";

std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto [character, valid] = model::take_character(text);
    switch (character.front()) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += valid ? character : "\ufffd";
    }
  }
  return result;
}

std::string duration(double seconds) {
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
  return fmt::format("{:.1f} s", seconds);
}

// Formats a time in the past. Never negative if the clock was set back.
std::string age(double unix_seconds, double now) {
  if (unix_seconds <= 0) return "never";
  const double seconds = std::floor(std::max(0.0, now - unix_seconds));
  if (seconds < 120) return fmt::format("{:.0f} s ago", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min ago", seconds / 60);
  return fmt::format("{:.0f} h ago", seconds / 3600);
}

// Formats a time in the future, or one that has passed.
std::string time_left(double unix_seconds, double now) {
  const double seconds = unix_seconds - now;
  if (seconds <= 0) return "expired " + age(unix_seconds, now);
  if (seconds < 2 * 86400) return fmt::format("in {:.0f} h", std::floor(seconds / 3600));
  return fmt::format("in {:.0f} days", std::floor(seconds / 86400));
}

std::string mark(std::string_view css_class, std::string_view text) {
  return fmt::format("<span class=\"{}\">{}</span>", css_class, text);
}

void append_entry(std::string& out, std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(out), "<div><dt>{}</dt><dd>{}</dd></div>\n", name, escaped(value));
}

/// Appends a line below a collector's row.
void append_detail(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  fmt::format_to(std::back_inserter(out), "<tr><td class=\"error\" colspan=\"4\">{}: {}</td></tr>\n", name,
                 escaped(text));
}

void append_collectors(std::string& out, const std::vector<model::CollectorStatus>& collectors, double now) {
  if (collectors.empty()) return;
  out +=
      "<div class=\"scroll\"><table>\n"
      "<tr><th>collector</th><th>state</th><th>took</th><th>last success</th></tr>\n";
  for (const model::CollectorStatus& collector : collectors) {
    const std::string state = collector.off       ? mark("idle", "switched off")
                              : !collector.ran    ? mark("idle", "not yet run")
                              : collector.success ? mark("good", "ok")
                                                  : mark("bad", "failed");
    fmt::format_to(std::back_inserter(out), "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                   escaped(collector.name), state, collector.ran ? duration(collector.duration_seconds) : "",
                   age(collector.last_success_unix_seconds, now));
    append_detail(out, "last error", collector.last_error);
    append_detail(out, "hint", collector.last_hint);
  }
  out += "</table></div>\n";
}

void append_problems(std::string& out, const std::vector<std::string>& problems) {
  if (problems.empty()) return;
  out += "<ul class=\"bad\">\n";
  for (const auto& problem : problems) fmt::format_to(std::back_inserter(out), "<li>{}</li>\n", escaped(problem));
  out += "</ul>\n";
}

std::string title(const model::ClusterStatus& target) {
  if (!target.kind.empty()) return target.kind + " " + target.name;
  return target.name.empty() ? target.servers : target.name;
}

void append_kafka(std::string& out, const model::ClusterStatus& cluster) {
  append_entry(out, "cluster id", cluster.cluster_id.empty() ? "not known" : cluster.cluster_id);
  append_entry(out, "brokers", fmt::to_string(cluster.brokers));
  append_entry(out, "topics", fmt::to_string(cluster.topics));
  append_entry(out, "partitions", fmt::to_string(cluster.partitions));
  append_entry(out, "groups", fmt::to_string(cluster.groups));
}

void append_cluster(std::string& out, const model::ClusterStatus& cluster, double now) {
  const std::string state = cluster.up       ? mark("good badge", "up")
                            : cluster.polled ? mark("bad badge", "down")
                                             : mark("idle badge", "connecting");
  fmt::format_to(std::back_inserter(out), "<section>\n<h2>{}{}</h2>\n<dl>\n", escaped(title(cluster)), state);
  append_entry(out, "servers", cluster.servers);
  if (cluster.kind.empty()) append_kafka(out, cluster);
  for (const auto& [name, value] : cluster.facts) append_entry(out, escaped(name), value);
  append_entry(out, "last poll", age(cluster.last_poll_unix_seconds, now));
  if (cluster.last_poll_unix_seconds > 0) append_entry(out, "it took", duration(cluster.last_poll_duration_seconds));
  if (cluster.first_expiry_unix_seconds > 0)
    append_entry(out, "first certificate expires",
                 fmt::format("{} ({})", time_left(cluster.first_expiry_unix_seconds, now), cluster.first_expiry_of));
  out += "</dl>\n";
  append_problems(out, cluster.problems);
  append_collectors(out, cluster.collectors, now);
  out += "</section>\n";
}

}  // namespace

std::string landing_page(const metrics::Page& page, std::string_view version, std::string_view telemetry_path,
                         double now) {
  std::string out(kHead);
  fmt::format_to(
      std::back_inserter(out),
      "<h1>kafkascope</h1>\n<p>Prometheus exporter for Apache Kafka, version {}</p>\n"
      "<nav><a href=\"{}\">metrics</a><a href=\"/-/healthy\">healthy</a><a href=\"/-/ready\">ready</a></nav>\n",
      escaped(version), escaped(telemetry_path));
  for (const model::ClusterStatus& cluster : page.clusters()) append_cluster(out, cluster, now);
  fmt::format_to(std::back_inserter(out),
                 "<footer>{} series, {} bytes of text, {} compressed</footer>\n</body>\n</html>\n", page.series(),
                 page.text_bytes(), page.gzip().size());
  return out;
}

}  // namespace kafkascope::web
