#include "config/tls_files.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>

#include "config/run.h"

namespace kafkascope::config {
namespace {

std::string file(const std::string& name) {
  std::ifstream stream(some_file(name), std::ios::binary);
  REQUIRE(stream);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string in_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string with_blank_after_begin(std::string text) { return text.insert(text.find('\n'), " "); }

TEST_CASE("TLS files that OpenSSL cannot use are found, with the setting at fault") {
  const std::string ca = file("ca.pem"), cert = file("cert.pem"), key = file("key.pem");
  const std::string encrypted = file("key-encrypted.pem"), traditional = file("key-encrypted-traditional.pem");
  std::string damaged = cert, damaged_key = key;
  damaged[100] = '#';
  damaged_key[60] = '#';
  struct Case {
    TlsFiles files;
    std::string id, message;  ///< Empty: no fault. The message begins like this.
  };
  const Case cases[] = {
      {{}, "", ""},
      {{ca, cert, key, ""}, "", ""},
      {{ca, cert, key, "unused"}, "", ""},
      {{"", cert, key, ""}, "", ""},
      {{ca, cert + ca, key, ""}, "", ""},
      {{"some text\n" + ca + ca, cert + key, cert + key, ""}, "", ""},
      {{with_blank_after_begin(ca), cert, key, ""}, "", ""},
      {{ca, cert, encrypted, "hunter2"}, "", ""},
      {{ca, cert, traditional, "hunter2"}, "", ""},
      {{ca, cert, encrypted, ""}, "tls.key_file", "is encrypted"},
      {{ca, cert, traditional, ""}, "tls.key_file", "is encrypted"},
      {{ca, cert, encrypted, "wrong"}, "tls.key_password", "is not the passphrase"},
      {{ca, cert, traditional, "wrong"}, "tls.key_password", "is not the passphrase"},
      {{ca, key, cert, ""}, "tls.cert_file", "contains a private key but no certificate"},
      {{ca, cert, cert, ""}, "tls.key_file", "contains a certificate but no private key"},
      {{key, "", "", ""}, "tls.ca_file", "contains a private key but no certificate"},
      {{ca, cert, file("key-of-another.pem"), ""}, "tls.key_file", "belongs to another certificate"},
      {{ca, file("client.p12"), key, ""}, "tls.cert_file", "is a PKCS#12 file"},
      {{ca, cert, file("client.p12"), "hunter2"}, "tls.key_file", "is a PKCS#12 file"},
      {{file("client.jks"), "", "", ""}, "tls.ca_file", "is a Java keystore"},
      {{file("cert.der"), "", "", ""}, "tls.ca_file", "is a DER file"},
      {{in_one_line(ca), "", "", ""}, "tls.ca_file", "has no line breaks"},
      {{ca, in_one_line(cert), key, ""}, "tls.cert_file", "has no line breaks"},
      {{ca, cert, in_one_line(key), ""}, "tls.key_file", "has no line breaks"},
      {{"-----BEGIN CERTIFICATE-----", "", "", ""}, "tls.ca_file", "has no line breaks"},
      {{"hello", "", "", ""}, "tls.ca_file", "is not a PEM file"},
      {{damaged, "", "", ""}, "tls.ca_file", "contains a damaged certificate"},
      {{ca, damaged, key, ""}, "tls.cert_file", "contains a damaged certificate"},
      {{ca, cert, damaged_key, ""}, "tls.key_file", "contains a damaged private key"},
      {{"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "", "", ""},
       "tls.ca_file",
       "contains no certificate"},
  };
  for (const auto& [files, id, message] : cases) {
    CAPTURE(message);
    const auto fault = find_tls_fault(files);
    REQUIRE(fault.has_value() == !id.empty());
    if (!fault) continue;
    CHECK(fault->id == id);
    CHECK(fault->message.starts_with(message));
  }
}

TEST_CASE("the error names flag, file and fix; the passphrase comes from where a password may") {
  const std::string encrypted = some_file("key-encrypted.pem");
  const Args args = {"--tls.enabled", "--tls.cert-file", some_file("cert.pem"), "--tls.key-file", encrypted};
  const auto with = [&](const std::string& flag) {
    Args more = args;
    more.push_back(flag);
    return more;
  };
  CHECK(bad(args) == "--tls.key-file: " + encrypted +
                         " is encrypted, which requires a passphrase; set $TLS_KEY_PASSWORD or "
                         "--tls.key-password-file");
  CHECK(bad(with("--tls.key-password=x")) == "--tls.key-password: is not the passphrase of the private key");
  CHECK(bad(args, {{"TLS_KEY_PASSWORD", "x"}}) == "$TLS_KEY_PASSWORD: is not the passphrase of the private key");
  const auto passphrase = [](const Config& config) { return config.clusters.at(0).properties.at("ssl.key.password"); };
  CHECK(passphrase(good(with("--tls.key-password=hunter2"))) == "hunter2");
  CHECK(passphrase(good(with("--tls.key-password-file=" + some_file("password.txt")))) == "hunter2");
  CHECK(passphrase(good(args, {{"TLS_KEY_PASSWORD", "hunter2"}})) == "hunter2");
}

}  // namespace
}  // namespace kafkascope::config
