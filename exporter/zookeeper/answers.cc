#include "zookeeper/answers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace kafkascope::zookeeper {

using model::ZooKeeperValues;

namespace {

constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
constexpr std::string_view kQuantile = "{quantile=\"";
constexpr size_t kMaxKey = 200, kMaxWord = 64;

/// Removes the first line, without its end, from the text. Nothing: no complete line is left.
std::optional<std::string_view> take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == text.npos) return {};
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<double> to_number(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(number)) return {};
  return number;
}

/// Returns whether the key is a name, or a name with a quantile. Other labels, such as namespaces of clients, are
/// unlimited in number.
bool is_key(std::string_view key) {
  if (!key.starts_with("zk_") || key.size() > kMaxKey) return false;
  const std::string_view name = key.substr(0, key.find('{'));
  if (name.find_first_not_of(kNameCharacters) != name.npos) return false;
  std::string_view labels = key.substr(name.size());
  if (labels.empty()) return true;
  if (!labels.starts_with(kQuantile) || !labels.ends_with("\"}") || labels.size() < kQuantile.size() + 2) return false;
  labels.remove_prefix(kQuantile.size());
  labels.remove_suffix(2);
  return to_number(labels).has_value();
}

/// Returns a word to be a label: short, and printable.
std::string to_word(std::string_view text) {
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  return text.size() <= kMaxWord && std::all_of(text.begin(), text.end(), printable) ? std::string(text) : "";
}

/// Returns 3.9.4 of 3.9.4-7246445ec281, built on 2025-08-19 19:53 UTC.
std::string to_version(std::string_view text) { return to_word(text.substr(0, text.find_first_of("-, "))); }

void add(ZooKeeperValues& values, std::string_view key, std::string_view text) {
  if (const auto number = to_number(text); number && values.numbers.size() < kMaxValues)
    values.numbers.emplace_back(key, *number);
}

/// Sorts the values. Of several with the same key the first one stays.
ZooKeeperValues finished(ZooKeeperValues values) {
  auto& numbers = values.numbers;
  const auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(numbers.begin(), numbers.end(), by_key);
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  numbers.erase(std::unique(numbers.begin(), numbers.end(), same), numbers.end());
  return values;
}

/// Calls add(part) for the parts of a/b/c, if there are as many as keys.
void add_parts(ZooKeeperValues& values, std::string_view text, const std::array<std::string_view, 3>& keys) {
  if (std::count(text.begin(), text.end(), '/') != 2) return;
  for (const auto key : keys) {
    const size_t end = std::min(text.find('/'), text.size());
    add(values, key, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::optional<Refusal> find_refusal(std::string_view answer) {
  const std::string_view line = answer.substr(0, answer.find('\n'));
  if (line.find("not currently serving requests") != line.npos) return Refusal::kNotServing;
  if (line.find("is not executed because it is not in the whitelist") != line.npos) return Refusal::kNotWhitelisted;
  return {};
}

std::optional<ZooKeeperValues> parse_mntr(std::string_view answer) {
  ZooKeeperValues values;
  while (const auto line = take_line(answer)) {
    const size_t tab = line->find('\t');
    if (tab == line->npos) continue;
    const std::string_view key = line->substr(0, tab), text = line->substr(tab + 1);
    if (key == "zk_version")
      values.version = to_version(text);
    else if (key == "zk_server_state")
      values.state = to_word(text);
    else if (key == "zk_peer_state")
      values.peer_state = to_word(text);
    else if (is_key(key))
      add(values, key, text);
  }
  if (values.state.empty()) return {};
  return finished(std::move(values));
}

std::optional<ZooKeeperValues> parse_srvr(std::string_view answer) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNumbers{
      {{"Received", "zk_packets_received"},
       {"Sent", "zk_packets_sent"},
       {"Connections", "zk_num_alive_connections"},
       {"Outstanding", "zk_outstanding_requests"},
       {"Node count", "zk_znode_count"}}};
  ZooKeeperValues values;
  while (const auto line = take_line(answer)) {
    const size_t colon = line->find(": ");
    if (colon == line->npos) continue;
    const std::string_view title = line->substr(0, colon), text = line->substr(colon + 2);
    if (title == "Zookeeper version") {
      values.version = to_version(text);
    } else if (title == "Mode") {
      values.state = to_word(text);
    } else if (title == "Latency min/avg/max") {
      add_parts(values, text, {"zk_min_latency", "zk_avg_latency", "zk_max_latency"});
    } else if (title == "Proposal sizes last/min/max") {
      add_parts(values, text, {"zk_last_proposal_size", "zk_min_proposal_size", "zk_max_proposal_size"});
    } else {
      for (const auto& [name, key] : kNumbers)
        if (title == name) add(values, key, text);
    }
  }
  if (values.state.empty()) return {};
  return finished(std::move(values));
}

}  // namespace kafkascope::zookeeper
