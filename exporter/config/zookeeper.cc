// The settings of ZooKeeper ensembles: which there are, and what must hold between them.
#include "config/zookeeper.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "config/options.h"
#include "config/tls_files.h"

namespace kafkascope::config {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kZooKeeper = "ZooKeeper";
constexpr milliseconds kAtLeast = milliseconds(100);
constexpr milliseconds kAtMost = std::chrono::hours(24);

// As in options.cc.
constexpr Option kOptions[] = {
    {kZooKeeper, "", "name", Kind::text, "", "", "",
     [](ZooKeeperDraft& to, const Given& given) { to.ensemble.name = given.text(); }},
    {kZooKeeper, "", "servers", Kind::list, "zookeeper:2181", "", "",
     [](ZooKeeperDraft& to, const Given& given) {
       for (const Value& value : given.values) {
         std::vector<std::string>& servers = to.ensemble.servers;
         servers.push_back(to_server(value, "zookeeper:2181"));
         if (std::count(servers.begin(), servers.end(), servers.back()) > 1)
           fail(value.origin, fmt::format("{} is given twice; keep one", servers.back()));
       }
     }},
    {kZooKeeper, "", "expected_size", Kind::text, "", "0", "",
     [](ZooKeeperDraft& to, const Given& given) { to.ensemble.expected_size = to_int(given.value(), 0, 255); }},
    {kZooKeeper, "", "all_values", Kind::boolean, "", "false", "",
     [](ZooKeeperDraft& to, const Given& given) { to.ensemble.all_values = to_bool(given.value()); }},
    {kZooKeeper, "", "tls.enabled", Kind::boolean, "", "false", "",
     [](ZooKeeperDraft& to, const Given& given) { to.ensemble.tls.enabled = to_bool(given.value()); }},
    {kZooKeeper, "", "tls.ca_file", Kind::text, "", "", "",
     [](ZooKeeperDraft& to, const Given& given) { to.ensemble.tls.ca_file = given.text(); }},
    {kZooKeeper, "", "tls.cert_file", Kind::text, "", "", "",
     [](ZooKeeperDraft& to, const Given& given) { to.ensemble.tls.cert_file = given.text(); }},
    {kZooKeeper, "", "tls.key_file", Kind::text, "", "", "",
     [](ZooKeeperDraft& to, const Given& given) { to.ensemble.tls.key_file = given.text(); }},
    {kZooKeeper, "", "tls.verify_server_name", Kind::boolean, "", "true", "",
     [](ZooKeeperDraft& to, const Given& given) { to.ensemble.tls.verify_server_name = to_bool(given.value()); }},
    {kZooKeeper, "", "polling.interval", Kind::text, "", "15s", "",
     [](ZooKeeperDraft& to, const Given& given) {
       to.ensemble.polling.interval = to_duration(given.value(), kAtLeast, kAtMost);
     }},
    {kZooKeeper, "", "polling.deadline", Kind::text, "", "0", "",
     [](ZooKeeperDraft& to, const Given& given) {
       to.ensemble.polling.deadline = to_duration(given.value(), milliseconds(0), kAtMost);
     }},
    {kZooKeeper, "", "polling.request_timeout", Kind::text, "", "0", "",
     [](ZooKeeperDraft& to, const Given& given) {
       to.ensemble.polling.request_timeout = to_duration(given.value(), milliseconds(0), kAtMost);
     }},
    {kZooKeeper, "", "polling.hold", Kind::text, "", "1m", "",
     [](ZooKeeperDraft& to, const Given& given) {
       to.ensemble.options.hold = to_duration(given.value(), milliseconds(0), kAtMost);
     }},
};

void check_polling(const ZooKeeperDraft& draft) {
  const Polling& polling = draft.ensemble.polling;
  if (polling.effective_request_timeout() < polling.effective_deadline()) return;
  const bool timeout = draft.find("polling.request_timeout") != nullptr;
  fail(draft.where(timeout ? "polling.request_timeout" : "polling.deadline"),
       fmt::format("a request's {} must be shorter than a poll's deadline of {}",
                   to_text(polling.effective_request_timeout()), to_text(polling.effective_deadline())));
}

/// Checks the files of TLS, and notes what they contain.
void settle_tls(const ZooKeeperDraft& draft, ZooKeeper& ensemble) {
  const ZooKeeperTls& tls = ensemble.tls;
  const std::pair<std::string_view, const std::string*> files[] = {
      {"tls.ca_file", &tls.ca_file}, {"tls.cert_file", &tls.cert_file}, {"tls.key_file", &tls.key_file}};
  for (const auto& [id, path] : files)
    if (!tls.enabled && !path->empty()) fail(draft.where(id), "requires tls.enabled: true");
  if (tls.cert_file.empty() != tls.key_file.empty())
    fail(draft.where(tls.key_file.empty() ? "tls.cert_file" : "tls.key_file"),
         "a client certificate needs both tls.cert_file and tls.key_file");
  const auto read = [&](std::string_view id, const std::string& path) {
    if (path.empty()) return std::string();
    ensemble.files[path] = content_hash(path);
    return read_text(draft.where(id), path);
  };
  const TlsFiles contents{read("tls.ca_file", tls.ca_file), read("tls.cert_file", tls.cert_file),
                          read("tls.key_file", tls.key_file), ""};
  const auto fault = find_tls_fault(contents);
  if (!fault) return;
  for (const auto& [id, path] : files)
    if (id == fault->id)
      fail(draft.where(id), fmt::format("{} {}{}", *path, fault->message,
                                        fault->needs_passphrase ? ", which is not supported here; decrypt it" : ""));
}

}  // namespace

std::span<const Option> zookeeper_options() { return kOptions; }

void apply(const Given& given, ZooKeeperDraft& ensemble) {
  std::get<SetInZooKeeper>(given.option->set)(ensemble, given);
  ensemble.given.insert_or_assign(given.option->id(), given.value().origin);
}

std::vector<ZooKeeper> finish_zookeeper(const std::vector<ZooKeeperDraft>& drafts, const Config& config) {
  std::vector<ZooKeeper> ensembles;
  std::set<std::string> names;
  for (const ZooKeeperDraft& draft : drafts) {
    ZooKeeper ensemble = draft.ensemble;
    if (ensemble.name.empty()) fail(draft.where("name"), "an ensemble needs a name; add name");
    if (!names.insert(ensemble.name).second)
      fail(draft.where("name"), fmt::format("another ensemble is named {} too; rename one", ensemble.name));
    if (ensemble.servers.empty())
      fail(draft.where("servers"), "an ensemble needs servers; add servers: [zookeeper:2181]");
    check_polling(draft);
    settle_tls(draft, ensemble);
    ensemble.options.interval = ensemble.polling.interval;
    ensemble.options.disabled_families = config.disabled_families;
    ensembles.push_back(std::move(ensemble));
  }
  return ensembles;
}

}  // namespace kafkascope::config
