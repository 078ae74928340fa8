#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "model/collector.h"

namespace kafkascope::kafka {

/// A failed request or connection: librdkafka's code (below 0) or Kafka's (above), and what was being done.
class Error : public std::runtime_error {
 public:
  Error(rd_kafka_resp_err_t code, const std::string& doing);
  /// `hint`: of a string literal.
  Error(model::Reason reason, const std::string& what, std::string_view hint = {})
      : std::runtime_error(what), reason_(reason), hint_(hint) {}

  model::Reason reason() const { return reason_; }
  model::Failure failure() const { return {reason_, what(), std::string(hint_)}; }

 private:
  model::Reason reason_;
  std::string_view hint_;
};

model::Reason reason(rd_kafka_resp_err_t code);

/// Whether librdkafka's text says that something timed out.
bool timed_out(std::string_view why);

/// Returns the reason for a connection that failed. `why`: librdkafka's text. `tls_handshake`: the connection got that
/// far; a peer that just hangs up then is a TLS failure, too, for most likely its listener has none.
model::Reason connection_reason(rd_kafka_resp_err_t code, std::string_view why, bool tls_handshake);

/// Returns the error code of a response; RD_KAFKA_RESP_ERR_UNKNOWN for a number that the enumeration cannot hold (Kafka
/// may send any) or that is librdkafka's own.
rd_kafka_resp_err_t kafka_code(int16_t code);

}  // namespace kafkascope::kafka
