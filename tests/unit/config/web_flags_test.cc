#include "config/run.h"

namespace kafkascope::config {
namespace {

TEST_CASE("hash-password takes a cost") {
  CHECK(std::get<HashPassword>(run({"hash-password"})).cost == 10);
  CHECK(std::get<HashPassword>(run({"hash-password", "--cost=12"})).cost == 12);
  CHECK(bad({"hash-password", "--cost=3"}) == "hash-password: \"3\" is not a whole number from 4 to 31");
  CHECK(bad({"hash-password", "secret"}) ==
        "hash-password: takes no argument but --cost=NUMBER; the password is read from stdin");
}

TEST_CASE("commands") {
  CHECK(std::get<Once>(run({"once", "--kafka.server=a:1"})).config.clusters[0].servers ==
        std::vector<std::string>{"a:1"});
  CHECK(std::get<Exit>(run({"once", "--check-config"})).code == 0);
  CHECK(std::get<PrintScrapeConfig>(run({"scrape-config", "--poll.interval=5s"})).config.clusters[0].polling.interval ==
        std::chrono::seconds(5));
  CHECK(std::get<WriteDashboards>(run({"dashboards"})).dir == ".");
  CHECK(std::get<WriteDashboards>(run({"dashboards", "--dir=a"})).dir == "a");
  const auto rules =
      std::get<WriteRules>(run({"rules", "--grafana-url=https://a/b//", "--label=x=y=z", "--label=a=b"}));
  CHECK(rules.grafana_url == "https://a/b");
  CHECK(rules.runbook_url.empty());
  CHECK(rules.labels == Labels{{"a", "b"}, {"x", "y=z"}});

  CHECK(bad({"dashboards", "a"}) == "dashboards: a word is not an argument; use dashboards [--dir=DIR]");
  CHECK(bad({"dashboards", "--dir"}) == "dashboards: a word is not an argument; use dashboards [--dir=DIR]");
  CHECK(bad({"dashboards", "--dir="}) == "--dir: is empty; give a directory");
  CHECK(bad({"rules", "--runbook-url=wiki"}) == "--runbook-url: \"wiki\" is not a URL; write https://HOST/PATH");
  CHECK(bad({"rules", "--runbook-url=http://a' b"}).ends_with("is not a URL; write https://HOST/PATH"));
  CHECK(bad({"rules", "--label=team"}) == "--label: \"team\" is not a label; write NAME=VALUE");
  CHECK(bad({"rules", "--label=topic=x"}) == "--label: alerts have a label topic themselves; choose another name");
  CHECK(bad({"rules", "--label=a-b=x"}).starts_with("--label: "));
  CHECK(bad({"once", "--no-such"}).starts_with("--no-such"));
}

TEST_CASE("lag takes arguments of its own besides the flags") {
  const auto lag = std::get<PrintLag>(run({"lag", "--group", "^a", "--kafka.server=a:1", "--sort=seconds", "--watch",
                                           "--output=csv", "--group.exclude=b"}));
  CHECK(lag.options.order == model::LagOrder::kSeconds);
  CHECK(lag.options.output == model::OutputFormat::kCsv);
  CHECK(lag.options.watch);
  CHECK(lag.config.clusters[0].servers == Args{"a:1"});
  CHECK(lag.config.clusters[0].groups == Filter("^a", "b"));

  const auto defaults = std::get<PrintLag>(run({"lag", "--group.filter=x"}));
  CHECK(defaults.options.order == model::LagOrder::kGroup);
  CHECK(defaults.options.output == model::OutputFormat::kTable);
  CHECK(!defaults.options.watch);
  CHECK(defaults.config.clusters[0].groups == Filter("x", "^$"));
  CHECK(std::get<Exit>(run({"lag", "--watch", "--check-config"})).code == 0);

  CHECK(bad({"lag", "--sort=size"}) == "--sort: \"size\" is not known; it is one of group, lag, seconds");
  CHECK(bad({"lag", "--output=yaml"}) == "--output: \"yaml\" is not known; it is one of table, json, csv");
  CHECK(bad({"lag", "--group=("}).starts_with("--group: "));
  CHECK(bad({"lag", "--group"}) == "--group: a value is missing; write --group=VALUE");
  CHECK(bad({"lag", "--sort=lag", "--sort=lag"}) == "--sort: given more than once; keep one");
  CHECK(bad({"lag", "orders"}).starts_with("orders: not a flag"));
  CHECK(bad({"--sort=lag"}).starts_with("--sort: unknown flag"));
}

TEST_CASE("check takes an output besides the flags") {
  CHECK(std::get<Check>(run({"check"})).output == model::OutputFormat::kTable);
  const auto check = std::get<Check>(run({"check", "--output=json", "--kafka.server=a:1"}));
  CHECK(check.output == model::OutputFormat::kJson);
  CHECK(check.config.clusters[0].servers == Args{"a:1"});
  CHECK(bad({"check", "--output=csv"}) == "--output: \"csv\" is not known; it is one of table, json");
}

TEST_CASE("the web configuration of kafka_exporter's flags") {
  const Config config =
      good({"--server.tls.enabled", "--server.tls.mutual-auth-enabled", "--server.tls.ca-file=" + some_file("ca.pem"),
            "--server.tls.cert-file=" + some_file("cert.pem"), "--server.tls.key-file=" + some_file("key.pem")});
  CHECK(config.notices.empty());
  CHECK(config.web.server_tls ==
        ServerTls{true, true, some_file("ca.pem"), some_file("cert.pem"), some_file("key.pem")});
  CHECK(good({"--server.tls.cert-file=x", "--server.tls.ca-file=y"}).notices ==
        Notices{{"--server.tls.cert-file", "it requires --server.tls.enabled"},
                {"--server.tls.ca-file", "it requires --server.tls.mutual-auth-enabled"}});
  CHECK(good({"--web.systemd-socket", "--web.listen-address=:1"}).notices ==
        Notices{{"--web.listen-address", "systemd's sockets are used"}});
  CHECK(good({"--web.listen-address=unix:/run/a.sock?mode=0600"}).web.listen_addresses ==
        Args{"unix:/run/a.sock?mode=0600"});
}

}  // namespace
}  // namespace kafkascope::config
