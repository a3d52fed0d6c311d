// The configuration, from whatever text its sources hold.
//
// Input: the file. 0xff ends it and begins another source, up to the next 0xff: `s` the text of
// --set, `l` of --listen, `p` of --profile, `e` a variable of the environment without HOLDFAST_,
// `x` XDG_RUNTIME_DIR, `f` the file's path.

#include "app/config.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace holdfast::fuzz {

namespace {

config_sources no_sources() {
  config_sources sources;
  sources.file = "holdfast.toml";
  sources.handlers = {"broadcast", "echo", "topics"};
  sources.host = {"box", 2, 1000};
  return sources;
}

config_sources read_sources(std::string_view input) {
  auto sources = no_sources();
  auto end = std::min(input.find('\xff'), input.size());
  sources.file_text = input.substr(0, end);
  while (end < input.size()) {
    input.remove_prefix(end + 1);
    end = std::min(input.find('\xff'), input.size());
    if (end == 0)
      continue;
    // A command line or an environment has no NUL.
    std::string text{input.substr(1, std::min(end, input.find('\0')) - 1)};
    switch (input.front()) {
    case 's': sources.sets.push_back(text); break;
    case 'l': sources.listens.push_back(text); break;
    case 'p': sources.profile = text; break;
    case 'e': sources.environment.push_back("HOLDFAST_" + text); break;
    case 'x': sources.environment.push_back("XDG_RUNTIME_DIR=" + text); break;
    case 'f': sources.file = text; break;
    default: break;
    }
  }
  return sources;
}

/// Lengths of the lines of `text`, in bytes.
std::vector<std::size_t> line_lengths(std::string_view text) {
  std::vector<std::size_t> lengths;
  for (std::size_t from = 0; from <= text.size();) {
    auto end = std::min(text.find('\n', from), text.size());
    lengths.push_back(end - from);
    from = end + 1;
  }
  return lengths;
}

/// Takes ":7" off the front.
std::size_t take_number(std::string_view& text) {
  require(!text.empty() && text.front() == ':', "a place is file:line:column");
  text.remove_prefix(1);
  std::size_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  require(error == std::errc{}, "a place is numbers");
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// `place` may go on after the column.
void check_place(std::string_view place, const config_sources& sources) {
  place.remove_prefix(sources.file.size());
  auto lengths = line_lengths(*sources.file_text);
  auto line = take_number(place);
  auto column = take_number(place);
  require_between(1, line, lengths.size(), "a line is one of the file's");
  // The end of the text is told as what follows the last line feed.
  require_between(1, column, lengths[line - 1] + 2, "a column is one of the line's");
}

bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

void check_line(const std::string& text) {
  require(!text.empty(), "a message says something");
  auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  require(std::none_of(text.begin(), text.end(), control), "a message is one line");
}

void check_messages(const config_result& result, const config_sources& sources) {
  for (const auto& error : result.errors) {
    check_line(error);
    if (sources.file == no_sources().file && begins(error, sources.file + ":"))
      check_place(error, sources);
  }
  for (const auto& warning : result.warnings)
    check_line(warning);
}

/// As TOML, without where the values came from.
std::string values_of(const config_result& result) {
  auto bare = result;
  bare.origins.clear();
  return render_show(bare);
}

void check_shown(const config_result& result) {
  auto sources = no_sources();
  sources.file_text = render_show(result);
  sources.insecure = true;
  auto again = load_config(sources);
  for (const auto& error : again.errors)
    std::fprintf(stderr, "%s\n", error.c_str());
  require(again.ok(), "what is shown can be loaded");
  require(values_of(again) == values_of(result), "what is shown are the values");
  require(again.warnings.size() >= result.warnings.size(), "and it is warned of as much");
}

} // namespace

} // namespace holdfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::fuzz;
  auto sources = read_sources({reinterpret_cast<const char*>(data), size});
  auto result = holdfast::load_config(sources);
  check_messages(result, sources);
  holdfast::render_errors(result);
  if (result.ok()) {
    holdfast::render_check(result);
    check_shown(result);
  }
  return 0;
}
