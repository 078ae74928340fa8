#pragma once

#include <string>

namespace kafkascope::web {

/// The default work factor of new hashes; each step up doubles the time, about 70 ms at 10.
inline constexpr int kDefaultCost = 10;
/// bcrypt ignores what follows.
inline constexpr size_t kMaxPasswordBytes = 72;

/// Returns whether `hash` is the bcrypt hash of `password`. Takes as long as the hash's cost demands.
bool matches_hash(const std::string& password, const std::string& hash);

/// Returns a new bcrypt hash. `cost`: 4 to 31. Throws std::runtime_error if the password has no faithful hash: it is
/// empty, too long or contains a NUL.
std::string hash_password(const std::string& password, int cost = kDefaultCost);

}  // namespace kafkascope::web
