#include "app/hash_password.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#include "web/password_hash.h"

namespace kafkascope::app {
namespace {

/// Hides what is typed during its lifetime.
class Hidden {
 public:
  Hidden() {
    tcgetattr(STDIN_FILENO, &before_);
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~Hidden() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  Hidden(const Hidden&) = delete;

 private:
  termios before_{};
};

std::string read_line() {
  std::string line;
  if (!std::getline(std::cin, line)) throw std::runtime_error("no password was given");
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::string ask(const char* prompt) {
  const Hidden hidden;
  std::fputs(prompt, stderr);
  std::string line = read_line();
  std::fputs("\n", stderr);
  return line;
}

std::string read_password() {
  if (isatty(STDIN_FILENO) == 0) return read_line();
  std::string password = ask("Password: ");
  if (ask("Again: ") != password) throw std::runtime_error("the two passwords differ");
  return password;
}

}  // namespace

int hash_password(int cost) try {
  std::printf("%s\n", web::hash_password(read_password(), cost).c_str());
  return EXIT_SUCCESS;
} catch (const std::exception& error) {
  std::fprintf(stderr, "kafkascope hash-password: %s\n", error.what());
  return EXIT_FAILURE;
}

}  // namespace kafkascope::app
