#include "metrics/selection.h"

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <string>
#include <vector>

#include "metrics/chunk.h"

namespace metrics = kafkascope::metrics;
using metrics::matches;
using metrics::Page;
using metrics::PageFamily;

namespace {

std::shared_ptr<const metrics::Chunk> chunk(const std::string& text, size_t series) {
  return metrics::Compressor().compress(text, series, nullptr);
}

PageFamily family(const std::string& name, const std::vector<size_t>& clusters, bool by_partition = false) {
  PageFamily result{name, by_partition, chunk("# " + name + "\n", 0), {}};
  for (const size_t cluster : clusters)
    result.bodies.push_back(
        {cluster, chunk(name + (cluster == PageFamily::kExporter ? " own" : " " + std::to_string(cluster)) + "\n", 1)});
  return result;
}

/// Clusters a and b; b has no `lag`.
Page page() {
  kafkascope::model::ClusterStatus a, b;
  a.name = "a";
  b.name = "b";
  return {{family("topic", {0, 1}), family("offset", {0, 1}, true), family("lag", {0}),
           family("up", {0, 1, PageFamily::kExporter}), family("process", {PageFamily::kExporter})},
          {a, b}};
}

std::string text(const metrics::Selection& selection) {
  std::string result;
  const Page part = select(page(), selection);
  CHECK(part.inflate([&](std::string_view piece) {
    result += piece;
    return true;
  }));
  CHECK(part.text_bytes() == result.size());
  return result;
}

const std::string kOwn = "# up\nup own\n# process\nprocess own\n";

}  // namespace

TEST_CASE("Everything is selected by default") {
  CHECK(text({}) ==
        "# topic\ntopic 0\ntopic 1\n# offset\noffset 0\noffset 1\n# lag\nlag 0\n"
        "# up\nup 0\nup 1\nup own\n# process\nprocess own\n");
  CHECK(select(page(), {}).series() == 9);
  CHECK(select(page(), {}).gzip() == page().gzip());
}

TEST_CASE("Clusters are selected by name, with the exporter's own series") {
  CHECK(text({.clusters = {"b"}}) ==
        "# topic\ntopic 1\n# offset\noffset 1\n# up\nup 1\nup own\n# process\nprocess own\n");
  CHECK(text({.clusters = {"b", "a"}}) == text({}));
  CHECK(text({.clusters = {"c"}}) == kOwn);
  auto clusters = page().clusters();
  clusters[0].kind = "ZooKeeper";
  CHECK(metrics::select(Page(page().families(), clusters), {.clusters = {"a"}}).series() == 2);
}

TEST_CASE("Families are selected by name, with the exporter's own") {
  CHECK(text({.names = {"l*"}}) == "# lag\nlag 0\n" + kOwn);
  CHECK(text({.names = {"lag", "offset"}}) == "# offset\noffset 0\noffset 1\n# lag\nlag 0\n" + kOwn);
  CHECK(text({.names = {"nothing"}}) == kOwn);
}

TEST_CASE("Families about the exporter are those of the selected clusters") {
  const Page page({family("kafka_exporter_client_connects_total", {0, 1}), family("lag", {0})}, ::page().clusters());
  CHECK(select(page, {.names = {"l*"}}).series() == 3);
  CHECK(select(page, {.clusters = {"b"}, .names = {"nothing"}, .others = false}).series() == 1);
  CHECK(select(page, {.excluded = {"kafka_exporter_*"}}).series() == 1);
}

TEST_CASE("Excluding families prevails, over the exporter's own, too") {
  CHECK(text({.names = {"*"}, .excluded = {"t*", "offset", "p*"}}) == "# lag\nlag 0\n# up\nup 0\nup 1\nup own\n");
  CHECK(text({.excluded = {"*"}}).empty());
}

TEST_CASE("Series of partitions can be left out") {
  CHECK(text({.names = {"offset", "lag"}, .partitions = false}) == "# lag\nlag 0\n" + kOwn);
}

TEST_CASE("Series of partitions can be all that is left") {
  CHECK(text({.clusters = {"a"}, .others = false}) == "# offset\noffset 0\n" + kOwn);
}

TEST_CASE("Globs") {
  CHECK(matches("", ""));
  CHECK(matches("*", ""));
  CHECK(matches("abc", "abc"));
  CHECK(matches("a*", "a"));
  CHECK(matches("a*c", "abc"));
  CHECK(matches("a*c", "acbc"));
  CHECK(matches("*b*", "abc"));
  CHECK(matches("a?c**", "abc"));
  CHECK(matches("a.c", "a.c"));
  CHECK_FALSE(matches("", "a"));
  CHECK_FALSE(matches("a.c", "abc"));
  CHECK_FALSE(matches("a", "ab"));
  CHECK_FALSE(matches("ab", "a"));
  CHECK_FALSE(matches("a*b", "abc"));
  CHECK_FALSE(matches("?", ""));
  CHECK_FALSE(matches("a*?", "a"));
}

TEST_CASE("A glob of many stars costs no more than its length times that of the text") {
  std::string glob;
  for (int i = 0; i < 2000; ++i) glob += "*a";
  CHECK_FALSE(matches(glob + "b", std::string(4000, 'a')));
}
