#include "app/reload.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "config/value.h"
#include "poll/log.h"
#include "web/client.h"

using namespace kafkascope;

namespace {

/// A program without Kafka, whose configuration is what a test says.
struct Program {
  Program() {
    config.web.listen_addresses = {"127.0.0.1:0"};
    config.web.enable_lifecycle = true;
    config.clusters[0].servers = {"localhost:1"};
    app.apply(config);
  }

  config::Parsed parse(const std::string* file_text) {
    last_text = file_text ? std::optional(*file_text) : std::nullopt;
    ++parsed;
    if (!error.empty()) return config::Exit{2, "", "kafkascope: " + error + "\n"};
    return config;
  }

  bool is_on_page(const std::string& line) {
    metrics::Publisher publisher([this](const metrics::Page& last) { return exporter->families(last); });
    publisher.add("", {});
    std::string text = "\n";
    publisher.page()->inflate([&](std::string_view piece) {
      text += piece;
      return true;
    });
    return text.find("\n" + line + "\n") != text.npos;
  }

  poll::Log log;
  const std::shared_ptr<metrics::ExporterMetrics> exporter =
      std::make_shared<metrics::ExporterMetrics>(metrics::BuildInfo());
  config::Config config;
  std::string error;
  std::optional<std::string> last_text;
  int parsed = 0;
  app::ReloadRequests requests{[] {}};
  app::App app{config::Version{"1", "a", "2", "g"}, exporter, [this] { return requests.request(); }};
  std::optional<app::Reloader> holder;
  app::Reloader& reloader() {
    if (!holder)
      holder.emplace(
          app, *exporter, [this](const std::string* text) { return parse(text); }, config);
    return *holder;
  }
};

const std::string success = "kafka_exporter_config_last_reload_successful ";

/// Requests a reload over HTTP, and serves it.
web::Response reload(Program& program) {
  web::Response response;
  std::atomic<bool> done{false};
  std::jthread client([&] {
    response = web::request(program.app.ports().at(0), "POST", "/-/reload");
    done = true;
  });
  while (!done) program.requests.serve([&] { return program.reloader().reload(); });
  client.join();
  return response;
}

}  // namespace

TEST_CASE("A request waits for the reload and gets its result") {
  Program program;
  CHECK(reload(program).body == "reloaded\n");
  program.error = "labels: wrong";
  const web::Response bad = reload(program);
  CHECK(bad.code == 500);
  CHECK(bad.body == "not reloaded: labels: wrong\n");
  program.error.clear();
  CHECK(reload(program).code == 200);
  CHECK_FALSE(program.last_text);
}

TEST_CASE("The exporter's metrics say whether the configuration was valid") {
  Program program;
  program.reloader();
  CHECK(program.is_on_page(success + "1"));
  program.error = "wrong";
  CHECK_FALSE(program.reloader().reload().success);
  CHECK(program.is_on_page(success + "0"));
  program.error.clear();
  CHECK(program.reloader().reload().success);
  CHECK(program.is_on_page(success + "1"));
}

TEST_CASE("Settings of the web server and of Kerberos require a restart") {
  Program program;
  program.reloader();
  const config::Config before = program.config;
  program.config.environment["KRB5_CONFIG"] = "/etc/other";
  CHECK(program.reloader().reload().text.ends_with("requires a restart"));
  program.config = before;
  program.config.web.telemetry_path = "/other";
  CHECK(program.reloader().reload().text.ends_with("requires a restart"));
  program.config = before;
  CHECK(program.reloader().reload().success);
}

TEST_CASE("A changed secret is applied with the configuration file as it was loaded; an invalid one is reported once") {
  const auto secret = (std::filesystem::temp_directory_path() / "kafkascope-reload-secret").string();
  const auto write = [&](Program& program, const std::string& text) {
    std::ofstream(secret) << text;
    program.config.clusters[0].files[secret] = config::content_hash(secret);
  };
  Program program;
  program.config.file_text = "the text";
  write(program, "first");
  program.reloader().check_files();
  CHECK(program.parsed == 0);
  write(program, "second");
  program.reloader().check_files();
  CHECK(program.parsed == 1);
  CHECK(program.last_text == "the text");
  program.reloader().check_files();
  CHECK(program.parsed == 1);

  program.error = "not the key of this certificate";
  std::ofstream(secret) << "third";
  program.reloader().check_files();
  program.reloader().check_files();
  CHECK(program.parsed == 2);
  CHECK(program.is_on_page(success + "0"));
  std::ofstream(secret) << "second";
  program.reloader().check_files();
  CHECK(program.parsed == 2);
  CHECK(program.is_on_page(success + "1"));
  program.error.clear();
  write(program, "fourth");
  program.reloader().check_files();
  program.reloader().check_files();
  CHECK(program.parsed == 3);
  std::filesystem::remove(secret);
}
