#ifndef KAFKASCOPE_WEB_CIVETWEB_DOOR_H_
#define KAFKASCOPE_WEB_CIVETWEB_DOOR_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mg_context;

/// CivetWeb's exit_thread callback: frees OpenSSL's data of the thread.
void kafkascope_civetweb_exit_thread(const struct mg_context* context, int thread_type, void* thread_pointer);

/// A listening socket.
struct kafkascope_listening_socket {
  int fd;
  int is_tls;
};

/// Takes over CivetWeb's listening sockets, so that it neither accepts connections nor starts workers. Must be called
/// in the init_context callback, when sockets are open and no threads run. Returns their number; the caller closes
/// them.
size_t kafkascope_civetweb_take_listening_sockets(struct mg_context* context,
                                                  struct kafkascope_listening_socket* sockets, size_t capacity);

/// Allows starting workers. Must be called after mg_start2() has returned.
void kafkascope_civetweb_allow_workers(struct mg_context* context, unsigned most);

/// Starts worker `index`. Returns 0 if no thread can be created. REQUIRES: below num_threads, not started before.
int kafkascope_civetweb_start_worker(struct mg_context* context, unsigned index);

/// Passes a connected socket to CivetWeb. Blocks while its queue is full.
void kafkascope_civetweb_adopt(struct mg_context* context, int fd, int is_tls);

#ifdef __cplusplus
}
#endif

#endif  // KAFKASCOPE_WEB_CIVETWEB_DOOR_H_
