#include "protocol/describe_producers.h"

#include "protocol/reader.h"

namespace kafkascope::protocol {
namespace {

void read_producer(Reader& reader, const DescribeProducersSink& sink) {
  ProducerState producer{};
  producer.id = reader.int64();
  producer.epoch = reader.int32();
  reader.int32();  // last sequence number
  producer.last_timestamp_ms = reader.int64();
  reader.int32();  // coordinator epoch
  producer.transaction_start_offset = reader.int64();
  reader.tags();
  sink.producer(producer);
}

}  // namespace

DescribeProducersRequest::DescribeProducersRequest(int16_t version, size_t topics)
    : writer_(kDescribeProducers.flexible(version)) {
  writer_.array(topics);
}

void DescribeProducersRequest::topic(std::string_view name, size_t partitions) {
  writer_.string(name).array(partitions);
  partitions_left_ = partitions;
}

void DescribeProducersRequest::partition(int32_t index) {
  writer_.int32(index);
  if (--partitions_left_ == 0) writer_.tags();  // of the topic
}

std::string DescribeProducersRequest::take() { return writer_.take(); }

void decode_describe_producers(std::string_view answer, int16_t version, const DescribeProducersSink& sink) {
  Reader reader(answer, kDescribeProducers.flexible(version));
  reader.int32();  // throttle time
  for (size_t topics = reader.array(); topics > 0; --topics) {
    sink.topic(reader.string());
    for (size_t partitions = reader.array(); partitions > 0; --partitions) {
      const int32_t index = reader.int32();
      sink.partition(index, reader.int16());
      reader.string();  // the error in words
      for (size_t producers = reader.array(); producers > 0; --producers) read_producer(reader, sink);
      reader.tags();
    }
    reader.tags();
  }
  reader.tags();
  reader.end();
}

}  // namespace kafkascope::protocol
