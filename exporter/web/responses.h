#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct mg_connection;
struct mg_request_info;

namespace kafkascope::web {

class ConnectionQueue;

inline constexpr const char* kText = "text/plain; charset=utf-8";
inline constexpr const char* kHtml = "text/html; charset=utf-8";
inline constexpr const char* kJson = "application/json";
inline constexpr const char* kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

struct Header {
  std::string name, value;
};

/// A request and its response. Thread-safety: used by one worker only.
class Exchange {
 public:
  /// `headers`: of every response; they must exist as long as the exchange.
  Exchange(mg_connection* connection, const ConnectionQueue& queue, const std::vector<Header>& headers);

  /// Decides whether the connection stays open after the response. Must be called before the response, whose head
  /// contains the decision; without it the connection is closed.
  void decide_keep_alive();
  /// Closes the connection after the response, or without one. Must be called before the response.
  void close_afterwards();

  std::string_view path() const;
  /// Returns what follows the question mark, encoded.
  std::string_view query() const;
  std::string_view method() const;
  bool accepts_gzip() const;
  /// Returns what is wrong with the head, so that a proxy may see another end of the request than this server; empty:
  /// nothing. Such a request must be refused and the connection closed (request smuggling).
  std::string_view head_fault() const;
  /// Returns all headers of this name, joined to one list.
  std::string header(const char* name) const;
  /// Returns the status code of the response; 0 before its head is written.
  int code() const { return code_; }
  /// Returns the time since the request was read.
  double seconds() const;

  void respond(int code, const char* content_type, std::string_view body, const std::vector<Header>& headers = {});
  /// Writes the head of a response. Returns whether a body may follow: not after HEAD or when the client has
  /// disconnected.
  bool start_response(int code, const char* content_type, uint64_t content_length, const std::vector<Header>& headers);
  /// Writes part of the body. Returns false when the client has disconnected or exceeds the write limits; the
  /// connection is then closed after this request.
  bool write(std::string_view bytes);
  /// Closes the connection after an exception; responds with 500 if nothing has been written. Allocates no memory.
  void fail() noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  bool is_within_write_limits() const;
  bool wants_keep_alive() const;
  bool has_body() const;
  bool has_all_headers() const;

  mg_connection* const connection_;
  const ConnectionQueue& queue_;
  const mg_request_info& request_;
  const std::vector<Header>& headers_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point writing_since_ = start_;
  bool keep_alive_ = false;
  uint64_t sent_bytes_ = 0;
  int code_ = 0;
};

/// Responds to a request that CivetWeb refuses by itself because it is invalid, and closes the connection.
void refuse(mg_connection* connection, int code, std::string_view message, const std::vector<Header>& headers);

}  // namespace kafkascope::web
