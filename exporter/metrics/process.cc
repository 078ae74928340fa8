#include "metrics/process.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "metrics/sample_writer.h"

namespace kafkascope::metrics {
namespace {

/// Returns nothing for an invalid number, as other kernels (gVisor) or a truncated read may yield.
std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

/// Returns the fields of /proc/PID/stat after the command name, which may contain spaces. [0] is field 3 in proc(5).
std::vector<std::string> stat_fields(const std::string& proc) {
  std::ifstream file(proc + "/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream rest(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

/// Returns the value after `key` at the start of a line. "unlimited" is the largest number, as in the Go client.
std::optional<double> number_after(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, key.size(), key) != 0) continue;
    std::string word;
    std::istringstream(line.substr(key.size())) >> word;
    if (word == "unlimited") return 18446744073709551615.0;
    return number(word);
  }
  return {};
}

/// Returns a column of the IpExt table in /proc/PID/net/netstat: a line of names, then a line of values.
std::optional<double> ip_octets(const std::string& proc, const std::string& column) {
  std::ifstream file(proc + "/net/netstat");
  std::string names, values;
  while (std::getline(file, names) && std::getline(file, values)) {
    if (names.compare(0, 6, "IpExt:") != 0) continue;
    std::istringstream name(names), value(values);
    for (std::string n, v; name >> n && value >> v;)
      if (n == column) return number(v);
  }
  return {};
}

std::optional<double> open_files(const std::string& proc) {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator it(proc + "/fd", error), end; !error && it != end; it.increment(error))
    ++count;
  if (error) return {};
  return count;
}

}  // namespace

void append_process_figures(const std::string& proc, std::string_view constant_labels, std::string& text) {
  const auto write = [&](const FamilyDescription& head, std::optional<double> value) {
    if (!value) return;
    SampleWriter::Held held{};
    text += description_text(head);
    SampleWriter(head, constant_labels, text, held).value(*value);
  };
  const auto stat = stat_fields(proc);
  const auto field = [&](size_t of) -> std::optional<double> {  // numbers of proc(5)
    if (of - 3 >= stat.size()) return {};
    return number(stat[of - 3]);
  };
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto boot = number_after(proc + "/../stat", "btime");
  const auto started = field(22), user = field(14), system = field(15), resident_pages = field(24);

  if (user && system)
    write({"process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", Type::kCounter},
          (*user + *system) / ticks);
  if (resident_pages)
    write({"process_resident_memory_bytes", "Resident memory size in bytes."},
          *resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
  write({"process_virtual_memory_bytes", "Virtual memory size in bytes."}, field(23));
  write({"process_virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes."},
        number_after(proc + "/limits", "Max address space"));
  write({"process_open_fds", "Number of open file descriptors."}, open_files(proc));
  write({"process_max_fds", "Maximum number of open file descriptors."},
        number_after(proc + "/limits", "Max open files"));
  if (boot && started)
    write({"process_start_time_seconds", "Start time of the process since the Unix epoch in seconds."},
          *boot + *started / ticks);
  write({"process_network_receive_bytes_total", "Number of bytes received by the process's network namespace.",
         Type::kCounter},
        ip_octets(proc, "InOctets"));
  write({"process_network_transmit_bytes_total", "Number of bytes sent by the process's network namespace.",
         Type::kCounter},
        ip_octets(proc, "OutOctets"));
}

}  // namespace kafkascope::metrics
