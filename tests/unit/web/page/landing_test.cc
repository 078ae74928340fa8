#include "web/page/landing.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using Catch::Matchers::ContainsSubstring;
namespace metrics = kafkascope::metrics;

namespace {

constexpr double kNow = 1'700'000'000;

std::string landing(kafkascope::model::ClusterStatus cluster) {
  return kafkascope::web::landing_page(metrics::Page("", 10, 1, {std::move(cluster)}), "1.2.3", "/metrics", kNow);
}

kafkascope::model::ClusterStatus cluster() {
  kafkascope::model::ClusterStatus result;
  result.servers = "kafka:9092";
  return result;
}

}  // namespace

TEST_CASE("The landing page shows version and links") {
  const std::string html = landing(cluster());
  CHECK_THAT(html, ContainsSubstring("version 1.2.3"));
  CHECK_THAT(html, ContainsSubstring("href=\"/metrics\""));
  CHECK_THAT(html, ContainsSubstring("href=\"/-/ready\""));
  CHECK_THAT(html, ContainsSubstring("1 series, 10 bytes"));
  CHECK_THAT(html, !ContainsSubstring("http"));  // no external resources
  CHECK_THAT(html, !ContainsSubstring("<script"));
}

TEST_CASE("The landing page shows each cluster's state") {
  kafkascope::model::ClusterStatus status = cluster();
  CHECK_THAT(landing(status), ContainsSubstring(">connecting<"));
  CHECK_THAT(landing(status), ContainsSubstring("<dd>never</dd>"));
  status.polled = true;
  CHECK_THAT(landing(status), ContainsSubstring(">down<"));
  status.up = true;
  status.name = "payments";
  status.cluster_id = "abc-123";
  status.partitions = 4711;
  status.last_poll_unix_seconds = kNow - 12;
  status.last_poll_duration_seconds = 0.25;
  const std::string html = landing(status);
  CHECK_THAT(html, ContainsSubstring("payments<span class=\"good badge\">up</span>"));
  CHECK_THAT(html, ContainsSubstring("abc-123"));
  CHECK_THAT(html, ContainsSubstring("4711"));
  CHECK_THAT(html, ContainsSubstring("12 s ago"));
  CHECK_THAT(html, ContainsSubstring("250 ms"));
}

TEST_CASE("The landing page shows which certificate expires first, and when") {
  kafkascope::model::ClusterStatus status = cluster();
  CHECK_THAT(landing(status), !ContainsSubstring("certificate"));
  status.first_expiry_of = "broker 2";
  const auto shown = [&](double seconds) {
    status.first_expiry_unix_seconds = kNow + seconds;
    return landing(status);
  };
  CHECK_THAT(shown(29.9 * 86400), ContainsSubstring("certificate expires</dt><dd>in 29 days (broker 2)</dd>"));
  CHECK_THAT(shown(47.5 * 3600), ContainsSubstring("<dd>in 47 h (broker 2)</dd>"));
  CHECK_THAT(shown(-60), ContainsSubstring("<dd>expired 60 s ago (broker 2)</dd>"));
}

TEST_CASE("The landing page shows problems, whose names may contain anything") {
  kafkascope::model::ClusterStatus status = cluster();
  CHECK_THAT(landing(status), !ContainsSubstring("<ul"));
  status.problems = {"a<b>: hangs", "second"};
  CHECK_THAT(landing(status),
             ContainsSubstring("<ul class=\"bad\">\n<li>a&lt;b&gt;: hangs</li>\n<li>second</li>\n</ul>"));
}

TEST_CASE("The landing page shows each collector's state with its last error") {
  kafkascope::model::ClusterStatus status = cluster();
  kafkascope::model::CollectorStatus idle, good, bad;
  idle.name = "log_dirs";
  good.name = "metadata";
  good.ran = good.success = true;
  good.last_success_unix_seconds = kNow - 600;
  bad.name = "groups";
  bad.ran = true;
  bad.last_error = "broker 2: timed out";
  bad.last_hint = "check the network";
  status.collectors = {idle, good, bad};
  const std::string html = landing(status);
  CHECK_THAT(html, ContainsSubstring("log_dirs</td><td><span class=\"idle\">not yet run"));
  CHECK_THAT(html, ContainsSubstring("metadata</td><td><span class=\"good\">ok"));
  CHECK_THAT(html, ContainsSubstring("10 min ago"));
  CHECK_THAT(html, ContainsSubstring("groups</td><td><span class=\"bad\">failed"));
  CHECK_THAT(html, ContainsSubstring("last error: broker 2: timed out"));
  CHECK_THAT(html, ContainsSubstring("hint: check the network"));
}

TEST_CASE("The landing page shows the facts of other targets, and no numbers of a cluster") {
  kafkascope::model::ClusterStatus status = cluster();
  CHECK_THAT(landing(status), ContainsSubstring("<dt>brokers</dt>"));
  status.kind = "ZooKeeper";
  status.name = "main";
  status.facts = {{"zk<1>:2181", "leader"}, {"zk-2:2181", "no answer"}};
  const std::string html = landing(status);
  CHECK_THAT(html, ContainsSubstring("<h2>ZooKeeper main<span"));
  CHECK_THAT(html, ContainsSubstring("<div><dt>zk&lt;1&gt;:2181</dt><dd>leader</dd></div>\n"));
  CHECK_THAT(html, ContainsSubstring("<dt>zk-2:2181</dt><dd>no answer</dd>"));
  CHECK_THAT(html, !ContainsSubstring("<dt>brokers</dt>"));
  CHECK_THAT(html, !ContainsSubstring("cluster id"));
}

TEST_CASE("Values from a cluster are escaped") {
  const std::string evil = "<script>alert('\"&\"')</script>";
  kafkascope::model::ClusterStatus status = cluster();
  kafkascope::model::CollectorStatus collector;
  collector.name = collector.last_error = collector.last_hint = evil;
  status.name = status.servers = status.cluster_id = evil;
  status.collectors = {collector};
  const std::string html = kafkascope::web::landing_page(metrics::Page("", 0, 0, {status}), evil, evil, kNow);
  CHECK_THAT(html, !ContainsSubstring("<script"));
  CHECK_THAT(html, ContainsSubstring("&lt;script&gt;alert(&#39;&quot;&amp;&quot;&#39;)&lt;/script&gt;"));
}

TEST_CASE("Invalid UTF-8 is shown as U+FFFD") {
  kafkascope::model::ClusterStatus status = cluster();
  kafkascope::model::CollectorStatus collector;
  collector.last_error = "group \xff\xc3: timed out";
  status.collectors = {collector};
  CHECK_THAT(landing(status), ContainsSubstring("group \ufffd\ufffd: timed out"));
  collector.last_error = "gr\u00fc\u00dfe";
  status.collectors = {collector};
  CHECK_THAT(landing(status), ContainsSubstring("gr\u00fc\u00dfe"));
}
