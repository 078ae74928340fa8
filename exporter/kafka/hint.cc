#include "kafka/hint.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "kafka/error.h"

namespace kafkascope::kafka {
namespace {

constexpr std::string_view kExpired = "the broker's certificate has expired";
constexpr std::string_view kNotYetValid = "the broker's certificate is not yet valid";
constexpr std::string_view kOtherHost = "the broker's certificate is for another host name";
constexpr std::string_view kUnknownIssuer = "the broker's certificate is not signed by a trusted CA";
constexpr std::string_view kHttp = "the server speaks HTTP, not Kafka's protocol";
constexpr std::string_view kNotKafka = "the server does not speak Kafka's protocol";

}  // namespace

std::string_view closed_in(Stage stage) {
  switch (stage) {
    case Stage::kConnect:
      return "no connection";
    case Stage::kTls:
      return "the broker closed the connection during the TLS handshake";
    case Stage::kVersions:
      return "the broker closed the connection after the first request";
    case Stage::kLogin:
      return "the broker closed the connection during the login";
    case Stage::kUp:
      return "the broker closed the connection after the request for metadata";
  }
  return {};
}

std::optional<AdvertisedBroker> advertised_broker(std::string_view name) {
  if (const auto scheme = name.find("://"); scheme != name.npos) name.remove_prefix(scheme + 3);
  const auto slash = name.rfind('/');
  if (slash == name.npos) return std::nullopt;
  AdvertisedBroker broker{0, name.substr(0, slash)};
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + slash + 1, end, broker.id);
  if (error != std::errc() || stop != end) return std::nullopt;
  return broker;
}

std::string_view certificate_fault(int x509_error) {
  switch (x509_error) {
    case 9:
      return kNotYetValid;
    case 10:
      return kExpired;
    case 62:  // host name
    case 64:  // IP address
      return kOtherHost;
    case 2:   // issuer not found
    case 18:  // self-signed
    case 19:  // self-signed in the chain
    case 20:  // issuer not found locally
    case 21:  // the first certificate cannot be verified
      return kUnknownIssuer;
    default:
      return {};
  }
}

std::string_view handshake_fault(std::string_view why) {
  constexpr std::string_view kPrefix = "SSL handshake failed: ";
  if (why.starts_with(kPrefix)) why.remove_prefix(kPrefix.size());
  return why.substr(0, why.find(": connecting to a PLAINTEXT broker listener?"));
}

std::string_view in_plain_words(std::string_view why) {
  constexpr size_t kIdSize = std::string_view("[00000000-0000-0000-0000-000000000000]").size();
  const auto id = why.find('[');
  if (id != why.npos && why.substr(id).find("]: ") == kIdSize - 1) return why.substr(id + kIdSize + 2);
  constexpr std::string_view kSize = "Invalid response size ";
  const auto at = why.find(kSize);
  if (at == why.npos) return why;
  int32_t size = 0;
  std::from_chars(why.data() + at + kSize.size(), why.data() + why.size(), size);
  return size == 0x48545450 ? kHttp : kNotKafka;  // "HTTP"
}

namespace {

std::string_view token_hint(std::string_view why) {
  const auto has = [&](std::string_view text) { return why.find(text) != why.npos; };
  if (has("create JWT assertion"))
    return "check the file in sasl.oauthbearer.assertion.file or sasl.oauthbearer.assertion.private.key.file, its "
           "permissions and the passphrase";
  if (has("invalid_grant"))
    return "the token server rejects the assertion: check its key, its claims (sasl.oauthbearer.assertion.claim.*), "
           "its expiry and the clocks";
  if (has("invalid_scope"))
    return "check sasl.oauthbearer.scopes (--sasl.oauthbearer-scopes), and that the token server grants them to this "
           "client";
  if (has("invalid_client") || has("unauthorized"))
    return "check sasl.username (the client ID) and the client secret (sasl.password_file, SASL_USER_PASSWORD)";
  if (has("certificate"))
    return "set librdkafka's property https.ca.location (kafka.properties) to the CA that signed the token server's "
           "certificate";
  return "check sasl.oauthbearer.token_url (--sasl.oauthbearer-token-url), that it can be reached from here, and the "
         "log of the token server";
}

/// `why`: an error of the Kerberos library.
std::string_view kerberos_hint(std::string_view why) {
  const auto has = [&](std::string_view text) { return why.find(text) != why.npos; };
  if (has("Server ") && has("not found in Kerberos database"))
    return "check sasl.kerberos.service_name (--sasl.service-name), and that advertised.listeners has the host names "
           "of the brokers' principals";
  if (has("Cannot contact any KDC") || has("Cannot find KDC"))
    return "check the realm's KDC in krb5.conf (sasl.kerberos.config_file, --sasl.kerberos-config-path), and that it "
           "can be reached from here";
  if (has("integrity check failed") || has("Preauthentication failed"))
    return "the keytab's key is not the principal's present one: export sasl.kerberos.keytab_file "
           "(--sasl.keytab-path) again";
  if (has("Clock skew")) return "check the clocks of this host, of the KDC and of the broker";
  return "check that sasl.kerberos.keytab_file (--sasl.keytab-path) is readable and has the principal of sasl.username";
}

}  // namespace

std::string_view hint_for(Stage stage, std::string_view why, Protocol client) {
  const auto has = [&](std::string_view text) { return why.find(text) != why.npos; };

  if (has(kHttp) || has(kNotKafka))
    return "use the port of a Kafka listener in servers (--kafka.server) and in the broker's advertised.listeners";
  if (has(kNoMetadata))
    return "this may be the listener of a KRaft controller: in servers (--kafka.server) use the port of a broker's "
           "listener";
  if (has(kTokenFault)) return token_hint(why);
  if (has("GSSAPI Error")) return kerberos_hint(why);
  if (has("Failed to resolve")) return "check the host name in servers (--kafka.server), and the DNS of this host";
  if (has("Connection refused")) return "check that the broker runs, and the port in servers (--kafka.server)";

  if (timed_out(why))
    return stage == Stage::kConnect
               ? "check the address in servers (--kafka.server), and that no firewall drops packets to it"
               : "the server is slow, or it does not speak this protocol: compare tls.enabled and sasl.enabled "
                 "(--tls.enabled, --sasl.enabled) with the broker's listener";

  if (has(kExpired)) return "renew the certificate of the broker's listener";
  if (has(kNotYetValid)) return "check the clocks of this host and of the broker";
  if (has(kOtherHost))
    return "in servers (--kafka.server) and in the broker's advertised.listeners use a name that the certificate "
           "contains, or "
           "issue one with this name (subjectAltName)";
  if (has(kUnknownIssuer)) return "set tls.ca_file (--tls.ca-file) to the CA that signed the broker's certificate";
  if (has("certificate verify failed"))
    return "check tls.ca_file (--tls.ca-file), and the certificate of the broker's listener";
  if (has("alert certificate required") || has("alert bad certificate") || has("alert handshake failure"))
    return "the listener may require a client certificate: set tls.cert_file and tls.key_file (--tls.cert-file, "
           "--tls.key-file)";
  if (has("alert certificate unknown") || has("alert unknown ca") || has("alert certificate expired"))
    return "the broker rejects the client certificate: check that tls.cert_file (--tls.cert-file) is signed by a CA "
           "in the listener's ssl.truststore, and has not expired";
  if (has("alert protocol version"))
    return "client and listener have no TLS version in common: see ssl.enabled.protocols";

  if (has("Unsupported SASL mechanism") && client.aws_iam)
    return "use the port of a listener with IAM: 9098, or 9198 for public access";
  if (has("Unsupported SASL mechanism")) return "set sasl.mechanism (--sasl.mechanism) to one that the broker supports";
  if (has("not valid in current SASL state"))
    return "the listener does not use SASL: use the port of a SASL listener, or leave out sasl.enabled "
           "(--sasl.enabled)";
  if (client.aws_iam && has("Too many connects"))
    return "MSK limits new connections with IAM per broker and second: look for clients that reconnect all the time";
  if (client.aws_iam && stage == Stage::kLogin)
    return "check that the IAM policy of this identity (log line: AWS credentials found) allows kafka-cluster:Connect "
           "on this cluster, that sasl.aws.region (--sasl.aws-region) is the cluster's region, and this host's clock";
  if (stage == Stage::kLogin && has("invalid_token"))
    return "the broker rejects the token: compare its audience, issuer and scope (sasl.oauthbearer.scopes, "
           "--sasl.oauthbearer-scopes) with what the listener expects, and check the clocks";
  if (stage == Stage::kLogin && (has("Authentication failed") || has("invalid credentials")))
    return "check sasl.username and the password (sasl.password_file, SASL_USER_PASSWORD), and that the user exists "
           "for this sasl.mechanism";

  switch (stage) {
    case Stage::kTls:
      return "the listener does not use TLS: use the port of a TLS listener, or leave out tls.enabled (--tls.enabled)";
    case Stage::kVersions:
      if (client.tls)
        return "the listener may require a client certificate: set tls.cert_file and tls.key_file (--tls.cert-file, "
               "--tls.key-file)";
      return client.sasl ? "the listener may require TLS: set tls.enabled (--tls.enabled)"
                         : "the listener may require TLS or SASL: set tls.enabled (--tls.enabled) or sasl.enabled "
                           "(--sasl.enabled)";
    case Stage::kUp:
      if (!client.sasl) return "the listener may require SASL: set sasl.enabled (--sasl.enabled)";
      return {};
    case Stage::kConnect:
    case Stage::kLogin:
      return {};
  }
  return {};
}

}  // namespace kafkascope::kafka
