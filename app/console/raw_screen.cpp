#include "app/console/raw_screen.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <string_view>
#include <termios.h>
#include <unistd.h>

namespace holdfast::console {

namespace {

// The alternate screen without a cursor, and back.
constexpr std::string_view enter_screen = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J";
constexpr std::string_view leave_screen = "\x1b[?25h\x1b[?1049l";

constexpr std::array ending{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
constexpr std::array passing{SIGTSTP, SIGCONT, SIGWINCH};

termios before{};
volatile std::sig_atomic_t taken = 0;
volatile std::sig_atomic_t resized = 0;
std::array<struct sigaction, ending.size() + passing.size()> old_actions{};

// Everything down to the handlers is called from signal handlers: write() and tcsetattr() only.

void put(std::string_view text) {
  for (auto tries = 0; !text.empty() && tries < 100; ++tries) {
    auto size = ::write(STDOUT_FILENO, text.data(), text.size());
    if (size > 0)
      text.remove_prefix(static_cast<std::size_t>(size));
  }
}

void take() {
  auto raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  put(enter_screen);
  taken = 1;
}

void give_back() {
  if (taken == 0)
    return;
  taken = 0;
  put(leave_screen);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void end_by(int number) {
  give_back();
  ::signal(number, SIG_DFL);
  ::raise(number);
}

void note_size(int) {
  resized = 1;
}

void go_on(int) {
  auto saved = errno;
  if (taken == 0)
    take();
  resized = 1;
  errno = saved;
}

void stop(int) {
  auto saved = errno;
  give_back();
  ::raise(SIGSTOP); // goes on in go_on()
  errno = saved;
}

void install(int number, void (*handler)(int), struct sigaction& old) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(number, &action, &old);
}

raw_screen::key meaning_of(std::string_view typed) {
  using key = raw_screen::key;
  if (typed == "\x1b[A" || typed == "\x1b[B" || typed == "\x1bOA" || typed == "\x1bOB")
    return key::pause;
  switch (typed.front()) {
  case 'q':
  case 'Q':
  case 3: // Ctrl-C
  case 4: // Ctrl-D
    return key::quit;
  case 's': return key::sort;
  case 'p':
  case ' ': return key::pause;
  case 'h':
  case '?': return key::help;
  default: return key::other;
  }
}

} // namespace

raw_screen::raw_screen() {
  ::tcgetattr(STDIN_FILENO, &before);
  std::size_t at = 0;
  for (auto number : ending)
    install(number, end_by, old_actions[at++]);
  install(SIGTSTP, stop, old_actions[at++]);
  install(SIGCONT, go_on, old_actions[at++]);
  install(SIGWINCH, note_size, old_actions[at++]);
  resized = 0;
  take();
}

raw_screen::~raw_screen() {
  give_back();
  std::size_t at = 0;
  for (auto number : ending)
    ::sigaction(number, &old_actions[at++], nullptr);
  for (auto number : passing)
    ::sigaction(number, &old_actions[at++], nullptr);
}

void raw_screen::draw(const std::vector<std::string>& lines) {
  std::string text{"\x1b[H"};
  for (std::size_t i = 0; i < lines.size(); ++i)
    text += lines[i] + "\x1b[K" + (i + 1 < lines.size() ? "\r\n" : "");
  put(text + "\x1b[J");
}

raw_screen::key raw_screen::next_key(duration patience) {
  sigset_t blocked, usual;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGWINCH);
  sigaddset(&blocked, SIGCONT);
  ::sigprocmask(SIG_BLOCK, &blocked, &usual); // so that none is missed before the wait
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  timespec most{seconds.count(), (patience - seconds).count()};
  pollfd input{STDIN_FILENO, POLLIN, 0};
  auto ready = resized != 0 ? 0 : ::ppoll(&input, 1, &most, &usual);
  ::sigprocmask(SIG_SETMASK, &usual, nullptr);
  if (resized != 0) {
    resized = 0;
    return key::resized;
  }
  if (ready <= 0)
    return key::none;
  std::array<char, 32> typed{};
  auto size = ::read(STDIN_FILENO, typed.data(), 1);
  if (size == 1 && typed[0] == '\x1b' && ::poll(&input, 1, 0) > 0) // an arrow comes as several
    size += std::max<ssize_t>(0, ::read(STDIN_FILENO, typed.data() + 1, 2));
  if (size < 0 && (errno == EINTR || errno == EAGAIN))
    return key::none;
  return size <= 0 ? key::ended : meaning_of({typed.data(), static_cast<std::size_t>(size)});
}

} // namespace holdfast::console
