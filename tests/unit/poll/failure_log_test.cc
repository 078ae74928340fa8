#include "poll/failure_log.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "poll/log.h"

using namespace kafkascope::poll;
namespace model = kafkascope::model;
using model::Collector;
using model::Reason;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

std::vector<model::CollectorRun> runs(const Collector& collector, std::vector<model::Failure> failures) {
  return {{collector, 0.1, std::move(failures)}};
}

const model::Time kNow = model::Time() + 1h;
const model::Failure kDown{Reason::kUnreachable, "broker 2 does not answer"};
const model::Failure kForbidden{Reason::kAuthorization, "denied", "grant DESCRIBE on the groups"};

}  // namespace

TEST_CASE("A failure is logged when it begins and when its collector recovers, not in each poll") {
  Log log;
  FailureLog failures("");
  failures.note(runs(Collector::kGroups, {}), kNow);
  CHECK(log.take() == Lines{});
  failures.note(runs(Collector::kGroups, {kDown}), kNow);
  CHECK(
      log.take() ==
      Lines{R"(warning msg="collector failed" collector=groups reason=unreachable error="broker 2 does not answer")"});
  for (int poll = 0; poll < 3; ++poll) failures.note(runs(Collector::kGroups, {kDown}), kNow);
  CHECK(log.take() == Lines{});
  failures.note(runs(Collector::kGroups, {}), kNow);
  CHECK(log.take() == Lines{R"(info msg="collector recovered" collector=groups failed_for=0s)"});
  failures.note(runs(Collector::kGroups, {}), kNow);
  CHECK(log.take() == Lines{});
  failures.note(runs(Collector::kGroups, {kDown}), kNow);
  CHECK(log.take().size() == 1);
}

TEST_CASE("An additional failure is logged, the recovery of one of several is not") {
  Log log;
  FailureLog failures("");
  failures.note(runs(Collector::kGroups, {kDown}), kNow);
  log.take();
  failures.note(runs(Collector::kGroups, {kDown, kForbidden}), kNow);
  CHECK(
      log.take() ==
      Lines{
          R"(warning msg="collector failed" collector=groups reason=authorization error=denied hint="grant DESCRIBE on the groups")"});
  failures.note(runs(Collector::kGroups, {kForbidden}), kNow);
  CHECK(log.take() == Lines{});
}

TEST_CASE("The same text with another reason is another failure") {
  Log log;
  FailureLog failures("");
  failures.note(runs(Collector::kGroups, {kDown}), kNow);
  log.take();
  failures.note(runs(Collector::kGroups, {{Reason::kOther, kDown.what}}), kNow);
  CHECK(log.take() ==
        Lines{R"(warning msg="collector failed" collector=groups reason=other error="broker 2 does not answer")"});
}

TEST_CASE("Each collector has its own failures") {
  Log log;
  FailureLog failures("");
  failures.note({{Collector::kGroups, 0, {kDown}}, {Collector::kOffsets, 0, {kDown}}}, kNow);
  CHECK(log.take().size() == 2);
  failures.note({{Collector::kGroups, 0, {}}, {Collector::kOffsets, 0, {kDown}}}, kNow);
  CHECK(log.take() == Lines{R"(info msg="collector recovered" collector=groups failed_for=0s)"});
}

TEST_CASE("A skipped collector logs nothing and keeps its failures") {
  Log log;
  FailureLog failures("");
  failures.note(runs(Collector::kGroups, {kDown}), kNow);
  failures.note({}, kNow);
  log.take();
  failures.note(runs(Collector::kGroups, {kDown}), kNow);
  CHECK(log.take() == Lines{});
}

TEST_CASE("Without metadata other collectors are skipped: one failure is logged, not four") {
  Log log;
  FailureLog failures("");
  failures.note({{Collector::kMetadata, 0, {kDown}}, {Collector::kOffsets, 0, {kDown}, true}}, kNow);
  CHECK(
      log.take() ==
      Lines{
          R"(warning msg="collector failed" collector=metadata reason=unreachable error="broker 2 does not answer")"});
  failures.note({{Collector::kMetadata, 0, {}}, {Collector::kOffsets, 0, {}}}, kNow);
  CHECK(log.take() == Lines{R"(info msg="collector recovered" collector=metadata failed_for=0s)"});
}

TEST_CASE("Lines contain the name of the cluster if it has one") {
  Log log;
  FailureLog failures("west");
  failures.note(runs(Collector::kMetadata, {kDown}), kNow);
  failures.note(runs(Collector::kMetadata, {}), kNow);
  CHECK(
      log.take() ==
      Lines{
          R"(warning msg="collector failed" cluster=west collector=metadata reason=unreachable error="broker 2 does not answer")",
          R"(info msg="collector recovered" cluster=west collector=metadata failed_for=0s)"});
}

TEST_CASE("A collector has failed since the first of successive failures") {
  Log log;
  FailureLog failures("");
  failures.note(runs(Collector::kGroups, {kDown}), kNow);
  failures.note(runs(Collector::kGroups, {kForbidden}), kNow + 4s);
  failures.note(runs(Collector::kGroups, {}), kNow + 65s);
  failures.note(runs(Collector::kGroups, {kDown}), kNow + 70s);
  failures.note(runs(Collector::kGroups, {}), kNow + 74s);
  const auto lines = log.take();
  REQUIRE(lines.size() == 5);
  CHECK(lines[2].ends_with("failed_for=1m5s"));
  CHECK(lines[4].ends_with("failed_for=4s"));
}

TEST_CASE("Transient failures and timeouts are logged from the second successive run on") {
  const model::Failure transient = GENERATE(model::Failure{Reason::kOther, "loading", "", true},
                                            model::Failure{Reason::kTimeout, "broker 2 does not answer"});
  const model::Failure another{Reason::kOther, "not coordinator", "", true};
  Log log;
  FailureLog failures("");
  SECTION("not logged if the next run succeeds, nor is the recovery") {
    for (int i = 0; i < 3; ++i) {
      failures.note(runs(Collector::kGroups, {transient}), kNow);
      failures.note(runs(Collector::kGroups, {}), kNow);
    }
    CHECK(log.take() == Lines{});
  }
  SECTION("logged in the second run, with its recovery, since the first run") {
    failures.note(runs(Collector::kGroups, {transient}), kNow);
    CHECK(log.take() == Lines{});
    failures.note(runs(Collector::kGroups, {transient}), kNow + 5s);
    CHECK(log.take().size() == 1);
    failures.note(runs(Collector::kGroups, {transient}), kNow + 10s);
    failures.note(runs(Collector::kGroups, {}), kNow + 15s);
    CHECK(log.take() == Lines{R"(info msg="collector recovered" collector=groups failed_for=15s)"});
  }
  SECTION("logged if the next run has another transient failure") {
    failures.note(runs(Collector::kGroups, {transient}), kNow);
    failures.note(runs(Collector::kGroups, {another}), kNow);
    CHECK(log.take() ==
          Lines{R"(warning msg="collector failed" collector=groups reason=other error="not coordinator")"});
  }
  SECTION("other failures are logged at once") {
    failures.note(runs(Collector::kGroups, {transient, kForbidden}), kNow);
    CHECK(log.take().size() == 1);
    failures.note(runs(Collector::kGroups, {transient}), kNow);
    CHECK(log.take().size() == 1);
    failures.note(runs(Collector::kGroups, {}), kNow);
    CHECK(log.take().size() == 1);
  }
}

TEST_CASE("The log names a target by its kind") {
  Log log;
  FailureLog cluster("main"), ensemble(model::TargetName::zookeeper("main"));
  for (FailureLog* failures : {&cluster, &ensemble}) failures->note(runs(Collector::kGroups, {kForbidden}), kNow);
  const auto lines = log.take();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("warning msg=\"collector failed\" cluster=main "));
  CHECK(lines[1].starts_with("warning msg=\"collector failed\" ensemble=main "));
}
