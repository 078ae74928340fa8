#include "kafka/connection_errors.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

using namespace kafkascope::kafka;
using kafkascope::model::Reason;
using namespace std::chrono_literals;

namespace {

constexpr ConnectionErrors::Time kStart{1h};

std::string worst(const ConnectionErrors& errors, ConnectionErrors::Time now = kStart) {
  const auto error = errors.worst(now);
  return error ? error->what() : "";
}

}  // namespace

TEST_CASE("What explains most is reported: a refused login, TLS, then how far a connection got") {
  ConnectionErrors errors("boot:9092");
  CHECK(worst(errors).empty());
  errors.add_effect({Reason::kUnreachable, "all brokers down"}, kStart);
  CHECK(worst(errors) == "all brokers down");
  errors.add({Reason::kUnreachable, "ApiVersionRequest failed: Local: Timed out"}, Stage::kVersions, kStart);
  CHECK(worst(errors) == "ApiVersionRequest failed: Local: Timed out");
  errors.add({Reason::kUnreachable, "refused"}, Stage::kConnect, kStart);
  CHECK(worst(errors) == "refused");
  errors.add({Reason::kUnreachable, "refused at another address"}, Stage::kConnect, kStart);
  CHECK(worst(errors) == "refused");
  errors.add({Reason::kProtocol, "speaks HTTP"}, Stage::kVersions, kStart);
  CHECK(worst(errors) == "speaks HTTP");
  errors.add({Reason::kTls, "expired"}, Stage::kTls, kStart);
  CHECK(worst(errors) == "expired");
  errors.add({Reason::kAuthentication, "SaslAuthenticateRequest failed: Broker transport failure"}, Stage::kLogin,
             kStart);
  errors.add({Reason::kAuthentication, "wrong password"}, Stage::kLogin, kStart);
  CHECK(worst(errors) == "wrong password");
  errors.clear();
  CHECK(worst(errors).empty());
}

TEST_CASE("A cause that does not come again is forgotten after a minute; a refused login after its longest pause") {
  ConnectionErrors errors("boot:9092");
  errors.add({Reason::kUnreachable, "refused"}, Stage::kConnect, kStart);
  errors.add({Reason::kProtocol, "speaks HTTP"}, Stage::kUp, kStart);
  errors.add({Reason::kUnreachable, "refused"}, Stage::kConnect, kStart + 40s);
  CHECK(worst(errors, kStart + 50s) == "speaks HTTP");
  CHECK(worst(errors, kStart + 70s) == "refused");
  CHECK(worst(errors, kStart + 101s).empty());
  errors.add({Reason::kAuthentication, "wrong password"}, Stage::kLogin, kStart);
  CHECK(worst(errors, kStart + 5min) == "wrong password");
  CHECK(worst(errors, kStart + 7min).empty());
}

TEST_CASE("Brokers that cannot be reached at what they advertise are named together") {
  ConnectionErrors errors("boot:9092");
  const auto add = [&](int32_t id, std::string_view address) {
    errors.add_unreachable({id, address}, Reason::kUnreachable, "refused", kStart);
  };
  add(2, "b:1");
  CHECK(worst(errors) == "broker 2 at b:1, learned from boot:9092: refused");
  add(1, "a:1");
  add(2, "b:1");
  CHECK(worst(errors) == "brokers 1 at a:1, 2 at b:1, learned from boot:9092: refused");
  for (int32_t id = 3; id <= 8; ++id) add(id, "c:1");
  CHECK(worst(errors) ==
        "brokers 1 at a:1, 2 at b:1, 3 at c:1, 4 at c:1, 5 at c:1, 3 more, learned from boot:9092: refused");
  CHECK(errors.worst(kStart)->failure().hint == kAdvertisedHint);
  errors.add({Reason::kUnreachable, "closed"}, Stage::kVersions, kStart);
  CHECK(errors.worst(kStart)->failure().hint == kAdvertisedHint);
}

TEST_CASE("Texts that differ each time do not take more and more memory") {
  ConnectionErrors errors("boot:9092");
  for (int i = 0; i < 10'000; ++i) errors.add({Reason::kOther, std::to_string(i)}, Stage::kUp, kStart);
  CHECK(worst(errors) == "0");
  errors.add({Reason::kOther, "new"}, Stage::kUp, kStart + 2min);
  CHECK(worst(errors, kStart + 2min) == "new");
}
