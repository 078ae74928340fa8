#include "families/page_sections.h"

namespace kafkascope::families {

void write_certificates(const PageContext& w) {
  const model::Certificates& certificates = w.snapshot.certificates;
  w.out.family({.name = "kafka_broker_tls_certificate_expiry_timestamp_seconds",
                .help = "When the first certificate expires of the chain that the broker presented in the exporter's "
                        "latest TLS handshake with it. Absent without TLS."},
               [&](SampleWriter& s) {
                 for (const auto& [id, certificate] : certificates.brokers)
                   if (w.snapshot.brokers.contains(id)) s.with("id", id).value(certificate.expiry);
               });
  w.out.family({.name = "kafka_exporter_tls_client_certificate_expiry_timestamp_seconds",
                .help = "When the exporter's client certificate for this cluster expires. Absent without one."},
               [&](SampleWriter& s) {
                 if (certificates.own) s.value(*certificates.own);
               });
}

}  // namespace kafkascope::families
