#include "web/accept_encoding.h"

#include <catch2/catch_test_macros.hpp>

using kafkascope::web::accepts_gzip;

TEST_CASE("Accept-Encoding decides whether gzip is sent") {
  struct Case {
    const char* header;
    bool gzip;
  };
  constexpr Case kCases[] = {
      {"", false},
      {"gzip", true},
      {"GZIP", true},
      {"x-gzip", true},
      {"gzip, deflate, br", true},
      {"deflate, br", false},
      {"identity", false},
      {"*", true},
      {"*;q=0", false},
      {"gzip;q=0", false},
      {"gzip;q=0.0", false},
      {"gzip;q=0.000", false},
      {"gzip; q=0", false},
      {"gzip ; Q=0", false},
      {"gzip;q=0.001", true},
      {"gzip;q=1", true},
      {"gzip;q=1.0, identity;q=0.5", true},
      {"gzip;q=0, *", false},
      {"*;q=0, gzip", true},
      {"*, gzip;q=0", false},
      {"identity;q=1, *;q=0", false},
      {"gzip;q=", false},
      {"gzip;q=abc", false},
      {"gzip;q=-1", false},
      {"gzip;q", false},
      {",,gzip,,", true},
      {";;;,gzip", true},
      {"gzipped", false},
      {"gzip=1", false},
  };
  for (const Case& test : kCases) {
    CAPTURE(test.header);
    CHECK(accepts_gzip(test.header) == test.gzip);
  }
}
