#include "report/text.h"

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>

#include "model/utf8.h"

namespace kafkascope::report {
namespace {

struct Range {
  uint32_t first, last;
};

/// Characters that are invisible, end a line, or change the direction of text. Zero width joiners are among them though
/// some scripts use them: two names that look alike would be worse.
constexpr Range kUnsafe[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},      {0x61c, 0x61c},
                             {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},  {0x2060, 0x206f},
                             {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};

/// Scripts that are written from right to left.
constexpr Range kRightToLeft[] = {
    {0x590, 0x8ff}, {0xfb1d, 0xfdff}, {0xfe70, 0xfefc}, {0x10800, 0x10fff}, {0x1e800, 0x1efff}};

/// Combining characters.
constexpr Range kNoColumn[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
                               {0x64b, 0x65f},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x2060, 0x206f},
                               {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};

/// East Asian wide characters and emoji.
constexpr Range kTwoColumns[] = {{0x1100, 0x115f},  {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97c},
                                 {0xac00, 0xd7a3},  {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                                 {0xffe0, 0xffe6},  {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff},
                                 {0x20000, 0x3fffd}};

constexpr std::string_view kIsolate = "\u2068", kEndIsolate = "\u2069", kEllipsis = "\u2026", kReplacement = "\ufffd";

bool contains(std::span<const Range> ranges, uint32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return range.first <= c && c <= range.last; });
}

uint32_t decode(std::string_view character) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0);
  uint32_t c = byte(0) & (0x7fu >> character.size());
  for (size_t i = 1; i < character.size(); ++i) c = c << 6 | (byte(i) & 0x3fu);
  return c;
}

/// Calls each(bytes, code point), without a code point for an invalid byte.
template <class Each>
void for_each_character(std::string_view text, const Each& each) {
  while (!text.empty()) {
    const auto [bytes, valid] = model::take_character(text);
    each(bytes, valid ? std::optional(decode(bytes)) : std::nullopt);
  }
}

/// Returns whether the text has nothing to escape, as almost all names.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f && c != '\\'; });
}

/// Returns whether a letter is written from right to left.
bool append_escaped(std::string_view text, std::string& out) {
  bool right_to_left = false;
  for_each_character(text, [&](std::string_view bytes, std::optional<uint32_t> c) {
    if (!c)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes.front()));
    else if (*c == '\\')
      out += "\\\\";
    else if (*c == '\n')
      out += "\\n";
    else if (*c == '\r')
      out += "\\r";
    else if (*c == '\t')
      out += "\\t";
    else if (!contains(kUnsafe, *c))
      out += bytes;
    else
      out += *c < 0x80 ? fmt::format("\\x{:02x}", *c) : fmt::format("\\u{:04x}", *c);
    right_to_left = right_to_left || (c && *c >= 0x590 && contains(kRightToLeft, *c));
  });
  return right_to_left;
}

size_t columns_of_character(uint32_t c) {
  if (c < 0x300) return 1;
  return contains(kNoColumn, c) ? 0 : contains(kTwoColumns, c) ? 2 : 1;
}

}  // namespace

std::string printable(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out;
  if (append_escaped(text, out)) out = std::string(kIsolate).append(out).append(kEndIsolate);
  return out;
}

size_t columns_of(std::string_view text) {
  if (is_plain(text)) return text.size();
  size_t columns = 0;
  for_each_character(text,
                     [&](std::string_view, std::optional<uint32_t> c) { columns += c ? columns_of_character(*c) : 1; });
  return columns;
}

std::string shortened(std::string text, size_t columns) {
  if (columns_of(text) <= columns) return text;
  const bool isolated = text.starts_with(kIsolate);
  std::string out;
  size_t used = 0;
  bool full = columns == 0;
  for_each_character(text, [&](std::string_view bytes, std::optional<uint32_t> c) {
    const size_t more = c ? columns_of_character(*c) : 1;
    full = full || used + more + 1 > columns;
    if (full) return;
    used += more;
    out += bytes;
  });
  if (columns > 0) out += kEllipsis;
  if (isolated) out += kEndIsolate;
  return out;
}

void append_json(std::string_view text, std::string& out) {
  out += '"';
  if (is_plain(text) && text.find('"') == text.npos) {
    out += text;
  } else {
    for_each_character(text, [&](std::string_view bytes, std::optional<uint32_t> c) {
      if (!c)
        out += kReplacement;
      else if (*c == '"' || *c == '\\')
        out.append("\\").append(bytes);
      else if (*c < 0x20 || (*c >= 0x7f && *c <= 0x9f))
        out += fmt::format("\\u{:04x}", *c);
      else
        out += bytes;
    });
  }
  out += '"';
}

void append_csv(std::string_view text, std::string& out) {
  if (is_plain(text) && text.find_first_of(",\"") == text.npos) {
    out += text;
    return;
  }
  std::string escaped;
  append_escaped(text, escaped);
  out += '"';
  for (const char c : escaped) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

double rounded(double seconds) { return std::round(seconds * 1000) / 1000; }

std::string utc(double unix_seconds) {
  using std::chrono::milliseconds;
  const std::chrono::sys_time<milliseconds> time(milliseconds(static_cast<int64_t>(std::llround(unix_seconds * 1000))));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (time - seconds).count());
}

}  // namespace kafkascope::report
