#include "web/responses.h"

#include <civetweb.h>
#include <spdlog/fmt/fmt.h>
#include <strings.h>

#include <algorithm>
#include <iterator>

#include "web/accept_encoding.h"
#include "web/civetweb_door.h"
#include "web/connection_queue.h"
#include "web/limits.h"

namespace kafkascope::web {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kNoSniff = "X-Content-Type-Options";

std::string response_head(const mg_connection* connection, int code, const char* content_type, uint64_t content_length,
                          bool keep_alive, const std::vector<Header>& common, const std::vector<Header>& headers) {
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}: nosniff\r\nConnection: {}\r\n", code,
                  mg_get_response_code_text(connection, code), content_type, content_length, kNoSniff,
                  keep_alive ? "keep-alive" : "close");
  for (const auto* list : {&common, &headers}) {
    for (const Header& header : *list) {
      if (header.name != kNoSniff) fmt::format_to(std::back_inserter(head), "{}: {}\r\n", header.name, header.value);
    }
  }
  return head += "\r\n";
}

}  // namespace

Exchange::Exchange(mg_connection* connection, const ConnectionQueue& queue, const std::vector<Header>& headers)
    : connection_(connection), queue_(queue), request_(*mg_get_request_info(connection)), headers_(headers) {}

void Exchange::decide_keep_alive() {
  // Without any header it is not known whether CivetWeb has parsed them, see has_all_headers().
  keep_alive_ = wants_keep_alive() && request_.num_headers > 0 && !has_body() && !queue_.under_load();
  if (!keep_alive_) mg_disable_connection_keep_alive(connection_);
}

void Exchange::close_afterwards() {
  keep_alive_ = false;
  mg_disable_connection_keep_alive(connection_);
}

std::string_view Exchange::path() const { return request_.local_uri; }
std::string_view Exchange::query() const { return request_.query_string ? request_.query_string : ""; }
std::string_view Exchange::method() const { return request_.request_method; }
bool Exchange::accepts_gzip() const { return web::accepts_gzip(header("Accept-Encoding")); }
double Exchange::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

void Exchange::respond(int code, const char* content_type, std::string_view body, const std::vector<Header>& headers) {
  if (start_response(code, content_type, body.size(), headers)) write(body);
}

bool Exchange::start_response(int code, const char* content_type, uint64_t content_length,
                              const std::vector<Header>& headers) {
  const std::string head =
      response_head(connection_, code, content_type, content_length, keep_alive_, headers_, headers);
  code_ = code;
  writing_since_ = Clock::now();
  return write(head) && method() != "HEAD";
}

bool Exchange::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto before = Clock::now();
    const int written = mg_write(connection_, bytes.data(), std::min(bytes.size(), kPieceBytes));
    // CivetWeb does not distinguish an error from its timeout, after which the write is repeated.
    const bool is_error = written <= 0 && Clock::now() - before < kClientTimeout;
    if (is_error || !is_within_write_limits()) {
      mg_disable_connection_keep_alive(connection_);
      return false;
    }
    sent_bytes_ += std::max(written, 0);
    bytes.remove_prefix(std::max(written, 0));
  }
  return true;
}

void Exchange::fail() noexcept {
  constexpr std::string_view kHead =
      "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 28\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
  constexpr std::string_view kBody = "internal error, see the log\n";
  static_assert(kBody.size() == 28);
  mg_disable_connection_keep_alive(connection_);
  if (code_ != 0) return;
  code_ = 500;
  writing_since_ = Clock::now();
  if (write(kHead) && method() != "HEAD") write(kBody);
}

// A client that reads nothing, or a byte per second, must not occupy a worker.
bool Exchange::is_within_write_limits() const {
  const WriteLimits& limits = queue_.under_load() ? kWriteLimitsUnderLoad : kWriteLimits;
  return Clock::now() - writing_since_ < limits.base + milliseconds(1000 * sent_bytes_ / limits.bytes_per_second);
}

std::string Exchange::header(const char* name) const {
  std::string result;
  for (int i = 0; i < request_.num_headers; ++i) {
    if (strcasecmp(request_.http_headers[i].name, name) != 0) continue;
    if (!result.empty()) result += ", ";
    result += request_.http_headers[i].value;
  }
  return result;
}

// Stricter than CivetWeb's rule, so that a response never promises keep-alive where CivetWeb closes.
bool Exchange::wants_keep_alive() const {
  const std::string connection = header("Connection");
  if (connection.empty()) return std::string_view(request_.http_version) == "1.1";
  return strcasecmp(connection.c_str(), "keep-alive") == 0;
}

std::string_view Exchange::head_fault() const {
  if (!has_all_headers()) return "invalid header field, or too many";
  std::string length = header("Content-Length");
  length.resize(length.find_last_not_of(" \t") + 1);
  if (!std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return "invalid Content-Length";  // "0, 5" if there are two
  if (!length.empty() && !header("Transfer-Encoding").empty()) return "both Content-Length and Transfer-Encoding";
  const auto* const headers = request_.http_headers;
  if (std::count_if(headers, headers + request_.num_headers, [](auto& h) { return strcasecmp(h.name, "Host") == 0; }) >
      1)
    return "more than one Host";
  return {};
}

// CivetWeb ignores headers after the 64th, and those after a line that begins with a space or a colon. After the last
// one that it has parsed there must be two line ends, of which it has replaced some bytes by NUL.
bool Exchange::has_all_headers() const {
  if (request_.num_headers == 0) return true;
  const std::string_view last = request_.http_headers[request_.num_headers - 1].value;
  const std::string_view rest(last.data() + last.size(), kafkascope_civetweb_head_end(connection_));
  constexpr std::string_view kLineEnds("\r\n\0", 3);
  return rest.size() <= 4 && rest.find_first_not_of(kLineEnds) == rest.npos;
}

// No valid request has one. It is not read: the connection is closed instead.
bool Exchange::has_body() const { return request_.content_length > 0 || !header("Transfer-Encoding").empty(); }

void refuse(mg_connection* connection, int code, std::string_view message, const std::vector<Header>& headers) {
  const std::string body = fmt::format("{}\n", message);
  const std::string response = response_head(connection, code, kText, body.size(), false, headers, {}) + body;
  mg_write(connection, response.data(), response.size());
}

}  // namespace kafkascope::web
