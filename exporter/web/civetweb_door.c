// Compiles CivetWeb, to access its internals: no public function takes a connected socket, but we accept the
// connections and perform TLS handshakes (see connection_queue.h). The only file that does so.

#define NO_SSL_DL
#define OPENSSL_API_3_0
#ifndef USE_IPV6
#define USE_IPV6
#endif
#define NO_FILES
#define NO_CGI
#define NO_CACHING
// CivetWeb does not start without a listening socket, but must not listen. It gets a Unix socket (USE_X_DOM_SOCKET),
// which is available in every sandbox, and neither binds it nor listens.
#define USE_X_DOM_SOCKET
#define bind kafkascope_do_not_bind
#define listen kafkascope_do_not_listen
#define BUILD_DATE ""  // instead of __DATE__, so that builds are reproducible
// How often a thread that waits for a client checks the stop flag, in ms. The default of 2 s would exceed our limit of
// 2 s to stop.
#define SOCKET_TIMEOUT_QUANTUM 200
// Address space, not memory. The deepest stacks are about 20 KiB.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define USE_STACK_SIZE (1024 * 1024)
#else
#define USE_STACK_SIZE (256 * 1024)
#endif
#if defined(__SANITIZE_THREAD__)
#define STOP_FLAG_NEEDS_LOCK  // otherwise a volatile int: a data race
#endif
// Included as a system header, without warnings.
#include <../src/civetweb.c>

#if !defined(CIVETWEB_VERSION_MAJOR) || CIVETWEB_VERSION_MAJOR != 1 || CIVETWEB_VERSION_MINOR != 16
#error "This file knows the inside of CivetWeb 1.16 only: read it again for another one"
#endif

#include "web/civetweb_door.h"

#if defined(__SANITIZE_THREAD__)
// STOP_FLAG_ASSIGN reads the flag plainly before it compares and swaps.
const char* __tsan_default_suppressions(void) { return "race:STOP_FLAG_ASSIGN\n"; }
#endif

int kafkascope_do_not_bind(int fd, const struct sockaddr* address, socklen_t length) {
  (void)fd;
  (void)address;
  (void)length;
  return 0;
}

int kafkascope_do_not_listen(int fd, int backlog) {
  (void)fd;
  (void)backlog;
  return 0;
}

void kafkascope_civetweb_exit_thread(const struct mg_context* context, int thread_type, void* thread_pointer) {
  (void)context;
  (void)thread_type;
  (void)thread_pointer;
  OPENSSL_thread_stop();
}

void kafkascope_civetweb_take_over(struct mg_context* context) {
  for (unsigned i = 0; i < context->num_listening_sockets; ++i) close(context->listening_sockets[i].sock);
  context->num_listening_sockets = 0;
  context->cfg_worker_threads = 0;  // their data is already allocated
}

void kafkascope_civetweb_allow_workers(struct mg_context* context, unsigned most) {
  context->cfg_worker_threads = most;
}

int kafkascope_civetweb_start_worker(struct mg_context* context, unsigned index) {
  struct mg_connection* connection = &context->worker_connections[index];
  connection->phys_ctx = context;
  return mg_start_thread_with_id(worker_thread, connection, &context->worker_threadids[index]) == 0;
}

void kafkascope_civetweb_adopt(struct mg_context* context, int fd) {
  struct socket connection;
  memset(&connection, 0, sizeof(connection));
  connection.sock = fd;
  socklen_t length = sizeof(connection.rsa);
  getpeername(fd, &connection.rsa.sa, &length);  // fails if the client is gone, which the worker handles
  length = sizeof(connection.lsa);
  getsockname(fd, &connection.lsa.sa, &length);
  set_tcp_nodelay(&connection, 1);  // avoids 40 ms of delay (Nagle's algorithm with delayed ACK)
  produce_socket(context, &connection);
}

int kafkascope_civetweb_fd(const struct mg_connection* connection) { return connection->client.sock; }

const char* kafkascope_civetweb_head_end(const struct mg_connection* connection) {
  return connection->buf + connection->request_len;
}

void kafkascope_civetweb_set_tls(struct mg_connection* connection, struct ssl_st* ssl, const char* bytes, size_t size) {
  connection->ssl = ssl;
  const size_t room = (size_t)connection->buf_size;
  if (size > room) size = room;
  memcpy(connection->buf, bytes, size);
  connection->data_len = (int)size;
}
