#include "metrics/series_limit.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "metrics/family_writer.h"

namespace kafkascope::metrics {
namespace {

/// Returns which of the families a to f, 3,106 series in total, are kept.
std::string left(size_t limit, const std::string& left_out_before = "") {
  std::vector<FamilySize> families{{1, 0, false},    {100, 1, false},  {1000, 2, false},
                                   {1000, 3, false}, {1000, 3, false}, {5, 4, false}};
  for (const char family : left_out_before) families[family - 'a'].left_out = true;
  const auto out = leave_out(families, limit);
  std::string stay;
  for (size_t i = 0; i < out.size(); ++i)
    if (!out[i]) stay += static_cast<char>('a' + i);
  return stay;
}

TEST_CASE("Families with the most labels are left out first, of these the later ones, and no more than needed") {
  CHECK(left(1'000'000) == "abcdef");
  CHECK(left(3106) == "abcdef");
  CHECK(left(3105) == "abcdf");
  CHECK(left(2106) == "abcdf");
  CHECK(left(2105) == "abcf");
  CHECK(left(1106) == "abcf");
  CHECK(left(1105) == "abf");
}

TEST_CASE("Small families and those without labels are kept, however low the limit") {
  CHECK(left(501) == "abf");  // f has 5, less than 1% of the limit
  CHECK(left(499) == "ab");
  CHECK(left(10) == "a");
  CHECK(left(1) == "a");
}

TEST_CASE("A family comes back if 5% of the limit stays free") {
  CHECK(left(3106, "e") == "abcdf");
  CHECK(left(3268, "e") == "abcdf");
  CHECK(left(3269, "e") == "abcdef");
  CHECK(left(2106, "de") == "abcf");
  CHECK(left(2218, "de") == "abcdf");
  CHECK(left(3271, "abcdef") == "abcdef");
}

struct Page {
  explicit Page(size_t limit) { options.max_series = limit; }

  /// Returns names and series counts of the families on the page.
  std::string operator()(int topics, int partitions) {
    families.begin(options);
    families.family({"up", "Help."}, [](SampleWriter& s) { s.value(int64_t{1}); });
    families.family({"topics", "Help."}, [&](SampleWriter& s) {
      for (int i = 0; i < topics; ++i) s.with("topic", i).value(int64_t{1});
    });
    families.family({"partitions", "Help."}, [&](SampleWriter& s) {
      for (int i = 0; i < partitions; ++i) s.with("topic", i).with("partition", i).value(int64_t{1}, true);
    });
    std::string page;
    for (const auto& family : families.take())
      if (family.body && family.body->series > 0) page += family.name + " " + std::to_string(family.body->series) + " ";
    return page;
  }

  model::Options options;
  FamilyWriter families{R"(env="a",zone="b")"};
};

using Dropped = std::map<std::string, size_t>;

TEST_CASE("A page never has more series than the limit, and nothing is left out without one") {
  Page page(100);
  CHECK(page(10, 80) == "up 1 topics 10 partitions 80 ");
  CHECK(page.families.dropped().empty());
  CHECK(page(10, 90) == "up 1 topics 10 ");
  CHECK(page.families.dropped() == Dropped{{"partitions", 90}});
  CHECK(page.families.held() ==
        SampleWriter::Held{{model::Collector::kMetadata, 90}});  // written before the limit was exceeded
  CHECK(page(11, 200) == "up 1 topics 11 ");
  CHECK(page.families.dropped() == Dropped{{"partitions", 200}});
  CHECK(page.families.held() == SampleWriter::Held{});
  CHECK(page(10, 85) == "up 1 topics 10 ");  // no spare room

  Page unlimited(0);
  CHECK(unlimited(1000, 1000) == "up 1 topics 1000 partitions 1000 ");
  CHECK(unlimited.families.dropped().empty());
}

TEST_CASE("A family that comes back is on the page after the next: its text is not kept while it is left out") {
  Page page(100);
  page(10, 90);
  CHECK(page(10, 80) == "up 1 topics 10 ");
  CHECK(page.families.dropped() == Dropped{{"partitions", 80}});
  CHECK(page(10, 80) == "up 1 topics 10 partitions 80 ");
  CHECK(page.families.dropped().empty());
  page.options.max_series = 50;
  CHECK(page(60, 80) == "up 1 ");
  CHECK(page.families.dropped() == Dropped{{"partitions", 80}, {"topics", 60}});
}

}  // namespace
}  // namespace kafkascope::metrics
