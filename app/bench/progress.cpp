#include "app/bench/progress.hpp"

#include "app/bench/figures.hpp"

#include <cstdio>
#include <utility>

namespace holdfast::bench {

namespace {

constexpr std::chrono::milliseconds between_lines{500};

void write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

} // namespace

void progress::begin(phase next, time_point now) {
  if (!shown_)
    return;
  phase_ = std::move(next);
  began_ = drawn_at_ = now;
  counted_ = phase_.count();
  draw(now);
}

void progress::clear() {
  if (drawn_)
    write("\r\033[K");
  drawn_ = false;
  due_ = time_point::max();
}

void progress::draw(time_point now) {
  auto count = phase_.count();
  auto since = seconds_of(now - drawn_at_);
  std::optional<double> rate;
  if (since > 0)
    rate = static_cast<double>(count - counted_) / since;
  write("\r\033[K" + progress_line(phase_, now - began_, count, rate));
  drawn_ = true;
  counted_ = count;
  drawn_at_ = now;
  due_ = now + between_lines;
}

std::string progress_line(const phase& p, duration passed, std::uint64_t count,
                          std::optional<double> rate) {
  constexpr std::size_t width = 79; // the last column would wrap on some terminals
  auto line = p.name;
  if (p.total > 0)
    line += " " + with_thousands(count) + "/" + with_thousands(p.total);
  if (p.length > duration::zero())
    line += " " + fixed(seconds_of(passed), 1) + "/" + fixed(seconds_of(p.length), 1) + " s";
  if (rate)
    line += "  " + with_thousands(static_cast<std::uint64_t>(*rate)) + " " + p.unit + "/s";
  return line.substr(0, width);
}

} // namespace holdfast::bench
