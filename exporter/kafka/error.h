#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "model/collector.h"

namespace kafkascope::kafka {

/// What went wrong between us and Kafka: librdkafka's code (below 0) or Kafka's (above), and what was being done.
class Error : public std::runtime_error {
 public:
  Error(rd_kafka_resp_err_t code, const std::string& doing);
  Error(model::Reason reason, const std::string& what) : std::runtime_error(what), reason_(reason) {}

  model::Reason reason() const { return reason_; }
  model::Failure failure() const { return {reason_, what()}; }

 private:
  model::Reason reason_;
};

model::Reason reason(rd_kafka_resp_err_t code);

/// The code in an answer. What the enumeration cannot hold (Kafka may send any number), and what is librdkafka's own,
/// is RD_KAFKA_RESP_ERR_UNKNOWN.
rd_kafka_resp_err_t kafka_code(int16_t code);

}  // namespace kafkascope::kafka
