#include "report/table.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "report/text.h"

namespace kafkascope::report {
namespace {

Table table(std::string_view group, std::string_view client) {
  Table table(
      {{"GROUP", Table::Align::kLeft, 2}, {"LAG", Table::Align::kRight}, {"CLIENT-ID", Table::Align::kLeft, 1}});
  table.add(group);
  table.add("7");
  table.add(client);
  table.add("b");
  table.add("1000");
  table.add("");
  return table;
}

TEST_CASE("Columns are aligned, also with wide characters, and empty cells are hyphens") {
  CHECK(table("orders", "c1").text(0, 9) ==
        "GROUP    LAG  CLIENT-ID\n"
        "orders     7  c1\n"
        "b       1000  -\n");
  CHECK(table("注文", "c1").text(0, 9) ==
        "GROUP   LAG  CLIENT-ID\n"
        "注文      7  c1\n"
        "b      1000  -\n");
}

TEST_CASE("A hostile name stays in its cell") {
  CHECK(table("a\nb\t1", "c").text(0, 1) ==
        "GROUP    LAG  CLIENT-ID\n"
        "a\\nb\\t1    7  c\n");
}

TEST_CASE("Only the first rows") {
  CHECK(table("a", "c").rows() == 2);
  CHECK(table("a", "c").text(0, 1) ==
        "GROUP  LAG  CLIENT-ID\n"
        "a        7  c\n");
}

TEST_CASE("If the table is too wide, columns are shortened, then left out, by priority") {
  const Table wide = table("a-group-with-a-long-name", "a-client-with-a-long-name");
  CHECK(wide.text(50, 1) ==
        "GROUP                     LAG  CLIENT-ID\n"
        "a-group-with-a-long-name    7  a-client-with-a-lo…\n");
  CHECK(wide.text(35, 1) ==
        "GROUP             LAG  CLIENT-ID\n"
        "a-group-with-a-…    7  a-client-wi…\n");
  CHECK(wide.text(25, 1) ==
        "GROUP         LAG\n"
        "a-group-wit…    7\n");
  CHECK(wide.text(5, 1) == wide.text(25, 1));  // no less
}

}  // namespace
}  // namespace kafkascope::report
