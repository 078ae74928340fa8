#include "config/security.h"

#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <string_view>

#include "config/options.h"
#include "config/tls_files.h"

namespace kafkascope::config {
namespace {

constexpr const char* kTokenUrlVariable = "SASL_OAUTHBEARER_TOKEN_URL";
constexpr const char* kPasswordVariable = "SASL_USER_PASSWORD";
constexpr const char* kKeyPasswordVariable = "TLS_KEY_PASSWORD";
constexpr std::array<const char*, 2> kRegionVariables = {"AWS_REGION", "AWS_DEFAULT_REGION"};

/// Converts the TLS and SASL settings of one cluster.
class Security {
 public:
  Security(ClusterDraft& draft, const Environment& environment, Config& config)
      : draft_(draft), tls_(draft.tls), sasl_(draft.sasl), environment_(environment), config_(config) {}

  void apply() {
    if (tls_.enabled) {
      apply_tls();
    } else {
      note_unused("tls.ca_file", tls_.ca_file, "tls.enabled");
      note_unused("tls.cert_file", tls_.cert_file, "tls.enabled");
    }
    if (sasl_.enabled) {
      apply_sasl();
      note_unexpanded(origin("sasl.username"), sasl_.username);
      for (const char* property : {"sasl.password", "sasl.oauthbearer.client.secret"})
        if (const auto found = draft_.cluster.properties.find(property); found != draft_.cluster.properties.end())
          note_unexpanded(sasl_.password ? sasl_.password->value.origin : Origin{{}, 0, kPasswordVariable},
                          found->second);
    } else {
      note_unused("sasl.username", sasl_.username, "sasl.enabled");
    }
    if (!tls_.enabled && !sasl_.enabled) return;
    set("security.protocol", !sasl_.enabled ? "ssl" : tls_.enabled ? "sasl_ssl" : "sasl_plaintext");
  }

 private:
  void apply_tls() {
    if (!tls_.server_name.empty() && !tls_.insecure_skip_verify) check_server_name();
    if (tls_.cert_file.empty() != tls_.key_file.empty()) {
      const std::string_view there = tls_.cert_file.empty() ? "tls.key_file" : "tls.cert_file";
      const std::string_view lacking = tls_.cert_file.empty() ? "tls.cert_file" : "tls.key_file";
      fail(origin(there),
           fmt::format("a certificate and its key go together; add {}", spelled_for(origin(there), lacking)));
    }
    const std::string passphrase = secret(tls_.key_password, kKeyPasswordVariable).value_or("");
    check_files(passphrase);
    set_file("ssl.ca.location", "tls.ca_file", tls_.ca_file);
    set_file("ssl.certificate.location", "tls.cert_file", tls_.cert_file);
    set_file("ssl.key.location", "tls.key_file", tls_.key_file);
    if (!tls_.key_file.empty() && !passphrase.empty()) set("ssl.key.password", passphrase);
    if (tls_.insecure_skip_verify) {
      set("enable.ssl.certificate.verification", "false");
      set("ssl.endpoint.identification.algorithm", "none");
    }
  }

  void check_files(const std::string& passphrase) const {
    const auto read = [this](std::string_view id, const std::string& path) {
      return path.empty() ? "" : read_text(origin(id), path);
    };
    const auto fault = find_tls_fault({read("tls.ca_file", tls_.ca_file), read("tls.cert_file", tls_.cert_file),
                                       read("tls.key_file", tls_.key_file), passphrase});
    if (!fault) return;
    if (fault->id == "tls.key_password") {
      fail(
          tls_.key_password ? tls_.key_password->value.origin : Origin{{}, 0, fmt::format("${}", kKeyPasswordVariable)},
          fault->message);
    }
    const std::map<std::string_view, std::string_view> paths = {
        {"tls.ca_file", tls_.ca_file}, {"tls.cert_file", tls_.cert_file}, {"tls.key_file", tls_.key_file}};
    const Origin& where = origin(fault->id);
    std::string fix;
    if (fault->needs_passphrase)
      fix = fmt::format("; set ${} or {}", kKeyPasswordVariable, spelled_for(where, "tls.key_password_file"));
    fail(where, fmt::format("{} {}{}", paths.at(fault->id), fault->message, fix));
  }

  void check_server_name() const {
    for (const std::string& server : draft_.cluster.servers) {
      if (host_of(server) == tls_.server_name) continue;
      fail(origin("tls.server-name"),
           fmt::format("\"{}\" is not the host of {}: librdkafka can only check a certificate against the host that it "
                       "connects to; leave the flag out if the certificate has that name, or else give the broker one "
                       "that has it",
                       tls_.server_name, server));
    }
  }

  /// Notes a user name or password such as ${NAME} or $(NAME), which whatever should have replaced it has not.
  void note_unexpanded(const Origin& where, std::string_view text) {
    if (!(text.starts_with("${") && text.ends_with('}')) && !(text.starts_with("$(") && text.ends_with(')'))) return;
    config_.notices.push_back(
        {where.text(), "the value looks like the name of a variable", Notice::Effect::kSuspicious});
  }

  void apply_sasl() {
    std::string mechanism = sasl_.mechanism.empty() ? "plain" : sasl_.mechanism;
    std::transform(mechanism.begin(), mechanism.end(), mechanism.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!sasl_.handshake) {
      fail(origin("sasl.handshake"), "librdkafka always begins with Kafka's SASL handshake; leave the flag out");
    }
    if (mechanism == "plain") {
      apply_password("PLAIN");
    } else if (mechanism == "scram-sha256" || mechanism == "scram-sha-256") {
      apply_password("SCRAM-SHA-256");
    } else if (mechanism == "scram-sha512" || mechanism == "scram-sha-512") {
      apply_password("SCRAM-SHA-512");
    } else if (mechanism == "oauthbearer") {
      apply_oauthbearer();
    } else if (mechanism == "gssapi") {
      apply_kerberos();
    } else if (mechanism == "awsiam") {
      apply_aws_iam();
    } else {
      fail(origin("sasl.mechanism"),
           fmt::format("\"{}\" is not known; it is one of plain, scram-sha256, scram-sha512, oauthbearer, gssapi, "
                       "awsiam",
                       sasl_.mechanism));
    }
    if (mechanism == "awsiam") return;
    note("sasl.aws.region", sasl_.aws_region, "only mechanism awsiam uses it");
    note("sasl.aws.profile", sasl_.aws_profile, "only mechanism awsiam uses it");
  }

  void apply_password(std::string_view mechanism) {
    set("sasl.mechanism", std::string(mechanism));
    set("sasl.username", needed("sasl.username", sasl_.username, "a user"));
    set("sasl.password", password());
  }

  void apply_oauthbearer() {
    std::string url = sasl_.token_url;
    if (const char* variable = environment_(kTokenUrlVariable); url.empty() && variable != nullptr) url = variable;
    set("sasl.mechanism", "OAUTHBEARER");
    set("sasl.oauthbearer.method", "oidc");
    set_from("sasl.oauthbearer.token_url", "sasl.oauthbearer.token.endpoint.url",
             needed("sasl.oauthbearer.token_url", url, "the URL of its tokens"));
    set("sasl.oauthbearer.client.id", needed("sasl.username", sasl_.username, "a client id"));
    set("sasl.oauthbearer.client.secret", password());
    if (sasl_.scopes.empty()) return;
    std::string scopes = sasl_.scopes;
    std::replace(scopes.begin(), scopes.end(), ',', ' ');
    set_from("sasl.oauthbearer.scopes", "sasl.oauthbearer.scope", scopes);
  }

  void apply_kerberos() {
    if (!sasl_.auth_type.empty() && sasl_.auth_type != "keytabAuth") {
      fail(origin("sasl.kerberos-auth-type"), fmt::format("\"{}\" is not supported, a login by keytab is: give "
                                                          "--sasl.keytab-path and leave the type out",
                                                          sasl_.auth_type));
    }
    if (sasl_.disable_fast) {
      fail(origin("sasl.disable-PA-FX-FAST"),
           "librdkafka leaves that to the Kerberos library; leave the flag out, or switch it off in krb5.conf");
    }
    const std::string& user = needed("sasl.username", sasl_.username, "a principal");
    needed("sasl.kerberos.keytab_file", sasl_.keytab_file, "a keytab");
    set("sasl.mechanism", "GSSAPI");
    set_from("sasl.kerberos.service_name", "sasl.kerberos.service.name",
             sasl_.service_name.empty() ? "kafka" : sasl_.service_name);
    set_from("sasl.username", "sasl.kerberos.principal",
             sasl_.realm.empty() ? user : fmt::format("{}@{}", user, sasl_.realm));
    set_file("sasl.kerberos.keytab", "sasl.kerberos.keytab_file", sasl_.keytab_file);
    // The Kerberos library itself gets and renews tickets with this keytab: no kinit, which librdkafka runs in a shell.
    set("sasl.kerberos.min.time.before.relogin", "0");
    config_.environment["KRB5CCNAME"] = "MEMORY:kafkascope";
    set_environment("KRB5_CLIENT_KTNAME", "sasl.kerberos.keytab_file", sasl_.keytab_file);
    if (sasl_.config_file.empty()) return;
    check_readable(origin("sasl.kerberos.config_file"), sasl_.config_file);
    set_environment("KRB5_CONFIG", "sasl.kerberos.config_file", sasl_.config_file);
  }

  /// Its tokens are made from AWS credentials, which are looked for when connecting.
  void apply_aws_iam() {
    std::string region = sasl_.aws_region;
    for (const char* variable : kRegionVariables)
      if (const char* text = environment_(variable); region.empty() && text != nullptr) region = text;
    needed("sasl.aws.region", region, "the region of the cluster");
    if (region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != region.npos) {
      const Origin* given = draft_.find("sasl.aws.region");
      fail(given != nullptr ? *given : Origin{{}, 0, "$AWS_REGION"},
           fmt::format("\"{}\" is not a region, such as eu-west-1", region));
    }
    draft_.cluster.aws_iam = AwsIam{region, sasl_.aws_profile};
    set("sasl.mechanism", "OAUTHBEARER");
    note("sasl.username", sasl_.username, "mechanism awsiam does not use it, but AWS credentials");
    if (sasl_.password)
      config_.notices.push_back(
          {sasl_.password->value.origin.text(), "mechanism awsiam does not use it, but AWS credentials"});
  }

  /// Sets a variable that holds for the whole process. Fails if another cluster has another value.
  void set_environment(const std::string& variable, std::string_view id, const std::string& file) {
    const auto [known, is_new] = config_.environment.emplace(variable, file);
    if (is_new || known->second == file) return;
    fail(origin(id), fmt::format("all clusters of a process share this file, and another one has {}", known->second));
  }

  std::string password() {
    if (auto given = secret(sasl_.password, kPasswordVariable)) return *std::move(given);
    const Origin& where = origin("sasl.enabled");
    fail(where, fmt::format("a password is needed; set ${} or {}", kPasswordVariable,
                            spelled_for(where, "sasl.password_file")));
  }

  /// Returns a secret from where it was given, or else from `variable`, or nothing.
  std::optional<std::string> secret(const std::optional<Secret>& given, const char* variable) {
    if (!given) {
      const char* text = environment_(variable);
      return text != nullptr && *text != '\0' ? std::optional<std::string>(text) : std::nullopt;
    }
    const auto& [key, value] = *given;
    if (key.ends_with("password")) return value.text;
    if (key.ends_with("_file")) {
      note_file(value.origin, value.text, true);
      return read_secret(value.origin, value.text);
    }
    const char* text = environment_(value.text.c_str());
    if (text == nullptr || *text == '\0') {
      fail(value.origin, fmt::format("the environment variable {} is not set, or empty", value.text));
    }
    return text;
  }

  /// Returns where a setting was given, or else where tls.enabled or sasl.enabled was, which require it.
  const Origin& origin(std::string_view id) const {
    if (const Origin* given = draft_.find(id)) return *given;
    return draft_.given.at(id.starts_with("tls") ? "tls.enabled" : "sasl.enabled");
  }

  std::string needed(std::string_view id, const std::string& value, std::string_view what) const {
    if (!value.empty()) return value;
    const Origin& where = origin("sasl.enabled");
    fail(where, fmt::format("with mechanism {} {} is needed; add {}", sasl_.mechanism, what, spelled_for(where, id)));
  }

  /// `id`: the setting that the value comes from.
  void set_from(std::string_view id, const std::string& property, const std::string& value) {
    check_start(origin(id), value);
    set(property, value);
  }

  void set(const std::string& property, const std::string& value) { draft_.cluster.properties[property] = value; }

  void set_file(const std::string& property, std::string_view id, const std::string& path) {
    if (path.empty()) return;
    check_readable(origin(id), path);
    note_file(origin(id), path, id == "tls.key_file");
    set_from(id, property, path);
  }

  /// Notes a file as part of the settings. Call before its content is read, so that no change of it is missed.
  void note_file(const Origin& where, const std::string& path, bool secret) {
    draft_.cluster.files[path] = content_hash(path);
    struct stat status {};
    if (!secret || stat(path.c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0) return;
    config_.notices.push_back({where.text(),
                               fmt::format("every user of this host can read {}; remove that right (chmod o-r)", path),
                               Notice::Effect::kSuspicious});
  }

  void note_unused(std::string_view id, const std::string& value, std::string_view enabled_by) {
    if (value.empty()) return;
    note(id, value, fmt::format("it requires {}", spelled_for(draft_.given.at(id), enabled_by)));
  }

  void note(std::string_view id, const std::string& value, std::string reason) {
    if (!value.empty()) config_.notices.push_back({draft_.given.at(id).text(), std::move(reason)});
  }

  ClusterDraft& draft_;
  const Tls& tls_;
  const Sasl& sasl_;
  const Environment& environment_;
  Config& config_;
};

}  // namespace

void apply_security(ClusterDraft& draft, const Environment& environment, Config& config) {
  Security(draft, environment, config).apply();
}

}  // namespace kafkascope::config
