#include "report/table.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "report/text.h"

namespace kafkascope::report {
namespace {

constexpr size_t kGap = 2;
/// A name of fewer columns cannot be recognized.
constexpr size_t kLeast = 12;

}  // namespace

void Table::add(std::string_view text) {
  Cell cell{text.empty() ? "-" : printable(text), 0};
  cell.columns = columns_of(cell.text);
  cells_.push_back(std::move(cell));
}

std::vector<size_t> Table::widths(size_t width, size_t rows) const {
  std::vector<size_t> widths;
  for (size_t column = 0; column < columns_.size(); ++column) {
    size_t most = columns_[column].name.size();
    for (size_t row = 0; row < rows; ++row) most = std::max(most, cells_[row * columns_.size() + column].columns);
    widths.push_back(most);
  }
  if (width == 0) return widths;
  const auto total = [&] {
    size_t sum = 0;
    for (const size_t each : widths) sum += each == 0 ? 0 : each + kGap;
    return sum - std::min(sum, kGap);
  };
  std::vector<size_t> order;  // flexible columns, those to be shortened first in front
  for (size_t column = 0; column < columns_.size(); ++column)
    if (columns_[column].priority > 0) order.push_back(column);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return columns_[a].priority < columns_[b].priority; });
  for (const size_t column : order) {
    const size_t least = std::max(kLeast, columns_[column].name.size());
    const size_t over = total() - std::min(total(), width);
    if (widths[column] > least) widths[column] = std::max(least, widths[column] - std::min(widths[column], over));
  }
  for (size_t i = 0; i + 1 < order.size() && total() > width; ++i) widths[order[i]] = 0;
  return widths;
}

void Table::append(const Cell& cell, const Column& column, size_t width, std::string& line) const {
  const bool fits = cell.columns <= width;
  const std::string text = fits ? cell.text : shortened(cell.text, width);
  const size_t columns = fits ? cell.columns : columns_of(text);
  const std::string padding(width - std::min(width, columns), ' ');
  line += column.align == Align::kRight ? padding + text : text + padding;
  line.append(kGap, ' ');
}

std::string Table::text(size_t width, size_t rows) const {
  rows = std::min(rows, this->rows());
  const std::vector<size_t> widths = this->widths(width, rows);
  std::string text, line;
  const auto end_line = [&] {
    line.erase(line.find_last_not_of(' ') + 1);
    text += line;
    text += '\n';
    line.clear();
  };
  for (size_t column = 0; column < columns_.size(); ++column)
    if (widths[column] > 0)
      append({columns_[column].name, columns_[column].name.size()}, columns_[column], widths[column], line);
  end_line();
  for (size_t row = 0; row < rows; ++row) {
    for (size_t column = 0; column < columns_.size(); ++column)
      if (widths[column] > 0) append(cells_[row * columns_.size() + column], columns_[column], widths[column], line);
    end_line();
  }
  return text;
}

}  // namespace kafkascope::report
