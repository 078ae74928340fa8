#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/answers.h"
#include "protocol/render.h"

using namespace kafkascope::protocol;

// For any bytes a decoder must return a result or throw DecodeError, must not read outside of the response (checked by
// sanitizers), and must allocate memory only in proportion to its size.

namespace {
size_t largest_allocation = 0;
}  // namespace

// Not inlined: g++ would warn about the mismatch of new and free().
[[gnu::noinline]] void* operator new(size_t size) {
  largest_allocation = std::max(largest_allocation, size);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace {

/// Copies the bytes to an allocation of exactly their size, so that sanitizers detect reads past the end.
class ExactCopy {
 public:
  explicit ExactCopy(std::string_view bytes) : data_(new char[bytes.size()]), size_(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), data_.get());
  }
  std::string_view view() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<char[]> data_;
  size_t size_;
};

/// A valid response and its decoder.
struct Sample {
  std::string name;
  std::string api;
  int16_t version;
  std::string bytes;
};

std::vector<Sample> samples() {
  std::vector<Sample> samples;
  for (const CapturedAnswer& answer : captured_answers()) {
    samples.push_back({answer.name, answer.api, answer.version, captured(answer.name)});
  }
  samples.push_back({"an assignment", "ConsumerProtocolAssignment", 0,
                     from_hex("0000 00000002 0001 61 00000002 00000000 00000001 0001 62 00000000 00000003 c0ffee")});
  const std::string batch =
      "0000000000000000 00000034 00000007 02 12345678 0000 00000000 00000000000003e8 "
      "00000000000007d0 ffffffffffffffff ffff ffffffff 00000001 c0ffee";
  samples.push_back({"two batches", "Fetch", 11,
                     from_hex("00000000 0000 00000000 00000001 0001 61 00000001 00000000 0000 0000000000000002 "
                              "0000000000000002 0000000000000000 ffffffff ffffffff 00000080" +
                              batch + batch)});
  return samples;
}

bool decodes(const Sample& sample, std::string_view bytes) {
  const ExactCopy copy(bytes);
  largest_allocation = 0;
  bool decoded = true;
  try {
    render(sample.api, copy.view(), sample.version);
  } catch (const DecodeError&) {
    decoded = false;
  }
  if (largest_allocation > 40 * bytes.size() + 4096) {
    FAIL(sample.name << ": " << largest_allocation << " bytes for an answer of " << bytes.size() << ": "
                     << to_hex(bytes));
  }
  return decoded;
}

TEST_CASE("a truncated response is an error") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.name);
    CHECK(decodes(sample, sample.bytes));
    for (size_t size = 0; size < sample.bytes.size(); ++size) {
      if (size == 0 && sample.api == "ConsumerProtocolAssignment") continue;
      if (decodes(sample, std::string_view(sample.bytes).substr(0, size))) FAIL_CHECK("decoded when cut to " << size);
    }
  }
}

TEST_CASE("a response with an extra byte is an error") {
  for (const Sample& sample : samples()) {
    if (sample.api == "ConsumerProtocolAssignment") continue;
    CAPTURE(sample.name);
    CHECK_FALSE(decodes(sample, sample.bytes + '\0'));
  }
}

TEST_CASE("any byte of a response may be corrupt") {
  for (const Sample& sample : samples()) {
    for (size_t i = 0; i < sample.bytes.size(); ++i) {
      for (const int bits : {0x01, 0x80, 0xff}) {
        std::string wrong = sample.bytes;
        wrong[i] = static_cast<char>(wrong[i] ^ bits);
        decodes(sample, wrong);
      }
    }
  }
}

TEST_CASE("any byte of a response may start a corrupt length") {
  const std::vector<std::string> lengths = {from_hex("7fffffff"),   from_hex("ffffffff"),    from_hex("fffffffe"),
                                            from_hex("00010000"),   from_hex("7fff"),        from_hex("ff7f"),
                                            from_hex("ffffffff0f"), from_hex("ffffffffff01")};
  for (const Sample& sample : samples()) {
    for (size_t i = 0; i < sample.bytes.size(); ++i) {
      for (const std::string& length : lengths) {
        std::string wrong = sample.bytes;
        wrong.replace(i, std::min(length.size(), wrong.size() - i), length);
        decodes(sample, wrong);
      }
    }
  }
}

TEST_CASE("memory for the largest possible length is bounded by the size of the response") {
  const std::string rest(16384, '\xff');
  for (const Sample& sample : samples()) {
    for (size_t i = 0; i < sample.bytes.size(); ++i) {
      for (const char* length : {"00003ff0", "f07f"})
        decodes(sample, sample.bytes.substr(0, i) + from_hex(length) + rest);
    }
  }
}

/// Returns the response with a few typical corruptions.
std::string mutated(std::string bytes, std::mt19937& random) {
  for (size_t changes = 1 + random() % 6; changes > 0; --changes) {
    const size_t at = bytes.empty() ? 0 : random() % bytes.size();
    const auto byte = static_cast<char>(random());
    switch (random() % 6) {
      case 0:
        bytes.insert(at, 1, byte);
        break;
      case 1:
        bytes.erase(at, 1 + random() % 8);
        break;
      case 2:
        bytes.insert(at, bytes.substr(at, random() % 64));
        break;
      case 3:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] + random() % 5 - 2);
        break;
      default:
        if (!bytes.empty()) bytes[at] = byte;
    }
  }
  return bytes;
}

TEST_CASE("randomly corrupted responses (fixed seed)") {
  for (const Sample& sample : samples()) {
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i) decodes(sample, mutated(sample.bytes, random));
  }
}

TEST_CASE("random bytes, mostly small values, which are likely lengths") {
  for (const Sample& sample : samples()) {
    std::mt19937 random(2);
    for (int i = 0; i < 1000; ++i) {
      std::string bytes(random() % 200, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? random() : random() % 4);
      decodes(sample, bytes);
    }
  }
}

}  // namespace
