// The only file that includes libedit.
#include "app/console/editor.hpp"

#include "app/console/terminal.hpp"
#include "app/console/text.hpp"
#include "app/console/words.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <histedit.h>
#include <sys/stat.h>
#include <unistd.h>

namespace holdfast::console {

namespace {

constexpr int kept_lines = 1000;
constexpr std::size_t most_shown = 100; ///< candidates

std::string from_environment(const char* name) {
  auto* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

/// Longest beginning that all of them share.
std::string shared_beginning(const std::vector<candidate>& words) {
  auto shared = words.front().word;
  for (auto& each : words) {
    auto differ = std::mismatch(shared.begin(), shared.end(), each.word.begin(), each.word.end());
    shared.erase(differ.first, shared.end());
  }
  return shared;
}

/// The candidates below the line, in columns; with what they are where there are few of them.
std::string candidate_list(const std::vector<candidate>& words, std::size_t width) {
  std::size_t widest = 0;
  auto described = false;
  for (auto& each : words) {
    widest = std::max(widest, display_width(each.word));
    described = described || !each.about.empty();
  }
  std::string text;
  auto columns = described ? 1 : std::max<std::size_t>(1, width / (widest + 2));
  for (std::size_t i = 0; i < std::min(words.size(), most_shown); ++i) {
    auto line_ends = (i + 1) % columns == 0 || i + 1 == words.size();
    auto cell = words[i].word;
    if (!words[i].about.empty())
      cell = padded(cell, widest + 2) + words[i].about;
    text += line_ends ? clipped(cell, width - 1) + "\n" : padded(cell, widest + 2);
  }
  if (words.size() > most_shown)
    text += "and " + std::to_string(words.size() - most_shown) + " more\n";
  return text;
}

} // namespace

std::string history_path() {
  auto state = from_environment("XDG_STATE_HOME");
  auto home = from_environment("HOME");
  if (!state.empty() && state.front() == '/')
    return state + "/holdfast/history";
  return home.empty() ? std::string{} : home + "/.local/state/holdfast/history";
}

class line_editor::implementation {
public:
  implementation(std::string prompt, std::function<completions(const std::string&)> completer)
    : prompt_{std::move(prompt)},
      completer_{std::move(completer)},
      edit_{::el_init("holdfast", stdin, stdout, stderr)},
      history_{::history_init()} {
    ::el_set(edit_, EL_CLIENTDATA, this);
    ::el_set(edit_, EL_PROMPT, &prompt_of);
    ::el_set(edit_, EL_EDITOR, "emacs");
    ::el_set(edit_, EL_SIGNAL, 1);
    HistEvent event;
    ::history(history_, &event, H_SETSIZE, kept_lines);
    ::history(history_, &event, H_SETUNIQUE, 1);
    ::el_set(edit_, EL_HIST, ::history, history_);
    // The narrow el_set() would make copies of the two texts that it never frees.
    ::el_wset(edit_, EL_ADDFN, L"complete-command", L"What may stand here", &complete_key);
    ::el_set(edit_, EL_BIND, "^I", "complete-command", nullptr);
    ::el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    ::el_source(edit_, nullptr);
    path_ = history_path();
    if (!path_.empty())
      ::history(history_, &event, H_LOAD, path_.c_str());
  }

  implementation(const implementation&) = delete;
  implementation& operator=(const implementation&) = delete;

  ~implementation() {
    ::history_end(history_);
    ::el_end(edit_);
  }

  result read(std::string& line) {
    int size = 0;
    ctrl_c::forget();
    auto* typed = ::el_gets(edit_, &size);
    if (typed == nullptr || size <= 0) {
      auto interrupted = size < 0 && ctrl_c::came();
      ctrl_c::forget();
      return interrupted ? result::interrupted : result::end;
    }
    line.assign(typed, static_cast<std::size_t>(size));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
      line.pop_back();
    return result::line;
  }

  void remember(const std::string& line) {
    if (line.empty() || line.front() == ' ')
      return;
    HistEvent event;
    ::history(history_, &event, H_ENTER, line.c_str());
    save();
  }

private:
  static char* prompt_of(EditLine* edit) { return self(edit)->prompt_.data(); }

  static implementation* self(EditLine* edit) {
    void* data = nullptr;
    ::el_get(edit, EL_CLIENTDATA, &data);
    return static_cast<implementation*>(data);
  }

  static unsigned char complete_key(EditLine* edit, int) { return self(edit)->complete(); }

  unsigned char complete() {
    auto* typed = ::el_line(edit_);
    std::string before{typed->buffer, static_cast<std::size_t>(typed->cursor - typed->buffer)};
    auto found = completer_(before);
    if (found.words.empty())
      return CC_REFRESH_BEEP;
    auto last = split(before).last;
    auto shared = shared_beginning(found.words);
    auto alone = found.words.size() == 1;
    auto more = shared.size() > last.size() ? shared.substr(last.size()) : std::string{};
    if (alone)
      more += ' ';
    if (!more.empty())
      return ::el_insertstr(edit_, more.c_str()) == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
    auto list = candidate_list(found.words, this_terminal().width);
    std::fputs(("\n" + list).c_str(), stdout);
    std::fflush(stdout);
    return CC_REDISPLAY;
  }

  /// The file may hold names of users: it is nobody else's business.
  void save() {
    if (path_.empty())
      return;
    std::error_code ec;
    std::filesystem::create_directories(std::filesystem::path{path_}.parent_path(), ec);
    auto file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
      return;
    ::fchmod(file, 0600);
    ::close(file);
    HistEvent event;
    ::history(history_, &event, H_SAVE, path_.c_str());
  }

  std::string prompt_;
  std::function<completions(const std::string&)> completer_;
  EditLine* edit_;
  History* history_;
  std::string path_;
};

line_editor::line_editor(std::string prompt,
                         std::function<completions(const std::string&)> completer)
  : implementation_{std::make_unique<implementation>(std::move(prompt), std::move(completer))} {}

line_editor::~line_editor() = default;

line_editor::result line_editor::read(std::string& line) {
  return implementation_->read(line);
}

void line_editor::remember(const std::string& line) {
  implementation_->remember(line);
}

} // namespace holdfast::console
