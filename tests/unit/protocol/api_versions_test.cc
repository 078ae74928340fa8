#include "protocol/api_versions.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "protocol/render.h"

using namespace kafkascope::protocol;

namespace {

/// A response with these tagged fields at its end, hex.
std::string decoded(const std::string& tagged) {
  return render_api_versions(from_hex("0000 02 0012 0000 0004 00 00000007" + tagged), 4);
}

}  // namespace

TEST_CASE("ApiVersions says who asks") { CHECK(to_hex(encode_api_versions(3)) == to_hex("\x0bkafkascope\x08unknown")); }

TEST_CASE("ApiVersions: supported and finalized features are tagged fields, in any order and beside others") {
  CHECK(decoded("00") == "error 0 epoch -1\n");
  CHECK(decoded("03"
                "00 10 02 0a 6d2e76657273696f6e 0001 001d 00"
                "01 08 0000000000000102"
                "02 10 02 0a 6d2e76657273696f6e 0015 0007 00") ==
        "error 0 epoch 258\nsupported \"m.version\" 1 to 29\nfinalized \"m.version\" 21\n");
  CHECK(decoded("03"
                "01 08 0000000000000102"
                "03 01 01"
                "07 02 abcd") == "error 0 epoch 258\n");
}

TEST_CASE("ApiVersions: a tagged field that is longer than what it holds is an error") {
  CHECK_THROWS_AS(decoded("01 01 09 0000000000000102 00"), DecodeError);
  CHECK_THROWS_AS(decoded("01 00 11 02 0a 6d2e76657273696f6e 0001 001d 00 00"), DecodeError);
  CHECK_THROWS_AS(decoded("01 00 0f 02 0a 6d2e76657273696f6e 0001 001d"), DecodeError);
}
