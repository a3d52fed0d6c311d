// The text format in which Prometheus reads metrics (version 0.0.4).
#pragma once

#include "protocol/histogram.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast::admin {

enum class metric_kind : std::uint8_t { counter, gauge, histogram };

std::string_view to_string(metric_kind kind);

/// Writes one family after the other: first family(), then its samples. Names are the caller's to
/// get right; what labels and help texts hold is escaped.
class exposition {
public:
  using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// A counter's name ends in "_total". A family may stay without samples: there is one, and
  /// nothing is known of it.
  void family(std::string_view name, metric_kind kind, std::string_view help);

  void sample(std::uint64_t value, labels with = {});
  void sample(double value, labels with = {});

  /// In seconds.
  void sample(duration value, labels with = {});

  template <class Bounds>
  void sample(const histogram<Bounds>& h, labels with = {}) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < h.counts().size(); ++i) {
      sum += h.counts()[i];
      bucket(i < h.upper.size() ? seconds(h.upper[i]) : "+Inf", sum, with);
    }
    line("_sum", with, {}, seconds(h.sum()));
    line("_count", with, {}, std::to_string(sum));
  }

  std::string take() { return std::move(text_); }

private:
  /// To the nanosecond. Of nothing below zero.
  static std::string seconds(duration d);

  void bucket(const std::string& bound, std::uint64_t count, labels with);
  void line(std::string_view suffix, labels with, std::string_view bound, std::string_view value);
  void label(std::string_view name, std::string_view value, bool first);

  std::string name_;
  std::string text_;
};

} // namespace holdfast::admin
