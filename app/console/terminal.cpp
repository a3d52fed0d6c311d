#include "app/console/terminal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace holdfast::console {

namespace {

std::size_t variable(const char* name, std::size_t otherwise) {
  auto* text = std::getenv(name);
  auto number = text == nullptr ? 0 : std::strtoul(text, nullptr, 10);
  return number > 0 && number < 10'000 ? number : otherwise;
}

bool is_set(const char* name) {
  auto* text = std::getenv(name);
  return text != nullptr && *text != '\0';
}

volatile std::sig_atomic_t interrupts = 0;

void note(int) {
  interrupts = 1;
}

struct sigaction before {};

void write_all(int to, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    auto size = ::write(to, text.data() + done, text.size() - done);
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0)
      return; // whoever reads has seen enough
    done += static_cast<std::size_t>(size);
  }
}

/// Runs it with `text` as its input. False when the shell knows no such program.
bool pipe_into(const std::string& program, const std::string& text) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return false;
  auto child = ::fork();
  if (child == 0) {
    ::dup2(ends[0], STDIN_FILENO);
    ::execl("/bin/sh", "sh", "-c", program.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(ends[0]);
  auto* pipe_before = std::signal(SIGPIPE, SIG_IGN);
  auto* interrupt_before = std::signal(SIGINT, SIG_IGN); // it is the pager's while it runs
  if (child > 0)
    write_all(ends[1], text);
  ::close(ends[1]);
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::signal(SIGPIPE, pipe_before);
  std::signal(SIGINT, interrupt_before);
  return child > 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}

} // namespace

terminal_facts this_terminal() {
  terminal_facts facts;
  facts.input = ::isatty(STDIN_FILENO) == 1;
  facts.output = ::isatty(STDOUT_FILENO) == 1;
  facts.error = ::isatty(STDERR_FILENO) == 1;
  winsize size{};
  if (facts.output && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    facts.width = size.ws_col;
    facts.width_known = true;
    facts.height = std::max<std::size_t>(size.ws_row, 1);
  } else {
    facts.width = variable("COLUMNS", facts.width);
    facts.width_known = facts.output || is_set("COLUMNS");
    facts.height = variable("LINES", facts.height);
  }
  auto* type = std::getenv("TERM");
  auto dumb = type == nullptr || *type == '\0' || std::strcmp(type, "dumb") == 0;
  facts.colour = facts.output && !dumb && !is_set("NO_COLOR");
  return facts;
}

std::string today() {
  auto now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

bool says_yes(const std::string& question) {
  std::cout << std::flush;
  std::cerr << question << std::flush;
  std::string line;
  if (!std::getline(std::cin, line))
    std::cerr << '\n';
  return !line.empty() && (line[0] == 'y' || line[0] == 'Y');
}

void page(const std::string& text, std::size_t height) {
  std::cout << std::flush;
  auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  auto* chosen = std::getenv("PAGER");
  auto program = chosen == nullptr ? "command -v less >/dev/null || exit 127; exec less -FRX"
                                   : std::string{chosen};
  if (lines < height || program.empty() || !pipe_into(program, text))
    std::cout << text << std::flush;
}

ctrl_c::ctrl_c() {
  forget();
  struct sigaction noted {};
  noted.sa_handler = note; // without SA_RESTART: what waits is to notice
  ::sigaction(SIGINT, &noted, &before);
}

ctrl_c::~ctrl_c() {
  ::sigaction(SIGINT, &before, nullptr);
}

bool ctrl_c::came() {
  return interrupts != 0;
}

void ctrl_c::forget() {
  interrupts = 0;
}

bool wait_or_ctrl_c(duration time) {
  // A signal between the question and the wait would be lost: so it waits in small pieces.
  constexpr auto piece = std::chrono::milliseconds{100};
  while (time > duration::zero() && !ctrl_c::came()) {
    auto some = std::min<duration>(time, piece);
    ::poll(nullptr, 0,
           static_cast<int>(to_ms(some)) + (some < std::chrono::milliseconds{1} ? 1 : 0));
    time -= some;
  }
  return !ctrl_c::came();
}

} // namespace holdfast::console
