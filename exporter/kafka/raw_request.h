/* The only file that looks inside librdkafka: any Kafka request on librdkafka's own, authenticated connections.
 * Every function may be called from any thread, but not together with or after rd_kafka_destroy(). */
#pragma once
#include <librdkafka/rdkafka.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Runs on librdkafka's thread for that broker, once for each request that was accepted: copy the bytes, hand over,
 * return. `body` starts behind the response header; NULL when there is an error. `why`: librdkafka's reason when the
 * connection failed, else "". Both are valid during the call only. */
typedef void raw_reply_cb(void* opaque, rd_kafka_resp_err_t error, const char* why, const void* body, size_t size);

/* Sends `body`, an encoded request without its header and without the tagged fields at its end, which are added here.
 * timeout_ms covers the wait for a connection and for the answer. When an error is returned, `reply` is never called.
 */
rd_kafka_resp_err_t raw_request(rd_kafka_t* rk, int32_t broker, int16_t api_key, int16_t version, int flexible,
                                const void* body, size_t size, int timeout_ms, raw_reply_cb* reply, void* opaque);

/* Sets a property that is a user name, password or secret as it is: rd_kafka_conf_set(), which has to come first,
 * removes white space at its start. Returns 0 for any other property. */
int raw_set_secret(rd_kafka_conf_t* conf, const char* key, const char* value);

/* Whether the broker closed the connection that has just gone down while it had no request to send or to answer, which
 * librdkafka counts as an error in receiving. To be called when it reports the new state, on the broker's thread. */
int raw_closed_while_idle(void);

#define RAW_NO_CERTIFICATE INT64_MAX

/* When the certificates of the TLS handshake in progress expire, Unix time in seconds: the first of the chain that the
 * broker presented, and the client's own. To be called when librdkafka verifies the broker's certificate, on the
 * broker's thread. */
void raw_certificate_expiries(int64_t* broker, int64_t* own);

/* Ends the connection to the broker unless a request is in flight; librdkafka connects again. */
void raw_reconnect(rd_kafka_t* rk, int32_t broker);

#define RAW_VERSION_NONE (-1)      /* the broker and we have no version in common */
#define RAW_VERSION_NOT_KNOWN (-2) /* not connected to this broker (yet) */

/* The highest version of a request kind from min to max that the broker takes, or one of the above. */
int raw_version(rd_kafka_t* rk, int32_t broker, int16_t api_key, int16_t min, int16_t max);

/* Ids of the brokers that librdkafka knows; returns how many it wrote, at most `max`. */
size_t raw_brokers(rd_kafka_t* rk, int32_t* ids, size_t max);

/* Asks some connected broker for the list of brokers, without waiting: one that came back is known again soon after. */
rd_kafka_resp_err_t raw_refresh_brokers(rd_kafka_t* rk);

/* Waits until the state of any broker changes from what it was when `version` was got; returns the newer version. */
int raw_broker_state(rd_kafka_t* rk);
int raw_await_broker_state(rd_kafka_t* rk, int version, int timeout_ms);

#ifdef __cplusplus
}
#endif
