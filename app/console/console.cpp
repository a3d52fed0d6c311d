#include "app/console/console.hpp"

#include "app/console/complete.hpp"
#include "app/console/completion_script.hpp"
#include "app/console/editor.hpp"
#include "app/console/names.hpp"
#include "app/console/node.hpp"
#include "app/console/repl.hpp"
#include "app/console/session.hpp"
#include "app/console/terminal.hpp"
#include "app/console/text.hpp"
#include "app/console/top.hpp"
#include "app/console/words.hpp"

#include <clocale>
#include <iostream>

namespace holdfast::console {

namespace {

/// For names to complete: nobody wants to wait for them.
constexpr auto moment = std::chrono::milliseconds{300};

stage this_stage(bool in_console) {
  auto terminal = this_terminal();
  stage at{std::cout, std::cerr, {terminal.width, terminal.colour, today(), !terminal.width_known}};
  at.redraws = terminal.output;
  if (terminal.input && terminal.error)
    at.ask = says_yes;
  at.wait = wait_or_ctrl_c;
  if (terminal.output && !in_console)
    at.show = [height = terminal.height](const std::string& text) { page(text, height); };
  return at;
}

exit_code carry_out(const asked& what, api& node, const std::string& address, bool in_console) {
  if (what.command->what == verb::completion) {
    std::cout << completion_script(what.arguments.front());
    return exit_code::ok;
  }
  if (what.command->what == verb::top)
    return top(what, node, address, std::cerr);
  return session{node, address, this_stage(in_console)}.carry_out(what);
}

/// The node's name, for the prompt; nothing after saying why there is none.
std::optional<std::string> name_of(api& node, const std::string& address, exit_code& code) {
  auto answered = node.ask({"GET", "/v1/status", ""});
  auto* whole = std::get_if<answer>(&answered);
  auto status = whole == nullptr ? std::nullopt : parse_json(whole->body);
  if (whole != nullptr && whole->status == 200 && status)
    return text(at(*status, {"node"}), "name");
  auto trouble = whole == nullptr       ? mishap_of(std::get<no_answer>(answered), address)
                 : whole->status != 200 ? mishap_of(*whole, address)
                                        : nonsense(address);
  std::cerr << "holdfast: " << trouble.text << '\n';
  code = trouble.code;
  return {};
}

exit_code type_commands(const node_choice& chosen, api& node, const runner& carry_out) {
  auto code = exit_code::ok;
  auto name = name_of(node, chosen.address, code);
  if (!name)
    return code;
  auto quick = chosen;
  quick.patience = moment;
  auto asking = make_api(quick);
  auto names = names_from(*asking);
  line_editor editor{
    *name + "> ", [&](const std::string& line) { return complete(line, place::console, names); }};
  std::cout << "node " << *name << "; help lists the commands, Ctrl-D leaves\n" << std::flush;
  for (auto left = false; !left;) {
    std::string line;
    switch (editor.read(line)) {
    case line_editor::result::end: std::cout << '\n' << std::flush; return exit_code::ok;
    case line_editor::result::interrupted: std::cout << '\n' << std::flush; continue;
    case line_editor::result::line: break;
    }
    editor.remember(line);
    run_line(line, carry_out, std::cout, std::cerr, left);
    std::cout << (ctrl_c::came() ? "\n" : "") << std::flush; // behind the ^C
  }
  return exit_code::ok;
}

exit_code console(const node_choice& chosen) {
  auto terminal = this_terminal();
  if (!terminal.input || !terminal.output) {
    auto node = make_api(chosen);
    return run_script(
      std::cin, [&](const asked& what) { return carry_out(what, *node, chosen.address, true); },
      std::cout, std::cerr);
  }
  ctrl_c noted; // it clears the line, or ends a stream; it does not end the console
  auto node = make_api(chosen, ctrl_c::came);
  return type_commands(chosen, *node, [&](const asked& what) {
    ctrl_c::forget();
    return carry_out(what, *node, chosen.address, true);
  });
}

/// What of the line says which node is meant; the rest may be unfinished.
asked node_words(const std::vector<std::string>& words) {
  asked found;
  for (std::size_t i = 0; i < words.size(); ++i)
    for (auto& option : node_options()) {
      if (words[i] == option.name && i + 1 < words.size())
        found.options[option.name] = {words[i + 1]};
      if (words[i].compare(0, option.name.size() + 1, option.name + "=") == 0)
        found.options[option.name] = {words[i].substr(option.name.size() + 1)};
    }
  found.options.erase("--timeout"); // a moment is what it gets
  return found;
}

} // namespace

bool names_node(const asked& what) {
  return what.has("--socket") || what.has("--run-dir") || what.has("--url")
         || what.command->what == verb::completion;
}

exit_code run(const asked& what, const std::string& usual_socket) {
  std::setlocale(LC_CTYPE, "");
  auto chosen = choose_node(what, usual_socket);
  if (auto* wrong = std::get_if<std::string>(&chosen)) {
    std::cerr << "holdfast: " << *wrong << '\n';
    return exit_code::usage;
  }
  auto& node = std::get<node_choice>(chosen);
  if (what.command->what == verb::console)
    return console(node);
  auto speaks = make_api(node);
  auto code = carry_out(what, *speaks, node.address, false);
  if (std::cout.flush())
    return code;
  std::cerr << "holdfast: what was to be printed could not be written\n";
  return exit_code::failed;
}

exit_code complete_for_shell(const std::string& line, const std::string& usual_socket) {
  auto behind = line.find_first_of(" \t", line.find_first_not_of(" \t"));
  auto rest = behind == std::string::npos ? std::string{} : line.substr(behind);
  auto chosen = choose_node(node_words(split(rest).words), usual_socket);
  std::unique_ptr<api> node;
  name_source names;
  if (auto* choice = std::get_if<node_choice>(&chosen)) {
    choice->patience = moment;
    node = make_api(*choice);
    names = names_from(*node);
  }
  auto found = complete(rest, place::command_line, names);
  std::cout << (found.files ? "files\n" : "words\n");
  for (auto& each : found.words)
    std::cout << each.word << (each.about.empty() ? "" : "\t" + each.about) << '\n';
  return exit_code::ok;
}

} // namespace holdfast::console
