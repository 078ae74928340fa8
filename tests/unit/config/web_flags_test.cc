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
