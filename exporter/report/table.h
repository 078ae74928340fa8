#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kafkascope::report {

/// A table of text with aligned columns for a terminal. Cells that are empty are shown as a hyphen.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string name;
    Align align = Align::kLeft;
    /// Lower ones are shortened first if the table is too wide, and then left out; 0: neither.
    int priority = 0;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Adds the next cell, row by row.
  void add(std::string_view text);
  size_t rows() const { return cells_.size() / columns_.size(); }

  /// Returns the heading and the first `rows` rows. `width`: columns of the terminal, 0: unlimited.
  std::string text(size_t width, size_t rows) const;

 private:
  struct Cell {
    std::string text;
    size_t columns;
  };

  /// Returns the width of each column; 0: left out.
  std::vector<size_t> widths(size_t width, size_t rows) const;
  void append(const Cell& cell, const Column& column, size_t width, std::string& line) const;

  std::vector<Column> columns_;
  std::vector<Cell> cells_;
};

}  // namespace kafkascope::report
