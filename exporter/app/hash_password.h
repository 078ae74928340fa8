#pragma once

namespace kafkascope::app {

/// Reads a password, from the terminal twice without showing it or else the first line of stdin, and prints its bcrypt
/// hash. Returns the exit code.
int hash_password(int cost);

}  // namespace kafkascope::app
