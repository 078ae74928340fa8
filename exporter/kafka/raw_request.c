/* Compiled against the internals of the very source tree whose librdkafka.a is linked. */
#define _GNU_SOURCE /* as librdkafka itself is compiled */
#include "kafka/raw_request.h"

/* Each of these needs the ones before it. */
/* clang-format off */
#include "rd.h"
#include "rdkafka_int.h"
#include "rdkafka_broker.h"
#include "rdkafka_buf.h"
#include "rdkafka_feature.h"
#include "rdkafka_metadata.h"
#include "rdkafka_proto.h"
#include "rdkafka_transport.h"
#include "rdkafka_transport_int.h"
#include <time.h>
/* clang-format on */

#if RD_KAFKA_VERSION < 0x020f0000 || RD_KAFKA_VERSION > 0x020fffff
#error "Checked against librdkafka 2.15 only: run the tests of kafka/ with the new one, then widen this range."
#endif

typedef struct {
  raw_reply_cb* reply;
  void* opaque;
  int16_t api_key, version;
} request_t;

/* On the thread of a broker that requests were sent to: that broker. It lives as long as its thread. */
static _Thread_local rd_kafka_broker_t* this_broker;

static rd_kafka_broker_t* find_broker(rd_kafka_t* rk, int32_t id) {
  rd_kafka_rdlock(rk);
  rd_kafka_broker_t* rkb = rd_kafka_broker_find_by_nodeid(rk, id); /* holds a reference; NULL: unknown or going */
  rd_kafka_rdunlock(rk);
  return rkb;
}

/* For answers, failures, time-outs and rd_kafka_destroy() alike: there is no reply queue, so all end here. */
static void on_reply(rd_kafka_t* rk, rd_kafka_broker_t* rkb, rd_kafka_resp_err_t error, rd_kafka_buf_t* reply,
                     rd_kafka_buf_t* request, void* opaque) {
  (void)rk, (void)request;
  request_t* r = opaque;
  const char* why = "";
  /* While the connection is down, what counts is the last failure to set it up: the request itself may have been
   * failed by a vaguer code, or by its time-out in the queue. This thread alone writes these fields. */
  if (error && rkb && rkb->rkb_last_err.err &&
      (rkb->rkb_state == RD_KAFKA_BROKER_STATE_DOWN || rkb->rkb_state == RD_KAFKA_BROKER_STATE_TRY_CONNECT)) {
    error = rkb->rkb_last_err.err;
    why = rkb->rkb_last_err.errstr;
  }
  void* copy = NULL;
  const void* body = NULL;
  size_t size = 0;
  if (!error && reply) {
    rd_slice_t slice = reply->rkbuf_reader;
    /* Its response header has no tagged fields in any version, but librdkafka skipped some. */
    if (r->api_key == RD_KAFKAP_ApiVersion) rd_slice_seek(&slice, 0);
    size = rd_slice_remains(&slice);
    body = rd_slice_ensure_contig(&slice, size);
    if (!body) { /* it lies in several pieces */
      body = copy = malloc(size ? size : 1);
      if (!copy || rd_slice_read(&slice, copy, size) != size) error = RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
    }
  }
  r->reply(r->opaque, error, why, error ? NULL : body, error ? 0 : size);
  free(copy);
  free(r);
}

/* Just before sending, when the connection is up: the broker may be another version than the one the body was written
 * for. */
static rd_kafka_resp_err_t check_version(rd_kafka_broker_t* rkb, rd_kafka_buf_t* rkbuf, void* opaque) {
  (void)rkbuf;
  const request_t* r = opaque;
  this_broker = rkb;
  return rd_kafka_broker_ApiVersion_supported(rkb, r->api_key, r->version, r->version, NULL) == r->version
             ? RD_KAFKA_RESP_ERR_NO_ERROR
             : RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE;
}

rd_kafka_resp_err_t raw_request(rd_kafka_t* rk, int32_t broker, int16_t api_key, int16_t version, int flexible,
                                const void* body, size_t size, int timeout_ms, raw_reply_cb* reply, void* opaque) {
  rd_kafka_broker_t* rkb = find_broker(rk, broker);
  if (!rkb) return RD_KAFKA_RESP_ERR__UNKNOWN_BROKER;
  request_t* r = malloc(sizeof(*r));
  if (!r) {
    rd_kafka_broker_destroy(rkb);
    return RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
  }
  *r = (request_t){.reply = reply, .opaque = opaque, .api_key = api_key, .version = version};

  rd_kafka_buf_t* buf = rd_kafka_buf_new_flexver_request(rkb, api_key, 1, size, flexible ? rd_true : rd_false);
  rd_kafka_buf_write(buf, body, size);
  rd_kafka_buf_set_abs_timeout_force(buf, timeout_ms, 0);
  buf->rkbuf_max_retries = RD_KAFKA_REQUEST_NO_RETRIES;
  /* The header on the wire already holds the real key. librdkafka indexes tables by the key without a bound and frees
   * Metadata and Produce requests in a way of their own, so its books get one that is harmless. Its check of versions
   * by that key is replaced by a feature that every connected broker has, and by check_version(). */
  buf->rkbuf_reqhdr.ApiKey = RD_KAFKAP_DescribeLogDirs;
  rd_kafka_buf_ApiVersion_set(buf, version, RD_KAFKA_FEATURE_APIVERSION);
  rd_kafka_buf_set_maker(buf, check_version, r, NULL);
  rd_kafka_broker_buf_enq_replyq(rkb, buf, RD_KAFKA_NO_REPLYQ, on_reply, r);
  rd_kafka_broker_destroy(rkb);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

int raw_set_secret(rd_kafka_conf_t* conf, const char* key, const char* value) {
  const struct {
    const char* key;
    char** value;
  } secrets[] = {{"sasl.username", &conf->sasl.username},
                 {"sasl.password", &conf->sasl.password},
                 {"sasl.oauthbearer.client.id", &conf->sasl.oauthbearer.client_id},
                 {"sasl.oauthbearer.client.secret", &conf->sasl.oauthbearer.client_secret},
                 {"ssl.key.password", &conf->ssl.key_password}};
  for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); ++i) {
    if (strcmp(secrets[i].key, key) != 0) continue;
    if (*secrets[i].value) rd_free(*secrets[i].value);
    *secrets[i].value = rd_strdup(value);
    return 1;
  }
  return 0;
}

int raw_closed_while_idle(void) {
  if (!this_broker || rd_kafka_bufq_cnt(&this_broker->rkb_waitresps) || rd_kafka_bufq_cnt(&this_broker->rkb_outbufs))
    return 0;
  /* The text for the end of the stream that recv() finds, which is counted; what poll() finds is not. */
  const char* why = this_broker->rkb_last_err.errstr;
  return strncmp(why, "Disconnected: ", 14) == 0 && !strstr(why, "POLLHUP");
}

static int64_t expiry(const X509* certificate) {
  struct tm time;
  return certificate && ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) ? timegm(&time) : RAW_NO_CERTIFICATE;
}

void raw_certificate_expiries(int64_t* broker, int64_t* own) {
  *broker = *own = RAW_NO_CERTIFICATE;
  SSL* const ssl = rd_kafka_curr_transport ? rd_kafka_curr_transport->rktrans_ssl : NULL;
  if (!ssl) return;
  STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(ssl); /* a client's includes the broker's own certificate */
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const int64_t end = expiry(sk_X509_value(chain, i));
    if (end < *broker) *broker = end;
  }
  *own = expiry(SSL_get_certificate(ssl));
}

/* Instead of making a request. Requests that are not sent yet wait for the next connection. */
static rd_kafka_resp_err_t end_idle_connection(rd_kafka_broker_t* rkb, rd_kafka_buf_t* rkbuf, void* opaque) {
  (void)rkbuf, (void)opaque;
  if (!rd_kafka_bufq_cnt(&rkb->rkb_waitresps) && rkb->rkb_transport) rd_kafka_transport_shutdown(rkb->rkb_transport);
  return RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE;
}

static void ignore_reply(rd_kafka_t* rk, rd_kafka_broker_t* rkb, rd_kafka_resp_err_t error, rd_kafka_buf_t* reply,
                         rd_kafka_buf_t* request, void* opaque) {
  (void)rk, (void)rkb, (void)error, (void)reply, (void)request, (void)opaque;
}

void raw_reconnect(rd_kafka_t* rk, int32_t broker) {
  rd_kafka_broker_t* rkb = find_broker(rk, broker);
  if (!rkb) return;
  rd_kafka_buf_t* buf = rd_kafka_buf_new_request(rkb, RD_KAFKAP_DescribeLogDirs, 0, 0);
  rd_kafka_buf_set_abs_timeout_force(buf, 1000, 0);
  buf->rkbuf_max_retries = RD_KAFKA_REQUEST_NO_RETRIES;
  rd_kafka_buf_ApiVersion_set(buf, 0, RD_KAFKA_FEATURE_APIVERSION);
  rd_kafka_buf_set_maker(buf, end_idle_connection, NULL, NULL);
  rd_kafka_broker_buf_enq_replyq(rkb, buf, RD_KAFKA_NO_REPLYQ, ignore_reply, NULL);
  rd_kafka_broker_destroy(rkb);
}

int raw_version(rd_kafka_t* rk, int32_t broker, int16_t api_key, int16_t min, int16_t max) {
  rd_kafka_broker_t* rkb = find_broker(rk, broker);
  if (!rkb) return RAW_VERSION_NOT_KNOWN;
  int version = RAW_VERSION_NOT_KNOWN;
  /* While a connection is being made, there are no versions yet, or those of the broker that was there before. */
  const rd_kafka_broker_state_t state = rd_kafka_broker_get_state(rkb);
  if (state == RD_KAFKA_BROKER_STATE_UP || state == RD_KAFKA_BROKER_STATE_REAUTH)
    version = rd_kafka_broker_ApiVersion_supported(rkb, api_key, min, max, NULL);
  rd_kafka_broker_destroy(rkb);
  return version;
}

size_t raw_brokers(rd_kafka_t* rk, int32_t* ids, size_t max) {
  size_t n = 0;
  rd_kafka_broker_t* rkb;
  rd_kafka_rdlock(rk);
  TAILQ_FOREACH(rkb, &rk->rk_brokers, rkb_link) {
    rd_kafka_broker_lock(rkb);
    if (rkb->rkb_nodeid >= 0 && !RD_KAFKA_BROKER_IS_LOGICAL(rkb) && n < max) ids[n++] = rkb->rkb_nodeid;
    rd_kafka_broker_unlock(rkb);
  }
  rd_kafka_rdunlock(rk);
  return n;
}

rd_kafka_resp_err_t raw_refresh_brokers(rd_kafka_t* rk) { return rd_kafka_metadata_refresh_brokers(rk, NULL, "poll"); }

int raw_broker_state(rd_kafka_t* rk) { return rd_kafka_brokers_get_state_version(rk); }

int raw_await_broker_state(rd_kafka_t* rk, int version, int timeout_ms) {
  rd_kafka_brokers_wait_state_change(rk, version, timeout_ms);
  return rd_kafka_brokers_get_state_version(rk);
}
