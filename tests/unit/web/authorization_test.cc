#include "web/authorization.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

using kafkascope::web::parse_basic;

TEST_CASE("Basic credentials are decoded") {
  const auto check = [](const char* header, const std::string& user, const std::string& password) {
    CAPTURE(header);
    const auto parsed = parse_basic(header);
    REQUIRE(parsed);
    CHECK(parsed->user == user);
    CHECK(parsed->password == password);
  };
  check("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame");
  check("basic YTpiOmM=", "a", "b:c");
  check("BASIC   Og==", "", "");
  check("Basic dGVzdDoxMjPCow==", "test", "123\xc2\xa3");
  check("Basic YQA6YgA=", std::string("a\0", 2), std::string("b\0", 2));
}

TEST_CASE("Anything else is refused") {
  for (const char* header : {"", "Basic", "Basic ", "Basic YQ==", "Basic YTpi=", "Basic YTpiOm", "Basic YT*iOmM=",
                             "Basic ====", "Basic YTpi\tOmM=", "Bearer YTpi", "BasicYTpi", "Basic YTpi, Basic YTpi"}) {
    CAPTURE(header);
    CHECK_FALSE(parse_basic(header));
  }
}
