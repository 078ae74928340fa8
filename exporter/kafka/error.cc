#include "kafka/error.h"

namespace kafkascope::kafka {

using model::Reason;

Reason reason(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return Reason::kAuthentication;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return Reason::kAuthorization;
    case RD_KAFKA_RESP_ERR__SSL:
      return Reason::kTls;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__UNKNOWN_BROKER:
    case RD_KAFKA_RESP_ERR__DESTROY_BROKER:
      return Reason::kUnreachable;
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
      return Reason::kTimeout;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__UNDERFLOW:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
      return Reason::kProtocol;
    default:
      return Reason::kOther;
  }
}

bool timed_out(std::string_view why) { return why.find("imed out") != why.npos; }

Reason connection_reason(rd_kafka_resp_err_t code, std::string_view why, bool tls_handshake) {
  if (why.find("Invalid response size ") != why.npos) return Reason::kProtocol;
  if (timed_out(why)) return Reason::kTimeout;
  const bool from_openssl = why.find("SSL routines:") != why.npos;  // such as a late alert; the code is _TRANSPORT
  return tls_handshake || from_openssl ? Reason::kTls : reason(code);
}

rd_kafka_resp_err_t kafka_code(int16_t code) {
  constexpr int16_t kMost = 255;  // more than Kafka has, and what fits
  static_assert(RD_KAFKA_RESP_ERR_END_ALL > kMost / 2 && RD_KAFKA_RESP_ERR_END_ALL <= kMost);
  return code >= 0 && code <= kMost ? static_cast<rd_kafka_resp_err_t>(code) : RD_KAFKA_RESP_ERR_UNKNOWN;
}

Error::Error(rd_kafka_resp_err_t code, const std::string& doing)
    : std::runtime_error(doing + ": " + rd_kafka_err2str(code)), reason_(kafka::reason(code)) {}

}  // namespace kafkascope::kafka
