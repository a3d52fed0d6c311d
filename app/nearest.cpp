#include "app/nearest.hpp"

#include <algorithm>
#include <limits>

namespace holdfast {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table: the one being filled, and two before it.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      auto swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2])
                     && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped)
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
  std::string best;
  auto least = std::numeric_limits<std::size_t>::max();
  for (const auto& candidate : candidates) {
    auto distance = edit_distance(name, candidate);
    auto bearable = std::max<std::size_t>(2, std::max(name.size(), candidate.size()) / 3);
    // A short name is no typing error of another one when nothing of it is left.
    if (distance >= candidate.size() || distance > bearable || distance >= least)
      continue;
    best = candidate;
    least = distance;
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  auto meant = nearest(name, candidates);
  return meant.empty() ? "" : "; did you mean " + meant + "?";
}

} // namespace holdfast
