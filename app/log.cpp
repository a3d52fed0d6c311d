#include "app/log.hpp"

#include "app/timestamp.hpp"
#include "protocol/json_string.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <poll.h>
#include <unistd.h>

namespace holdfast {

namespace {

bool needs_quotes(std::string_view value) {
  if (value.empty())
    return true;
  for (unsigned char c : value)
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f)
      return true;
  return false;
}

void append_text(std::string& line, const event_field& field) {
  line += ' ';
  line += field.key;
  line += '=';
  if (auto* number = std::get_if<std::int64_t>(&field.value)) {
    line += std::to_string(*number);
    return;
  }
  // A quoted value is a JSON string: no value can fake a field or a line.
  auto value = std::get<std::string_view>(field.value);
  if (needs_quotes(value))
    append_json_string(line, value);
  else
    line += value;
}

void append_json(std::string& line, const event_field& field) {
  line += ',';
  append_json_string(line, field.key);
  line += ':';
  if (auto* number = std::get_if<std::int64_t>(&field.value))
    line += std::to_string(*number);
  else
    append_json_string(line, std::get<std::string_view>(field.value));
}

wall_time wall_now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

} // namespace

std::string format_event(log_format format, wall_time when, log_level level, std::string_view event,
                         std::initializer_list<event_field> fields) {
  std::string line;
  line.reserve(160);
  bool json = format == log_format::json;
  line += json ? "{\"ts\":\"" : "ts=";
  line += timestamp(when);
  line += json ? "\",\"level\":\"" : " level=";
  line += to_string(level);
  line += json ? "\",\"event\":\"" : " event=";
  line += event;
  if (json)
    line += '"';
  for (auto& field : fields)
    json ? append_json(line, field) : append_text(line, field);
  line += json ? "}\n" : "\n";
  return line;
}

log_writer::log_writer(int descriptor, log_format format, log_level threshold)
  : descriptor_{descriptor},
    format_{format},
    threshold_{threshold},
    thread_{[this] { run(); }} {}

log_writer::~log_writer() {
  {
    std::lock_guard<std::mutex> guard{mutex_};
    ending_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

void log_writer::write(log_level level, std::string_view event,
                       std::initializer_list<event_field> fields) {
  if (!wants(level))
    return;
  auto line = format_event(format_, wall_now(), level, event, fields);
  std::lock_guard<std::mutex> guard{mutex_};
  if (lines_.size() >= max_lines) {
    ++dropped_;
    ++lost_;
    return;
  }
  lines_.push_back(std::move(line));
  if (lines_.size() == 1)
    woken_.notify_one();
}

void log_writer::when_written(std::function<void()> done) {
  std::lock_guard<std::mutex> guard{mutex_};
  waiting_.push_back(std::move(done));
  woken_.notify_one();
}

void log_writer::run() {
  std::vector<std::string> lines;
  std::vector<std::function<void()>> waiting;
  std::unique_lock<std::mutex> lock{mutex_};
  for (;;) {
    woken_.wait(lock, [this] { return ending_ || !lines_.empty() || !waiting_.empty(); });
    if (ending_ && lines_.empty() && waiting_.empty())
      return;
    lines.swap(lines_);
    waiting.swap(waiting_);
    auto dropped = std::exchange(dropped_, 0);
    lock.unlock();
    put_all(lines);
    if (dropped > 0)
      report_dropped(dropped);
    for (auto& done : waiting)
      done();
    lines.clear();
    waiting.clear();
    lock.lock();
  }
}

/// In pieces of whole lines that a pipe takes at once, so that those of another process that
/// writes there do not end up within ours.
void log_writer::put_all(const std::vector<std::string>& lines) {
  std::string piece;
  std::uint64_t count = 0;
  auto put_piece = [&] {
    if (!put(piece))
      lose(count);
    piece.clear();
    count = 0;
  };
  for (auto& line : lines) {
    if (count > 0 && piece.size() + line.size() > PIPE_BUF)
      put_piece();
    piece += line;
    ++count;
  }
  if (count > 0)
    put_piece();
}

void log_writer::report_dropped(std::uint64_t count) {
  auto line = format_event(format_, wall_now(), log_level::warn, "log_dropped",
                           {{"lines", static_cast<std::int64_t>(count)}});
  if (put(line))
    return;
  std::lock_guard<std::mutex> guard{mutex_};
  dropped_ += count; // to be said when something can be written again
}

void log_writer::lose(std::uint64_t count) {
  lost_ += count;
  std::lock_guard<std::mutex> guard{mutex_};
  dropped_ += count;
}

bool log_writer::put(std::string_view text) {
  while (!text.empty()) {
    if (!takes_some())
      return false;
    auto n = ::write(descriptor_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (n < 0 && errno != EINTR)
      return false; // a full disk or a closed pipe loses lines, never the node
    if (n > 0)
      text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// Waits for whoever reads; a process that ends does not wait for ever.
bool log_writer::takes_some() {
  constexpr auto last_looks = 10;
  constexpr auto look_ms = 100;
  for (int looks = 0; !gave_up_; looks += ending_ ? 1 : 0) {
    pollfd one{descriptor_, POLLOUT, 0};
    auto ready = ::poll(&one, 1, look_ms);
    if (ready > 0 || (ready < 0 && errno != EINTR))
      return true; // an error shows in what is written
    gave_up_ = looks == last_looks;
  }
  return false;
}

} // namespace holdfast
