#include "http/client.h"

#include <curl/curl.h>
#include <spdlog/fmt/fmt.h>

#include <memory>
#include <mutex>

#include "model/deleter.h"

namespace kafkascope::http {
namespace {

constexpr int kStopCheckMilliseconds = 100;

using model::Deleter;

using Easy = std::unique_ptr<CURL, Deleter<curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Deleter<curl_multi_cleanup>>;
using Headers = std::unique_ptr<curl_slist, Deleter<curl_slist_free_all>>;

size_t append(char* bytes, size_t size, size_t count, void* opaque) {
  auto& body = *static_cast<std::string*>(opaque);
  if (body.size() + size * count > kMaxBodyBytes) return 0;  // libcurl then fails
  body.append(bytes, size * count);
  return size * count;
}

/// An easy handle belongs to a multi handle until this goes out of scope.
class Added {
 public:
  Added(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy) { curl_multi_add_handle(multi_, easy_); }
  ~Added() { curl_multi_remove_handle(multi_, easy_); }
  Added(const Added&) = delete;
  Added& operator=(const Added&) = delete;

 private:
  CURLM* multi_;
  CURL* easy_;
};

Easy make_easy(const Request& request, curl_slist* headers, std::string& body) {
  Easy easy(curl_easy_init());
  if (!easy) throw Error("out of memory");
  const auto set = [&](CURLoption option, auto value) {
    if (curl_easy_setopt(easy.get(), option, value) != CURLE_OK) throw Error(request.url + ": libcurl is too old");
  };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(CURLOPT_HTTPHEADER, headers);
  if (!request.body.empty()) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (!request.use_proxy) set(CURLOPT_PROXY, "");
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // cancelling does not wait for the resolver
  if (!request.unix_socket.empty()) set(CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  if (!request.ca_file.empty()) set(CURLOPT_CAINFO, request.ca_file.c_str());
  if (!request.verify_certificate) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  set(CURLOPT_WRITEFUNCTION, append);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&body));
  return easy;
}

/// Returns the result of the transfer; nothing: it is still running.
const CURLMsg* result_of(CURLM* multi) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left))
    if (message->msg == CURLMSG_DONE) return message;
  return nullptr;
}

}  // namespace

Response send(const Request& request, const std::function<bool()>& stopped) {
  static std::once_flag initialized;
  std::call_once(initialized, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  Headers headers;
  for (const std::string& line : request.headers) headers.reset(curl_slist_append(headers.release(), line.c_str()));
  Response response;
  const Easy easy = make_easy(request, headers.get(), response.body);
  const Multi multi(curl_multi_init());
  if (!multi) throw Error("out of memory");
  const Added added(multi.get(), easy.get());
  const CURLMsg* done = nullptr;
  for (int running = 1; !done; done = result_of(multi.get())) {
    if (stopped && stopped()) throw Error(request.url + ": canceled");
    if (curl_multi_perform(multi.get(), &running) != CURLM_OK) throw Error(request.url + ": out of memory");
    if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, kStopCheckMilliseconds, nullptr);
  }
  if (done->data.result == CURLE_WRITE_ERROR)
    throw Error(fmt::format("{}: more than {} bytes", request.url, kMaxBodyBytes));
  if (done->data.result != CURLE_OK)
    throw Error(fmt::format("{}: {}", request.url, curl_easy_strerror(done->data.result)));
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  return response;
}

}  // namespace kafkascope::http
