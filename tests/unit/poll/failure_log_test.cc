#include "poll/failure_log.h"

#include <catch2/catch_test_macros.hpp>

#include "poll/log.h"

using namespace kafkascope::poll;
namespace model = kafkascope::model;
using model::Collector;
using model::Reason;
using Lines = std::vector<std::string>;

namespace {

std::vector<model::CollectorRun> runs(const Collector& collector, std::vector<model::Failure> failures) {
  return {{collector, 0.1, std::move(failures)}};
}

const model::Failure kDown{Reason::kUnreachable, "broker 2 does not answer"};
const model::Failure kForbidden{Reason::kAuthorization, "grant DESCRIBE on the groups"};

}  // namespace

TEST_CASE("A failure is told once when it begins and once when it is over, not once a poll") {
  Log log;
  FailureLog failures("");
  failures.note(runs(Collector::kGroups, {}));
  CHECK(log.take() == Lines{});
  failures.note(runs(Collector::kGroups, {kDown}));
  CHECK(log.take() == Lines{"warning groups fails (unreachable): broker 2 does not answer"});
  for (int poll = 0; poll < 3; ++poll) failures.note(runs(Collector::kGroups, {kDown}));
  CHECK(log.take() == Lines{});
  failures.note(runs(Collector::kGroups, {}));
  CHECK(log.take() == Lines{"info groups is all right again"});
  failures.note(runs(Collector::kGroups, {}));
  CHECK(log.take() == Lines{});
  failures.note(runs(Collector::kGroups, {kDown}));
  CHECK(log.take().size() == 1);
}

TEST_CASE("A failure that joins another is told, one that goes alone is not") {
  Log log;
  FailureLog failures("");
  failures.note(runs(Collector::kGroups, {kDown}));
  log.take();
  failures.note(runs(Collector::kGroups, {kDown, kForbidden}));
  CHECK(log.take() == Lines{"warning groups fails (authorization): grant DESCRIBE on the groups"});
  failures.note(runs(Collector::kGroups, {kForbidden}));
  CHECK(log.take() == Lines{});
}

TEST_CASE("The same words for another reason are another failure") {
  Log log;
  FailureLog failures("");
  failures.note(runs(Collector::kGroups, {kDown}));
  log.take();
  failures.note(runs(Collector::kGroups, {{Reason::kTimeout, kDown.what}}));
  CHECK(log.take() == Lines{"warning groups fails (timeout): broker 2 does not answer"});
}

TEST_CASE("Each collector has its own failures") {
  Log log;
  FailureLog failures("");
  failures.note({{Collector::kGroups, 0, {kDown}}, {Collector::kOffsets, 0, {kDown}}});
  CHECK(log.take().size() == 2);
  failures.note({{Collector::kGroups, 0, {}}, {Collector::kOffsets, 0, {kDown}}});
  CHECK(log.take() == Lines{"info groups is all right again"});
}

TEST_CASE("A collector that did not run says nothing: what it failed by is still known") {
  Log log;
  FailureLog failures("");
  failures.note(runs(Collector::kGroups, {kDown}));
  failures.note({});
  log.take();
  failures.note(runs(Collector::kGroups, {kDown}));
  CHECK(log.take() == Lines{});
}

TEST_CASE("Without metadata the other collectors are not asked, which is one failure, not four") {
  Log log;
  FailureLog failures("");
  failures.note({{Collector::kMetadata, 0, {kDown}}, {Collector::kOffsets, 0, {kDown}, true}});
  CHECK(log.take() == Lines{"warning metadata fails (unreachable): broker 2 does not answer"});
  failures.note({{Collector::kMetadata, 0, {}}, {Collector::kOffsets, 0, {}}});
  CHECK(log.take() == Lines{"info metadata is all right again"});
}

TEST_CASE("A cluster that has a name is named in its lines") {
  Log log;
  FailureLog failures("west");
  failures.note(runs(Collector::kMetadata, {kDown}));
  failures.note(runs(Collector::kMetadata, {}));
  CHECK(log.take() == Lines{"warning west: metadata fails (unreachable): broker 2 does not answer",
                            "info west: metadata is all right again"});
}
