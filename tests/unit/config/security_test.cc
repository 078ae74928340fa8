#include <catch2/catch_test_macros.hpp>

#include "config/run.h"

namespace kafkascope::config {
namespace {

using Properties = std::map<std::string, std::string>;

const std::string kCa = some_file("ca.pem"), kCert = some_file("cert.pem"), kKey = some_file("key.pem");
const std::string kSecretFile = some_file("password.txt");

TEST_CASE("TLS and SASL flags become librdkafka's properties") {
  struct Case {
    std::string what;
    Args args;
    Properties properties;
    Variables variables = {};
  };
  const Case cases[] = {
      {"nothing", {}, {}},
      {"switched off", {"--no-tls.enabled", "--no-sasl.enabled"}, {}},
      {"TLS with the system's authorities", {"--tls.enabled"}, {{"security.protocol", "ssl"}}},
      {"mutual TLS",
       {"--tls.enabled", "--tls.ca-file", kCa, "--tls.cert-file", kCert, "--tls.key-file", kKey},
       {{"security.protocol", "ssl"},
        {"ssl.ca.location", kCa},
        {"ssl.certificate.location", kCert},
        {"ssl.key.location", kKey}}},
      {"empty file names",
       {"--tls.enabled", "--tls.ca-file=", "--tls.cert-file=", "--tls.key-file="},
       {{"security.protocol", "ssl"}}},
      {"no verification",
       {"--tls.enabled", "--tls.insecure-skip-tls-verify", "--tls.server-name=whatever"},
       {{"security.protocol", "ssl"},
        {"enable.ssl.certificate.verification", "false"},
        {"ssl.endpoint.identification.algorithm", "none"}}},
      {"the servers' own name",
       {"--tls.enabled", "--kafka.server=b:9093", "--tls.server-name=b"},
       {{"security.protocol", "ssl"}}},
      {"PLAIN is the default",
       {"--sasl.enabled", "--sasl.username=u", "--sasl.password=p"},
       {{"security.protocol", "sasl_plaintext"},
        {"sasl.mechanism", "PLAIN"},
        {"sasl.username", "u"},
        {"sasl.password", "p"}}},
      {"SCRAM over TLS, password from the environment",
       {"--tls.enabled", "--sasl.enabled", "--sasl.mechanism=scram-sha512", "--sasl.username=u"},
       {{"security.protocol", "sasl_ssl"},
        {"sasl.mechanism", "SCRAM-SHA-512"},
        {"sasl.username", "u"},
        {"sasl.password", "from env"}},
       {{"SASL_USER_PASSWORD", "from env"}}},
      {"Kafka's spelling, password from a file",
       {"--sasl.enabled", "--sasl.mechanism=SCRAM-SHA-256", "--sasl.username=u", "--sasl.password-file", kSecretFile},
       {{"security.protocol", "sasl_plaintext"},
        {"sasl.mechanism", "SCRAM-SHA-256"},
        {"sasl.username", "u"},
        {"sasl.password", "hunter2"}},
       {{"SASL_USER_PASSWORD", "unused"}}},
      {"an empty password is none",
       {"--sasl.enabled", "--sasl.username=u", "--sasl.password="},
       {{"security.protocol", "sasl_plaintext"},
        {"sasl.mechanism", "PLAIN"},
        {"sasl.username", "u"},
        {"sasl.password", "e"}},
       {{"SASL_USER_PASSWORD", "e"}}},
      {"OAUTHBEARER",
       {"--sasl.enabled", "--sasl.mechanism=oauthbearer", "--sasl.username=id", "--sasl.password=secret",
        "--sasl.oauthbearer-scopes=a,b"},
       {{"security.protocol", "sasl_plaintext"},
        {"sasl.mechanism", "OAUTHBEARER"},
        {"sasl.oauthbearer.method", "oidc"},
        {"sasl.oauthbearer.client.id", "id"},
        {"sasl.oauthbearer.client.secret", "secret"},
        {"sasl.oauthbearer.scope", "a b"},
        {"sasl.oauthbearer.token.endpoint.url", "https://idp/token"}},
       {{"SASL_OAUTHBEARER_TOKEN_URL", "https://idp/token"}}},
      {"Kerberos",
       {"--sasl.enabled", "--sasl.mechanism=gssapi", "--sasl.username=scope", "--sasl.realm=EXAMPLE.COM",
        "--sasl.kerberos-auth-type=keytabAuth", "--sasl.keytab-path", kKey},
       {{"security.protocol", "sasl_plaintext"},
        {"sasl.mechanism", "GSSAPI"},
        {"sasl.kerberos.service.name", "kafka"},
        {"sasl.kerberos.principal", "scope@EXAMPLE.COM"},
        {"sasl.kerberos.min.time.before.relogin", "0"},
        {"sasl.kerberos.keytab", kKey}}},
      {"MSK IAM",
       {"--tls.enabled", "--sasl.enabled", "--sasl.mechanism=AWSIAM", "--sasl.aws-region=eu-west-1"},
       {{"security.protocol", "sasl_ssl"}, {"sasl.mechanism", "OAUTHBEARER"}}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(good(c.args, c.variables).clusters.at(0).properties == c.properties);
  }
}

TEST_CASE("krb5.conf goes into the environment") {
  const Config config = good({"--sasl.enabled", "--sasl.mechanism=gssapi", "--sasl.username=u", "--sasl.keytab-path",
                              kKey, "--sasl.kerberos-config-path", kCa});
  CHECK(config.environment == std::map<std::string, std::string>{{"KRB5_CONFIG", kCa},
                                                                 {"KRB5_CLIENT_KTNAME", kKey},
                                                                 {"KRB5CCNAME", "MEMORY:kafkascope"}});
}

TEST_CASE("MSK IAM needs a region, and nothing else") {
  const Args args = {"--sasl.enabled", "--sasl.mechanism=awsiam"};
  const auto iam = [&](Args more, const Variables& variables = {}) {
    more.insert(more.begin(), args.begin(), args.end());
    return good(more, variables).clusters.at(0).aws_iam;
  };
  CHECK(iam({"--sasl.aws-region=eu-west-1"}) == AwsIam{"eu-west-1", ""});
  CHECK(iam({"--sasl.aws-region=eu-west-1"}, {{"AWS_REGION", "us-east-1"}}) == AwsIam{"eu-west-1", ""});
  CHECK(iam({}, {{"AWS_REGION", "us-east-1"}, {"AWS_DEFAULT_REGION", "us-east-2"}}) == AwsIam{"us-east-1", ""});
  CHECK(iam({"--sasl.aws-region="}, {{"AWS_DEFAULT_REGION", "us-east-2"}}) == AwsIam{"us-east-2", ""});
  CHECK_FALSE(good({"--sasl.enabled", "--sasl.username=u", "--sasl.password=p"}).clusters.at(0).aws_iam);

  CHECK(bad(args) ==
        "--sasl.enabled: with mechanism awsiam the region of the cluster is needed; add --sasl.aws-region");
  CHECK(bad({"--sasl.enabled", "--sasl.mechanism=awsiam", "--sasl.aws-region=eu west"}) ==
        "--sasl.aws-region: \"eu west\" is not a region, such as eu-west-1");
  CHECK(bad(args, {{"AWS_REGION", "a/b"}}) == "$AWS_REGION: \"a/b\" is not a region, such as eu-west-1");
}

TEST_CASE("settings of another mechanism are noted") {
  const auto notices = [](const Args& args) {
    std::string text;
    for (const Notice& notice : good(args).notices) text += notice.setting + ": " + notice.reason + "\n";
    return text;
  };
  CHECK(notices({"--sasl.enabled", "--sasl.username=u", "--sasl.password=p", "--sasl.aws-region=eu-west-1"}) ==
        "--sasl.aws-region: only mechanism awsiam uses it\n");
  CHECK(notices({"--sasl.enabled", "--sasl.mechanism=awsiam", "--sasl.aws-region=eu-west-1", "--sasl.username=u",
                 "--sasl.password=hunter2"}) ==
        "--sasl.username: mechanism awsiam does not use it, but AWS credentials\n"
        "--sasl.password: mechanism awsiam does not use it, but AWS credentials\n");
}

TEST_CASE("security settings that cannot be honored are an error") {
  struct Case {
    Args args;
    std::string message;
  };
  const Case cases[] = {
      {{"--sasl.enabled"}, "--sasl.enabled: with mechanism plain a user is needed; add --sasl.username"},
      {{"--sasl.enabled", "--sasl.username=u"},
       "--sasl.enabled: a password is needed; set $SASL_USER_PASSWORD or --sasl.password-file"},
      {{"--sasl.enabled", "--sasl.mechanism=md5", "--sasl.username=u"},
       "--sasl.mechanism: \"md5\" is not known; it is one of plain, scram-sha256, scram-sha512, oauthbearer, gssapi, "
       "awsiam"},
      {{"--sasl.enabled", "--no-sasl.handshake", "--sasl.username=u", "--sasl.password=hunter2"},
       "--sasl.handshake: librdkafka always begins with Kafka's SASL handshake; leave the flag out"},
      {{"--sasl.enabled", "--sasl.username=u", "--sasl.password=hunter2", "--sasl.password-file=f"},
       "--sasl.password-file: --sasl.password is given too; keep one of the two"},
      {{"--sasl.enabled", "--sasl.username=u", "--sasl.password-file=/nonexistent"},
       "--sasl.password-file: cannot read /nonexistent: No such file or directory; give a file that this user may "
       "read"},
      {{"--sasl.enabled", "--sasl.mechanism=oauthbearer", "--sasl.username=u", "--sasl.password=hunter2"},
       "--sasl.enabled: with mechanism oauthbearer the URL of its tokens is needed; add --sasl.oauthbearer-token-url"},
      {{"--sasl.enabled", "--sasl.mechanism=gssapi", "--sasl.username=u"},
       "--sasl.enabled: with mechanism gssapi a keytab is needed; add --sasl.keytab-path"},
      {{"--sasl.enabled", "--sasl.mechanism=gssapi", "--sasl.username=u", "--sasl.kerberos-auth-type=userAuth"},
       "--sasl.kerberos-auth-type: \"userAuth\" is not supported, a login by keytab is: give --sasl.keytab-path and "
       "leave the type out"},
      {{"--sasl.enabled", "--sasl.mechanism=gssapi", "--sasl.username=u", "--sasl.disable-PA-FX-FAST"},
       "--sasl.disable-PA-FX-FAST: librdkafka leaves that to the Kerberos library; leave the flag out, or switch it "
       "off "
       "in krb5.conf"},
      {{"--tls.enabled", "--tls.ca-file=/nonexistent"},
       "--tls.ca-file: cannot read /nonexistent: No such file or directory; give a file that this user may read"},
      {{"--tls.enabled", "--tls.ca-file=/tmp"},
       "--tls.ca-file: cannot read /tmp: Is a directory; give a file that this user may read"},
      {{"--tls.enabled", "--tls.ca-file=/dev/null"}, "--tls.ca-file: /dev/null is empty"},
      {{"--tls.enabled", "--tls.cert-file", kCert},
       "--tls.cert-file: a certificate and its key go together; add --tls.key-file"},
      {{"--tls.enabled", "--kafka.server=a:9092,b:9092", "--tls.server-name=a"},
       "--tls.server-name: \"a\" is not the host of b:9092: librdkafka can only check a certificate against the host "
       "that "
       "it connects to; leave the flag out if the certificate has that name, or else give the broker one that has it"},
      {{"--server.tls.enabled"}, "--server.tls.enabled: a certificate is needed; add --server.tls.cert-file"},
      {{"--server.tls.enabled", "--server.tls.cert-file=x"},
       "--server.tls.enabled: a private key is needed; add --server.tls.key-file"},
      {{"--server.tls.mutual-auth-enabled"},
       "--server.tls.mutual-auth-enabled: would let everybody in; add --server.tls.enabled"},
      {{"--server.tls.enabled", "--server.tls.mutual-auth-enabled"},
       "--server.tls.mutual-auth-enabled: a CA is needed; add --server.tls.ca-file"},
      {{"--server.tls.enabled", "--web.config.file=x"},
       "--server.tls.enabled: use either this or --web.config.file, which has more options"},
      {{"--web.config.file=/no/such"},
       "--web.config.file: cannot read /no/such: No such file or directory; give a file that this user may read"},
      {{"--web.health-address=:9308"}, "--web.health-address: :9308 is a listen address too"},
      {{"--web.listen-address=unix:here"},
       "--web.listen-address: \"unix:here\" is not a Unix socket; write unix:/run/kafkascope.sock, or with its mode "
       "unix:/run/kafkascope.sock?mode=0660; a path has at most 107 bytes"},
      {{"--use.consumelag.zookeeper"},
       "--use.consumelag.zookeeper: offsets in ZooKeeper are not supported, only those in Kafka; leave it out"},
  };
  for (const Case& c : cases) CHECK(bad(c.args) == c.message);
}

TEST_CASE("a secret is passed as it is, with white space at its start") {
  const std::string file = some_file("password-with-space.txt");
  struct Case {
    Args args;
    std::string username, password;
    Variables variables = {};
  };
  const Case cases[] = {
      {{"--sasl.username= u ", "--sasl.password= p "}, " u ", " p "},
      {{"--sasl.username=u", "--sasl.password-file", file}, "u", " hunter2"},
      {{"--sasl.username=u"}, "u", "\tp", {{"SASL_USER_PASSWORD", "\tp"}}},
  };
  for (const Case& c : cases) {
    Args args = c.args;
    args.push_back("--sasl.enabled");
    CHECK(good(args, c.variables).clusters.at(0).properties == Properties{{"security.protocol", "sasl_plaintext"},
                                                                          {"sasl.mechanism", "PLAIN"},
                                                                          {"sasl.username", c.username},
                                                                          {"sasl.password", c.password}});
  }
}

TEST_CASE("another value that librdkafka would change is an error") {
  CHECK(bad({"--sasl.enabled", "--sasl.mechanism=gssapi", "--sasl.username= u", "--sasl.keytab-path", kKey}) ==
        "--sasl.username: begins with white space, which librdkafka removes; use a value that does not");
}

TEST_CASE("settings without effect because TLS or SASL is off are logged") {
  const Config config = good({"--tls.ca-file=/nonexistent", "--sasl.username=u", "--sasl.password=hunter2"});
  CHECK(config.clusters.at(0).properties.empty());
  CHECK(config.notices ==
        Notices{{"--tls.ca-file", "it requires --tls.enabled"}, {"--sasl.username", "it requires --sasl.enabled"}});
}

}  // namespace
}  // namespace kafkascope::config
