// The web configuration file, beside a certificate and its key: it is valid, or a ConfigError.
#include "config/web_config.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "config/value.h"
#include "temporary_folder.h"
#include "web/tls_context.h"

using namespace kafkascope;

namespace {

struct Folder : TemporaryFolder {
  Folder() {
    for (const char* name : {"cert.pem", "key.pem", "ca.pem"})
      std::filesystem::copy_file(std::filesystem::path("tests/unit/config/cases") / name, path() / name);
  }
};

// A valid configuration may have a certificate whose signature is too weak for OpenSSL.
void use(const config::WebTls& tls) {
  std::string reason;
  try {
    web::TlsContext{tls};
  } catch (const std::runtime_error& error) {
    reason = error.what();
  }
  if (!reason.empty() && reason.find("rejects the certificate") == reason.npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Folder folder;
  config::Web web;
  web.config_file = folder.write("web.yml", std::string(reinterpret_cast<const char*>(data), size));
  try {
    const config::WebConfig read = config::read_web_config(web);
    if (read.tls) use(*read.tls);
  } catch (const config::ConfigError&) {
  }
  return 0;
}
