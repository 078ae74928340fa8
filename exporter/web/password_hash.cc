#include "web/password_hash.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace kafkascope::web {
namespace {

// Returns the hash with the salt and cost of `setting`; empty if it cannot be computed.
std::string crypt_with(const std::string& password, const std::string& setting) {
  const auto data = std::make_unique<crypt_data>();  // 32 KiB
  const char* hash = crypt_r(password.c_str(), setting.c_str(), data.get());
  std::string result = hash && hash[0] != '*' ? hash : "";
  OPENSSL_cleanse(data.get(), sizeof(*data));
  return result;
}

}  // namespace

bool matches_hash(const std::string& password, const std::string& hash) {
  const std::string computed = crypt_with(password, hash);
  // crypt_r() reads up to a NUL, and would accept anything after it.
  const bool is_whole = password.find('\0') == password.npos;
  return computed.size() == hash.size() && CRYPTO_memcmp(computed.data(), hash.data(), hash.size()) == 0 && is_whole &&
         !hash.empty();
}

std::string hash_password(const std::string& password, int cost) {
  if (password.empty()) throw std::runtime_error("the password is empty");
  if (password.find('\0') != password.npos) throw std::runtime_error("the password contains a NUL");
  if (password.size() > kMaxPasswordBytes)
    throw std::runtime_error(
        fmt::format("the password is longer than {} bytes, which bcrypt ignores", kMaxPasswordBytes));
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  const char* salt = crypt_gensalt_rn("$2b$", static_cast<unsigned long>(cost), nullptr, 0, setting.data(),
                                      static_cast<int>(setting.size()));
  const std::string hash = salt ? crypt_with(password, salt) : "";
  if (hash.empty()) throw std::runtime_error("the C library cannot compute bcrypt hashes");
  return hash;
}

}  // namespace kafkascope::web
