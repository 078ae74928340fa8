#include "app/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstddef>
#include <cstdlib>
#include <string>

using namespace kafkascope;

namespace {

/// A service manager: a datagram socket at $NOTIFY_SOCKET; a name that begins with @ is abstract.
class ServiceManager {
 public:
  explicit ServiceManager(const std::string& name) : name_(name), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~ServiceManager() {
    unsetenv("NOTIFY_SOCKET");
    close(fd_);
    if (name_[0] != '@') unlink(name_.c_str());
  }

  std::string received() const {
    char text[100];
    const ssize_t size = recv(fd_, text, sizeof text, 0);
    return size < 0 ? "nothing" : std::string(text, static_cast<size_t>(size));
  }

 private:
  std::string name_;
  int fd_;
};

}  // namespace

TEST_CASE("states are sent to the service manager") {
  const std::string number = std::to_string(getpid());
  for (const std::string& name : {"/tmp/kafkascope-notify-" + number, "@kafkascope-notify-" + number}) {
    const ServiceManager manager(name);
    app::notify("READY=1");
    CHECK(manager.received() == "READY=1");
    CHECK(manager.received() == "nothing");
    app::notify_reloading();
    CHECK(manager.received().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  }
}

TEST_CASE("without a service manager nothing is sent") {
  app::notify("READY=1");
  for (const std::string& name : {std::string(), std::string("/tmp/kafkascope-nobody"), std::string(200, 'x')}) {
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
    app::notify("READY=1");
    unsetenv("NOTIFY_SOCKET");
  }
}

TEST_CASE("the watchdog may be for another process") {
  CHECK(!app::has_watchdog());
  setenv("WATCHDOG_USEC", "1000000", 1);
  CHECK(app::has_watchdog());
  setenv("WATCHDOG_PID", "1", 1);
  CHECK(!app::has_watchdog());
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  CHECK(app::has_watchdog());
  unsetenv("WATCHDOG_USEC");
  unsetenv("WATCHDOG_PID");
}
