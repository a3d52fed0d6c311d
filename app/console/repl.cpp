#include "app/console/repl.hpp"

#include "app/console/parse.hpp"
#include "app/console/words.hpp"

#include <istream>
#include <ostream>

namespace holdfast::console {

namespace {

exit_code help(std::vector<std::string> words, std::ostream& out, std::ostream& err) {
  words.erase(words.begin());
  if (words.empty()) {
    out << command_list(place::console)
        << "  help COMMAND           What it takes\n"
           "  exit                   Leave; so does Ctrl-D\n";
    return exit_code::ok;
  }
  words.emplace_back("--help");
  auto page = parse(words, place::console);
  if (auto* wrong = std::get_if<mistake>(&page)) {
    err << wrong->text;
    return exit_code::usage;
  }
  if (auto* text = std::get_if<help_page>(&page))
    out << text->text;
  return exit_code::ok;
}

} // namespace

exit_code run_line(const std::string& line, const runner& carry_out, std::ostream& out,
                   std::ostream& err, bool& left) {
  auto parts = split(line);
  if (parts.words.empty() || parts.words[0].compare(0, 1, "#") == 0)
    return exit_code::ok;
  if (parts.open_quote) {
    err << "holdfast: a quotation mark is not closed\n";
    return exit_code::usage;
  }
  if (parts.words[0] == "exit" || parts.words[0] == "quit") {
    left = true;
    return exit_code::ok;
  }
  if (parts.words[0] == "help")
    return help(parts.words, out, err);
  auto parsed = parse(parts.words, place::console);
  if (auto* wrong = std::get_if<mistake>(&parsed)) {
    err << wrong->text;
    return exit_code::usage;
  }
  if (auto* page = std::get_if<help_page>(&parsed)) {
    out << page->text;
    return exit_code::ok;
  }
  return carry_out(std::get<asked>(parsed));
}

exit_code run_script(std::istream& in, const runner& carry_out, std::ostream& out,
                     std::ostream& err) {
  std::string line;
  auto left = false;
  for (std::size_t number = 1; !left && std::getline(in, line); ++number) {
    auto code = run_line(line, carry_out, out, err, left);
    out << std::flush;
    if (code != exit_code::ok) {
      err << "holdfast: line " << number << " failed; the rest was not carried out\n";
      return code;
    }
  }
  return exit_code::ok;
}

} // namespace holdfast::console
