#include "protocol/api_versions.h"

#include "protocol/reader.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {
namespace {

constexpr size_t kFeatureBytes = 6;  // at least

std::vector<SupportedFeature> read_supported(Reader& reader) {
  std::vector<SupportedFeature> features(reader.array(kFeatureBytes));
  for (auto& feature : features) {
    feature.name = reader.string();
    feature.min_level = reader.int16();
    feature.max_level = reader.int16();
    reader.tags();
  }
  return features;
}

std::vector<FinalizedFeature> read_finalized(Reader& reader) {
  std::vector<FinalizedFeature> features(reader.array(kFeatureBytes));
  for (auto& feature : features) {
    feature.name = reader.string();
    feature.level = reader.int16();
    reader.int16();  // the lowest level that a broker has to support
    reader.tags();
  }
  return features;
}

}  // namespace

std::string encode_api_versions(int16_t version) {
  return Writer(kApiVersions.flexible(version)).string("kafkascope").string("unknown").take();
}

Features decode_api_versions(std::string_view answer, int16_t version) {
  Reader reader(answer, kApiVersions.flexible(version));
  Features features{};
  features.error = reader.int16();
  for (size_t apis = reader.array(); apis > 0; --apis) {
    reader.int16(), reader.int16(), reader.int16();  // key, versions
    reader.tags();
  }
  reader.int32();  // throttle time
  reader.tags([&](uint32_t tag, Reader value) {
    if (tag == 0)
      features.supported = read_supported(value);
    else if (tag == 1)
      features.finalized_epoch = value.int64();
    else if (tag == 2)
      features.finalized = read_finalized(value);
    else
      return;
    value.end();
  });
  reader.end();
  return features;
}

}  // namespace kafkascope::protocol
