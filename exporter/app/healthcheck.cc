#include "app/healthcheck.h"

#include <curl/curl.h>
#include <spdlog/fmt/fmt.h>

#include <memory>

namespace kafkascope::app {
namespace {

constexpr long kTimeoutSeconds = 5;

size_t ignore_body(char*, size_t size, size_t count, void*) { return size * count; }

}  // namespace

Health check_health(const std::string& url) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> request(curl_easy_init(), curl_easy_cleanup);
  if (!request) return {false, "out of memory"};
  curl_easy_setopt(request.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(request.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(request.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(request.get(), CURLOPT_TIMEOUT, kTimeoutSeconds);
  curl_easy_setopt(request.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(request.get(), CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(request.get(), CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(request.get(), CURLOPT_WRITEFUNCTION, ignore_body);
  if (const CURLcode code = curl_easy_perform(request.get()); code != CURLE_OK)
    return {false, fmt::format("{}: {}", url, curl_easy_strerror(code))};
  long status = 0;
  curl_easy_getinfo(request.get(), CURLINFO_RESPONSE_CODE, &status);
  return {status == 200, fmt::format("{}: {}", url, status)};
}

}  // namespace kafkascope::app
