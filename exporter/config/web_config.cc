#include "config/web_config.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>

#include "config/suggest.h"
#include "config/web_tls.h"
#include "config/yaml.h"

namespace kafkascope::config {
namespace {

using YAML::Node;

/// Reads one web configuration file.
class Reader {
 public:
  Reader(std::string path, ReadPem read) : path_(std::move(path)), read_(std::move(read)) {}

  WebConfig read() {
    const Node root = load_yaml("--web.config.file", path_);
    config_.blank = root.IsNull();
    const Origin top{path_, 1, "web configuration"};
    read_section(root, top, "",
                 {{"tls_server_config", [this](const Node& node, const Origin& at) { read_tls(node, at); }},
                  {"http_server_config", [this](const Node& node, const Origin& at) { read_http(node, at); }},
                  {"basic_auth_users", [this](const Node& node, const Origin& at) { read_users(node, at); }},
                  {"rate_limit", [this](const Node& node, const Origin& at) { read_rate_limit(node, at); }}});
    check_http2();
    return std::move(config_);
  }

 private:
  using Read = std::function<void(const Node& value, const Origin& where)>;
  using Keys = std::vector<std::pair<std::string_view, Read>>;

  /// Calls the entry of `keys` for each key of a section.
  void read_section(const Node& node, const Origin& where, const std::string& prefix, const Keys& keys) const {
    each_entry(node, where, prefix, [&](const std::string& name, const Node& value, const Origin& at) {
      const auto known = std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return key.first == name; });
      if (known != keys.end()) return known->second(value, at);
      std::vector<std::string_view> names;
      std::string list;
      for (const auto& [key, read] : keys) {
        names.push_back(key);
        list += fmt::format("{}{}", list.empty() ? "" : ", ", key);
      }
      const std::string_view meant = nearest(name, names);
      if (!meant.empty()) fail(at, fmt::format("unknown key; did you mean {}?", meant));
      fail(at, fmt::format("unknown key; known here are {}", list));
    });
  }

  template <class Body>
  void each_entry(const Node& node, const Origin& where, const std::string& prefix, const Body& body) const {
    if (node.IsNull()) return;
    if (!node.IsMap()) fail(where, "is a section; its keys belong indented below it, each with a colon");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const Origin at{path_, line_of(entry.first), prefix + shown_key(name)};
      if (name.empty()) fail(at, "a key must be a plain word");
      if (!seen.insert(name).second) fail(at, "given twice; keep one");
      body(name, entry.second, at);
    }
  }

  static Value text(const Node& node, const Origin& where) {
    if (!node.IsScalar() && !node.IsNull()) fail(where, "takes one value");
    return {"", node.IsNull() ? "" : node.Scalar(), where};
  }

  static bool boolean(const Node& node, const Origin& where) {
    Value value = text(node, where);
    for (const char* yes : {"yes", "on"})
      if (value.text == yes) value.text = "true";
    for (const char* no : {"no", "off"})
      if (value.text == no) value.text = "false";
    return to_bool(value);
  }

  std::vector<Value> list(const Node& node, const Origin& where) const {
    std::vector<Value> values;
    if (node.IsNull()) return values;
    if (!node.IsSequence()) fail(where, "takes a list; write each value on a line that begins with -");
    for (const Node& item : node) values.push_back(text(item, {path_, line_of(item), where.name}));
    return values;
  }

  /// Paths are relative to the folder of the file.
  std::string path(const Node& node, const Origin& where) const {
    std::string given = text(node, where).text;
    if (given.empty()) return given;
    return (std::filesystem::path(path_).parent_path() / given).string();
  }

  void read_tls(const Node& node, const Origin& where) {
    WebTls tls;
    WebTlsSources sources{{where, "", ""}, {where, "", ""}, {where, "", ""}};
    Origin auth = where, sans = where;
    const auto set_path = [this](PemSource& source) {
      return [this, &source](const Node& value, const Origin& at) {
        source.path = path(value, at);
        source.origin = at;
      };
    };
    const auto set_text = [](PemSource& source) {
      return [&source](const Node& value, const Origin& at) {
        source.text = text(value, at).text;
        if (source.path.empty()) source.origin = at;
      };
    };
    read_section(node, where, "tls_server_config.",
                 {{"cert", set_text(sources.certificate)},
                  {"key", set_text(sources.key)},
                  {"client_ca", set_text(sources.client_ca)},
                  {"cert_file", set_path(sources.certificate)},
                  {"key_file", set_path(sources.key)},
                  {"client_ca_file", set_path(sources.client_ca)},
                  {"client_auth_type",
                   [&](const Node& value, const Origin& at) {
                     tls.client_auth = to_client_auth(text(value, at));
                     auth = at;
                   }},
                  {"client_allowed_sans",
                   [&](const Node& value, const Origin& at) {
                     sans = at;
                     for (const Value& san : list(value, at)) tls.client_allowed_sans.push_back(san.text);
                     if (tls.client_allowed_sans.empty())
                       fail(at, "is empty, so that no certificate is allowed; leave it out");
                   }},
                  {"min_version",
                   [&](const Node& value, const Origin& at) { tls.min_version = to_tls_version(text(value, at)); }},
                  {"max_version",
                   [&](const Node& value, const Origin& at) { tls.max_version = to_tls_version(text(value, at)); }},
                  {"cipher_suites",
                   [&](const Node& value, const Origin& at) {
                     ciphers_ = at;
                     for (const Value& cipher : list(value, at)) add_cipher(tls, cipher);
                   }},
                  {"curve_preferences",
                   [&](const Node& value, const Origin& at) {
                     for (const Value& curve : list(value, at)) tls.groups.push_back(to_group(curve));
                   }},
                  {"prefer_server_cipher_suites",
                   [&](const Node& value, const Origin& at) { tls.prefer_server_ciphers = boolean(value, at); }}});
    const bool enabled = sources.certificate.given() || sources.key.given() || sources.client_ca.given() ||
                         tls.client_auth != ClientAuth::kNone;
    if (!enabled) return check_not_enabled(node, where);
    check_tls(tls, sources, where, auth, sans);
    read_pem(tls, sources, read_);
    config_.tls = std::move(tls);
  }

  /// The toolkit serves without TLS then. Fails if something was given, which would have no effect.
  static void check_not_enabled(const Node& node, const Origin& where) {
    if (node.IsMap() && node.size() > 0) fail(where, "has no certificate; add cert_file and key_file");
  }

  void check_tls(const WebTls& tls, const WebTlsSources& sources, const Origin& where, const Origin& auth,
                 const Origin& sans) {
    if (!sources.certificate.given()) fail(where, "has no certificate; add cert_file");
    if (!sources.key.given()) fail(where, "has no private key; add key_file");
    if (sources.client_ca.given() && tls.client_auth == ClientAuth::kNone)
      fail(sources.client_ca.origin, "has no effect; add client_auth_type: RequireAndVerifyClientCert");
    if (!tls.client_allowed_sans.empty() && tls.client_auth == ClientAuth::kNone)
      fail(sans, "has no effect; add client_auth_type: RequireAndVerifyClientCert");
    if (tls.min_version > tls.max_version) fail(where, "min_version is above max_version");
    if (!tls.ciphersuites.empty() && tls.ciphers.empty() && tls.max_version < TlsVersion::k13)
      fail(*ciphers_, "contains only suites of TLS 1.3, which max_version excludes");
    if (tls.client_auth == ClientAuth::kRequest || tls.client_auth == ClientAuth::kRequireAny)
      config_.notices.push_back({auth.text(), "client certificates are not verified; use RequireAndVerifyClientCert",
                                 Notice::Effect::kSuspicious});
  }

  /// The toolkit refuses cipher suites without one that HTTP/2 requires, unless that is off.
  void check_http2() const {
    if (!http2_ || !config_.tls || !ciphers_ || config_.tls->min_version == TlsVersion::k13) return;
    const auto& ciphers = config_.tls->ciphers;
    if (ciphers.empty() && config_.tls->ciphersuites.empty()) return;
    for (const char* required : {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"})
      if (std::find(ciphers.begin(), ciphers.end(), required) != ciphers.end()) return;
    fail(*ciphers_,
         "contains none that HTTP/2 requires; add TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 or "
         "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, or http_server_config: {http2: false}");
  }

  void read_http(const Node& node, const Origin& where) {
    read_section(node, where, "http_server_config.",
                 {{"http2",
                   [this](const Node& value, const Origin& at) {
                     http2_ = boolean(value, at);
                     if (http2_) config_.notices.push_back({at.text(), "HTTP/1.1 is served"});
                   }},
                  {"headers", [this](const Node& value, const Origin& at) { read_headers(value, at); }}});
  }

  void read_headers(const Node& node, const Origin& where) {
    const auto set = [this](std::string_view name, std::vector<std::string_view> allowed) {
      return std::pair<std::string_view, Read>{
          name, [this, name, allowed = std::move(allowed)](const Node& value, const Origin& at) {
            const std::string given = text(value, at).text;
            if (given.find_first_of("\r\n") != given.npos) fail(at, "contains a line break, which no header may");
            if (given.empty()) return;
            if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), given) == allowed.end()) {
              std::string list;
              for (const std::string_view each : allowed) list += fmt::format("{}{}", list.empty() ? "" : " or ", each);
              fail(at, fmt::format("\"{}\" is not valid; it is {}", given, list));
            }
            config_.headers.emplace(name, given);
          }};
    };
    read_section(node, where, "http_server_config.headers.",
                 {set("Strict-Transport-Security", {}), set("X-Content-Type-Options", {"nosniff"}),
                  set("X-Frame-Options", {"deny", "sameorigin"}), set("X-XSS-Protection", {}),
                  set("Content-Security-Policy", {})});
  }

  void read_users(const Node& node, const Origin& where) {
    each_entry(node, where, "basic_auth_users.", [this](const std::string& name, const Node& value, const Origin& at) {
      const std::string hash = text(value, at).text;
      if (!is_bcrypt(hash))
        fail(at, "is not a bcrypt hash ($2a$, $2b$ or $2y$, 60 characters); make one with kafkascope hash-password");
      if (name.find(':') != name.npos)
        config_.notices.push_back({at.text(), "nobody can log in with a name that contains a colon"});
      config_.users.emplace(name, hash);
    });
  }

  void read_rate_limit(const Node& node, const Origin& where) {
    RateLimit& limit = config_.rate_limit;
    read_section(
        node, where, "rate_limit.",
        {{"interval",
          [&](const Node& value, const Origin& at) {
            limit.interval = to_duration(text(value, at), std::chrono::milliseconds(0), std::chrono::hours(24 * 365));
          }},
         {"burst",
          [&](const Node& value, const Origin& at) { limit.burst = to_int(text(value, at), 0, 1'000'000'000); }}});
    if (limit.interval.count() > 0 && limit.burst == 0)
      config_.notices.push_back({where.text(), "with a burst of 0 every request is refused; set burst to at least 1",
                                 Notice::Effect::kSuspicious});
  }

  const std::string path_;
  const ReadPem read_;
  WebConfig config_;
  bool http2_ = true;
  std::optional<Origin> ciphers_;
};

WebConfig from_flags(const ServerTls& flags, const ReadPem& read) {
  const auto source = [](const char* flag, const std::string& path) {
    return PemSource{{"", 0, fmt::format("--{}", flag)}, path, ""};
  };
  const WebTlsSources sources{source("server.tls.cert-file", flags.cert_file),
                              source("server.tls.key-file", flags.key_file),
                              source("server.tls.ca-file", flags.mutual ? flags.ca_file : "")};
  const Origin enabled{"", 0, "--server.tls.enabled"};
  if (!sources.certificate.given()) fail(enabled, "a certificate is needed; add --server.tls.cert-file");
  if (!sources.key.given()) fail(enabled, "a private key is needed; add --server.tls.key-file");
  WebConfig config;
  WebTls& tls = config.tls.emplace();
  if (flags.mutual) tls.client_auth = ClientAuth::kRequireAndVerify;
  read_pem(tls, sources, read);
  return config;
}

}  // namespace

WebConfig read_web_config(const Web& web, std::set<std::string>* files) {
  const ReadPem read = [files](const Origin& origin, const std::string& path) {
    if (files) files->insert(path);
    return read_text(origin, path);
  };
  if (!web.config_file.empty()) {
    if (files) files->insert(web.config_file);
    return Reader(web.config_file, read).read();
  }
  return web.server_tls.enabled ? from_flags(web.server_tls, read) : WebConfig{};
}

}  // namespace kafkascope::config
