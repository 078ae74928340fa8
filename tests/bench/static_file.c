// Serves the files of a folder with CivetWeb, for comparison: static_file FOLDER PORT

#define NO_SSL
#define NO_CGI
#define NO_CACHING
#include <../src/civetweb.c>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const char* options[] = {"document_root",     argv[1], "listening_ports", argv[2], "num_threads", "32",
                           "enable_keep_alive", "yes",   "tcp_nodelay",     "1",     NULL};
  struct mg_callbacks callbacks;
  memset(&callbacks, 0, sizeof(callbacks));
  if (!mg_start(&callbacks, NULL, options)) return 1;
  for (;;) pause();
}
