#ifndef KAFKASCOPE_WEB_CIVETWEB_DOOR_H_
#define KAFKASCOPE_WEB_CIVETWEB_DOOR_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mg_context;

/// CivetWeb's exit_thread callback: gives back what OpenSSL keeps for a thread.
void kafkascope_civetweb_exit_thread(const struct mg_context* context, int thread_type, void* thread_pointer);

/// A socket that listens, and whether TLS is spoken on it.
struct kafkascope_listening_socket {
  int fd;
  int is_tls;
};

/// Takes the listening sockets away from CivetWeb, which then accepts nothing itself, and starts no workers. Only in
/// the init_context callback: sockets are open by then, and threads not yet there. Returns how many there are; the
/// caller has to close them.
size_t kafkascope_civetweb_take_listening_sockets(struct mg_context* context,
                                                  struct kafkascope_listening_socket* sockets, size_t capacity);

/// To be called once mg_start2() has returned: workers may be started from now on.
void kafkascope_civetweb_allow_workers(struct mg_context* context, unsigned most);

/// Starts worker number `index`, which is below the option num_threads and was not started before. Returns 0 where the
/// system has no thread for it.
int kafkascope_civetweb_start_worker(struct mg_context* context, unsigned index);

/// Gives CivetWeb a connected socket, as if it had accepted it itself. Waits while its queue is full.
void kafkascope_civetweb_adopt(struct mg_context* context, int fd, int is_tls);

#ifdef __cplusplus
}
#endif

#endif  // KAFKASCOPE_WEB_CIVETWEB_DOOR_H_
