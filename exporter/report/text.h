#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// Text for terminals and files from names that may contain any bytes.
namespace kafkascope::report {

/// Returns `text` as one line that a terminal shows as it is: control characters, invisible characters, characters that
/// change the direction of text, and invalid bytes become \n, \x1b, \u202e and the like, a backslash becomes two. Text
/// with letters that are written from right to left is isolated, so that it does not reorder the text beside it.
std::string printable(std::string_view text);

/// Returns how many columns a result of printable() takes on a terminal.
size_t columns_of(std::string_view text);

/// Returns a result of printable() shortened to `columns` at most, with an ellipsis if something is missing.
std::string shortened(std::string text, size_t columns);

/// Appends a JSON string in quotes. The result is valid UTF-8 and has no control characters; invalid bytes become
/// U+FFFD.
void append_json(std::string_view text, std::string& out);

/// Appends a field of a CSV file (RFC 4180), with characters replaced as by printable() but not isolated.
void append_csv(std::string_view text, std::string& out);

/// Returns seconds rounded to milliseconds.
double rounded(double seconds);

/// Returns a time in UTC as in RFC 3339, with milliseconds.
std::string utc(double unix_seconds);

}  // namespace kafkascope::report
