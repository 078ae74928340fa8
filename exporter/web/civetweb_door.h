#ifndef KAFKASCOPE_WEB_CIVETWEB_DOOR_H_
#define KAFKASCOPE_WEB_CIVETWEB_DOOR_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mg_connection;
struct mg_context;
struct ssl_st;

/// CivetWeb's exit_thread callback: frees OpenSSL's data of the thread.
void kafkascope_civetweb_exit_thread(const struct mg_context* context, int thread_type, void* thread_pointer);

/// Keeps CivetWeb from accepting connections and starting workers. Must be called in the init_context callback, when no
/// threads run.
void kafkascope_civetweb_take_over(struct mg_context* context);

/// Allows starting workers. Must be called after mg_start2() has returned.
void kafkascope_civetweb_allow_workers(struct mg_context* context, unsigned most);

/// Starts worker `index`. Returns 0 if no thread can be created. REQUIRES: below num_threads, not started before.
int kafkascope_civetweb_start_worker(struct mg_context* context, unsigned index);

/// Passes a connected socket to CivetWeb. Blocks while its queue is full.
void kafkascope_civetweb_adopt(struct mg_context* context, int fd);

/// Returns the socket of a connection.
int kafkascope_civetweb_fd(const struct mg_connection* connection);

/// Returns the end of the head of the request that is handled. Line ends of parsed headers are replaced by NUL.
const char* kafkascope_civetweb_head_end(const struct mg_connection* connection);

/// Makes a connection use `ssl`, a session whose handshake has ended, which CivetWeb then owns, and puts the bytes that
/// were read from it before into the connection's buffer. Must be called in the init_connection callback.
void kafkascope_civetweb_set_tls(struct mg_connection* connection, struct ssl_st* ssl, const char* bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif  // KAFKASCOPE_WEB_CIVETWEB_DOOR_H_
