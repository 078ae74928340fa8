#include "config/zookeeper.h"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "config/run.h"
#include "temporary_folder.h"

namespace kafkascope::config {
namespace {

using namespace std::chrono_literals;

/// Writes a configuration file, and returns the flag that names it.
struct File {
  explicit File(const std::string& text) { std::ofstream(path) << text; }
  std::string flag() const { return "--config.file=" + path.string(); }

  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "ensembles.yml";
};

/// The message, without the file, of an entry of `zookeeper` that is wrong.
std::string bad_entry(const std::string& entry) {
  const File file("zookeeper:\n  - " + entry + "\n");
  return bad({file.flag()}).substr(file.path.string().size() + 1);
}

TEST_CASE("every key of an ensemble is stored") {
  const std::string ca = some_file("ca.pem"), cert = some_file("cert.pem"), key = some_file("key.pem");
  const File file(
      "disabled_families: [zk_watch_count]\n"
      "zookeeper:\n"
      "  - name: main\n"
      "    servers: [zk-1, 'zk-2:2281', '[::1]']\n"
      "    expected_size: 5\n"
      "    all_values: true\n"
      "    tls: {enabled: true, verify_server_name: false, ca_file: " +
      ca + ", cert_file: " + cert + ", key_file: " + key +
      "}\n"
      "    polling: {interval: 20s, deadline: 10s, request_timeout: 2s, hold: 30s}\n"
      "  - {name: other, servers: [zk:2181]}\n");
  const Config config = good({file.flag()});
  CHECK(config.clusters.empty());
  REQUIRE(config.zookeeper.size() == 2);
  ZooKeeper expected;
  expected.name = "main";
  expected.servers = {"zk-1:2181", "zk-2:2281", "[::1]:2181"};
  expected.expected_size = 5;
  expected.all_values = true;
  expected.tls = {true, false, ca, cert, key};
  expected.files = {{ca, content_hash(ca)}, {cert, content_hash(cert)}, {key, content_hash(key)}};
  expected.polling.interval = 20s;
  expected.polling.deadline = 10s;
  expected.polling.request_timeout = 2s;
  expected.options.hold = 30s;
  expected.options.interval = 20s;
  expected.options.disabled_families = {"zk_watch_count"};
  CHECK(config.zookeeper[0] == expected);
  CHECK(config.zookeeper[0].effective_expected_size() == 5);
  CHECK(config.zookeeper[1].effective_expected_size() == 1);
}

TEST_CASE("ensembles alone need no cluster, and go with one from the file or from flags") {
  const std::string ensemble = "zookeeper: [{name: main, servers: [zk]}]\n";
  const File alone(ensemble);
  CHECK(good({alone.flag()}).clusters.empty());
  const Config with_flag = good({alone.flag(), "--kafka.server=a:1", "--topic.filter=b"});
  REQUIRE(with_flag.clusters.size() == 1);
  CHECK(with_flag.clusters[0].servers == std::vector<std::string>{"a:1"});
  CHECK(with_flag.zookeeper.size() == 1);
  CHECK(good({alone.flag(), "--log.level=debug"}).clusters.empty());
  CHECK(bad({"check", alone.flag()}).starts_with("check: the configuration file has ensembles but no clusters"));
  CHECK(bad({"lag", alone.flag()}) ==
        "lag: the configuration file has ensembles but no clusters; add clusters, or --kafka.server");
  const File both(ensemble + "clusters: [{servers: [c:1]}]\n");
  CHECK(good({both.flag()}).clusters.size() == 1);
  const File none("zookeeper: []\n");
  CHECK(good({none.flag()}).clusters.size() == 1);
  CHECK(good({none.flag()}).zookeeper.empty());
}

TEST_CASE("what is wrong with an ensemble is said with its place") {
  CHECK(bad_entry("{servers: [zk]}") == "2: zookeeper: an ensemble needs a name; add name");
  CHECK(bad_entry("{name: a}") == "2: zookeeper: an ensemble needs servers; add servers: [zookeeper:2181]");
  CHECK(bad_entry("{name: a, servers: []}") ==
        "2: zookeeper: an ensemble needs servers; add servers: [zookeeper:2181]");
  CHECK(bad_entry("{name: a, servers: [zk, 'zk:2181']}") == "2: servers: zk:2181 is given twice; keep one");
  CHECK(bad_entry("{name: a, servers: ['zk:x']}") ==
        "2: servers: \"zk:x\" is not host:port, such as zookeeper:2181 or [::1]:2181");
  CHECK(bad_entry("{name: a, servers: [zk]}\n  - {name: a, servers: [zk]}") ==
        "3: name: another ensemble is named a too; rename one");
  CHECK(bad_entry("{name: a, servers: [zk], tls: {ca_file: /x}}") == "2: tls.ca_file: requires tls.enabled: true");
  CHECK(bad_entry("{name: a, servers: [zk], tls: {enabled: true, cert_file: " + some_file("cert.pem") + "}}") ==
        "2: tls.cert_file: a client certificate needs both tls.cert_file and tls.key_file");
  const std::string encrypted = some_file("key-encrypted.pem");
  CHECK(bad_entry("{name: a, servers: [zk], tls: {enabled: true, cert_file: " + some_file("cert.pem") +
                  ", key_file: " + encrypted + "}}") ==
        "2: tls.key_file: " + encrypted +
            " is encrypted, which requires a passphrase, which is not supported here; decrypt it");
  CHECK(bad_entry("{name: a, servers: [zk], polling: {interval: 10s, request_timeout: 10s}}") ==
        "2: polling.request_timeout: a request's 10s must be shorter than a poll's deadline of 10s");
  CHECK(bad_entry("{name: a, server: [zk]}") == "2: server: unknown key; did you mean servers?");
  CHECK(bad_entry("{name: a, servers: [zk], sasl: {}}").starts_with("2: sasl: unknown key here; did you mean sasl."));
  CHECK(bad_entry("zk") == "2: zookeeper: an entry is a section, such as - {name: main, servers: [zookeeper:2181]}");
  const File map("zookeeper: {name: a}\n");
  CHECK(bad({map.flag()})
            .ends_with("1: zookeeper: is a list with an entry for each ensemble, such as - {name: main, servers: "
                       "[zookeeper:2181]}"));
}

}  // namespace
}  // namespace kafkascope::config
