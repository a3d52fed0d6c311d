// The options of `holdfast bench`, kept together: CLI11 takes seconds to compile.
#include "app/bench/command_line.hpp"

#include "app/bench/frame.hpp"
#include "app/bench/handshake.hpp"
#include "app/bench/help_format.hpp"
#include "app/nearest.hpp"
#include "app/units.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <functional>

namespace holdfast::bench {

namespace {

constexpr auto of_connections = "Connections";
constexpr auto of_report = "Report";

constexpr int most_pid = 4'194'304; // PID_MAX_LIMIT of Linux

/// Everything that any mode's options are written to.
struct written {
  run_options run;
  echo_options echo;
  bool verify = false;
  bool sized = false;     ///< --size was given
  bool connected = false; ///< --connections was given
  std::uint64_t seed = verify_options{}.seed;
  idle_options idle;
  fanout_options fanout;
  drain_options drain;
};

CLI::Option& add_time(CLI::App& to, const std::string& name, duration& value,
                      const std::string& text) {
  auto parse = [&value, name](const std::string& word) {
    double seconds = 0;
    auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seconds);
    auto bare = error == std::errc{} && end == word.data() + word.size();
    constexpr double longest = 1e7;
    if (bare && seconds >= 0 && seconds <= longest)
      value = std::chrono::duration_cast<duration>(std::chrono::duration<double>{seconds});
    else if (auto parsed = parse_duration(word))
      value = *parsed;
    else
      throw CLI::ValidationError(name, "is a time: 5, 5s, 500ms or 2m, and not " + word);
  };
  return *to.add_option_function<std::string>(name, parse, text)
            ->type_name("TIME")
            ->default_str(value == duration::zero() ? "" : format_duration(value));
}

CLI::Option& add_size(CLI::App& to, std::size_t least, std::function<void(std::size_t)> take,
                      const std::string& name, const std::string& text) {
  auto parse = [least, name, take = std::move(take)](const std::string& word) {
    auto size = parse_size(word);
    if (!size || *size < least || *size > max_frame_payload)
      throw CLI::ValidationError(name, "is a size from " + std::to_string(least) + " to "
                                         + format_size(max_frame_payload) + ", and not " + word);
    take(static_cast<std::size_t>(*size));
  };
  return *to.add_option_function<std::string>(name, parse, text)->type_name("BYTES");
}

CLI::App& add_mode(CLI::App& program, const std::string& name, const std::string& text,
                   written& into) {
  auto& run = into.run;
  auto& mode = *program.add_subcommand(name, text);
  mode.add_option("URL", run.url, "ws://HOST[:PORT][/PATH], or wss://")->required();
  auto option = [&](auto& value, const char* words, const char* about, const char* type) {
    return mode.add_option(words, value, about)
      ->type_name(type)
      ->capture_default_str()
      ->group(of_connections);
  };
  option(run.fleet.connections, "--connections", "How many", "N")
    ->check(CLI::Range(1, 1'000'000))
    ->each([&into](const std::string&) { into.connected = true; });
  option(run.fleet.open_rate, "--open-rate", "Opened a second; 0: no limit", "N")
    ->check(CLI::NonNegativeNumber);
  option(run.fleet.window, "--window", "Handshakes in progress at most", "N")
    ->check(CLI::Range(1, 1'000'000));
  option(run.fleet.user_prefix, "--user-prefix", "Each is a user of its own: ?user=PREFIX0",
         "PREFIX");
  option(run.fleet.users, "--users", "They share so many user names, in turn", "N")
    ->default_str("");
  mode.add_option("--header", run.fleet.headers, "'Name: value' of the request; may be repeated")
    ->type_name("LINE")
    ->allow_extra_args(false)
    ->check([](const std::string& line) { return header_fault(line); })
    ->group(of_connections);
  mode.add_flag("--insecure", run.fleet.insecure, "wss://: accept any certificate")
    ->group(of_connections);
  mode.add_option("--server-pid", run.server_pid, "Measure this process as well")
    ->type_name("PID")
    ->check(CLI::Range(1, most_pid))
    ->group(of_report);
  mode.add_flag("--json", run.json, "One JSON object instead of a page")->group(of_report);
  return mode;
}

void add_echo(CLI::App& program, written& into) {
  auto& mode = add_mode(program, "echo", "Messages that come back, each compared", into);
  auto& echo = into.echo;
  mode.add_option("--inflight", echo.inflight, "Messages on their way on each connection")
    ->type_name("N")
    ->check(CLI::Range(1, 4096))
    ->capture_default_str();
  add_size(
    mode, 0, [&into](std::size_t size) { into.sized = true, into.echo.size = size; }, "--size",
    "Of a message; with --verify of the largest, and 1MiB")
    .default_str(format_size(echo.size));
  auto* binary = mode.add_flag("--binary", echo.binary, "Binary messages instead of text");
  auto* rate = mode.add_option("--rate", echo.rate,
                               "Messages a second over all connections; 0: as fast as they come "
                               "back");
  rate->type_name("N")->check(CLI::NonNegativeNumber)->capture_default_str();
  auto& seconds = add_time(mode, "--seconds", echo.seconds, "How long it measures");
  auto& warmup = add_time(mode, "--warmup", echo.warmup, "Before it measures");
  auto* verify = mode.add_flag("--verify", into.verify,
                               "Every size and kind of message instead of speed; 8 connections "
                               "unless told");
  verify->excludes(binary)->excludes(rate)->excludes(&seconds)->excludes(&warmup);
  mode.add_option("--seed", into.seed, "Of the random part of --verify")
    ->type_name("N")
    ->capture_default_str()
    ->needs(verify);
  mode.footer("Examples:\n"
              "  holdfast bench echo ws://127.0.0.1:8080/echo\n"
              "  holdfast bench echo ws://127.0.0.1:8080/echo --connections 100 --inflight 16\n"
              "  holdfast bench echo wss://example.org/echo --rate 1000 --seconds 30\n"
              "  holdfast bench echo ws://127.0.0.1:8080/echo --verify --size 64KiB\n"
              "With --rate, latency counts from the time a message was due, so that waiting\n"
              "for a slow server is part of it. Without, it counts from sending.");
}

void add_idle(CLI::App& program, written& into) {
  auto& mode = add_mode(program, "idle", "Connections that only answer pings", into);
  add_time(mode, "--seconds", into.idle.seconds, "How long, once all are open");
  add_size(
    mode, 0, [&into](std::size_t size) { into.idle.exchange = size; }, "--exchange",
    "First echo one message of this size on each");
  add_time(mode, "--ping-interval", into.idle.ping_interval,
           "The server's: fail if a connection gets fewer pings; 0: no matter");
  mode.footer("Examples:\n"
              "  holdfast bench idle ws://127.0.0.1:8080/ --connections 10000 --user-prefix u \\\n"
              "      --open-rate 2000 --server-pid $(pidof holdfast)");
}

void add_storm(CLI::App& program, written& into) {
  auto& mode = add_mode(program, "storm", "Everyone connects at once", into);
  mode.footer("Examples:\n"
              "  holdfast bench storm ws://127.0.0.1:8080/ --connections 10000 --window 1000");
}

void add_fanout(CLI::App& program, written& into) {
  auto& mode = add_mode(program, "fanout", "One publishes, everyone gets it", into);
  mode.add_option("--rate", into.fanout.rate, "Publications a second")
    ->type_name("N")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  mode.add_option("--topics", into.run.fleet.topics, "Connections share so many: ?topic=t0")
    ->type_name("N")
    ->check(CLI::Range(1, 1'000'000));
  add_size(
    mode, 16, [&into](std::size_t size) { into.fanout.size = size; }, "--size", "Of a message")
    .default_str(format_size(into.fanout.size));
  add_time(mode, "--seconds", into.fanout.seconds, "How long it measures");
  add_time(mode, "--warmup", into.fanout.warmup, "Before it measures");
  mode.footer("Examples:\n"
              "  holdfast bench fanout ws://127.0.0.1:8080/broadcast --connections 1000\n"
              "  holdfast bench fanout ws://127.0.0.1:8080/ --connections 1000 --topics 100\n"
              "The server has to send each message on the path to everyone there, the first\n"
              "connection included, which publishes. With --topics they publish in turn, one in\n"
              "each topic, to those in it. Latency counts from the publication.");
}

void add_drain(CLI::App& program, written& into) {
  auto& mode
    = add_mode(program, "drain", "SIGTERM to the server, and how clients are let go", into);
  mode.get_option("--server-pid")->required();
  mode.add_option("--share-v1", into.drain.share_v1, "Of the clients, speaks holdfast.v1")
    ->type_name("0..1")
    ->check(CLI::Range(0.0, 1.0))
    ->capture_default_str();
  add_time(mode, "--give-up", into.drain.give_up, "After the signal");
  auto& plan = into.drain.plan;
  auto* rate = mode.add_option("--reconnect-rate", plan.reconnect_rate,
                               "The server's setting: compare with the plan");
  rate->type_name("N")->check(CLI::PositiveNumber);
  add_time(mode, "--drain-timeout", plan.drain_timeout, "The server's setting");
  add_time(mode, "--flush-timeout", plan.flush_timeout, "The server's setting");
  add_time(mode, "--close-timeout", plan.close_timeout, "The server's setting");
  add_time(mode, "--restart-allowance", plan.restart_allowance, "The server's setting");
  rate->needs(mode.get_option("--drain-timeout"));
  mode.footer("Examples:\n"
              "  holdfast bench drain ws://127.0.0.1:8080/echo --connections 1000 \\\n"
              "      --server-pid $(pidof holdfast)");
}

request request_of(const std::string& mode, const written& into) {
  request result{into.run, echo_options{into.echo}};
  if (mode == "idle")
    result.mode = into.idle;
  if (mode == "storm")
    result.mode = storm_options{};
  if (mode == "fanout")
    result.mode = into.fanout;
  if (mode == "drain")
    result.mode = into.drain;
  if (mode != "echo" || !into.verify)
    return result;
  verify_options verify;
  verify.inflight = into.echo.inflight;
  verify.seed = into.seed;
  if (into.sized)
    verify.size = into.echo.size;
  if (!into.connected)
    result.run.fleet.connections = verify_options::connections;
  result.mode = verify;
  return result;
}

mistake wrong(const std::string& mode, const std::string& text) {
  return {"holdfast bench" + mode + ": " + text + "\ntry holdfast bench" + mode + " --help\n"};
}

std::vector<std::string> modes_of(const CLI::App& program) {
  std::vector<std::string> names;
  for (auto* mode : program.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(mode->get_name());
  return names;
}

/// The first of `words` that looks like an option and is none of `mode`, and what was meant; empty:
/// there is none.
std::string unknown_option(const CLI::App& mode, const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (auto* option : mode.get_options())
    for (auto& name : option->get_lnames())
      names.push_back("--" + name);
  for (auto& word : words) {
    auto name = word.substr(0, word.find('='));
    auto known = std::find(names.begin(), names.end(), name) != names.end();
    if (name.size() > 2 && name.compare(0, 2, "--") == 0 && !known)
      return "there is no option " + name + did_you_mean(name, names);
  }
  return {};
}

constexpr auto about = "Put a WebSocket server under load: any server, ws:// or wss://";
constexpr auto how_to_go_on
  = "Examples:\n"
    "  holdfast bench echo ws://127.0.0.1:8080/echo\n"
    "  holdfast bench fanout ws://127.0.0.1:8080/broadcast --connections 1000\n"
    "  holdfast bench echo --help\n"
    "Ctrl-C ends a run early, with a report of what was measured.\n"
    "Exit codes: 0 all held, 1 something did not, 2 the run was not possible,\n"
    "130 interrupted.";

} // namespace

parsed_words parse_words(const std::vector<std::string>& words) {
  CLI::App program{about, "holdfast bench"};
  program.formatter(std::make_shared<help_format>());
  program.require_subcommand(1);
  program.footer(how_to_go_on);
  written into;
  add_echo(program, into);
  add_idle(program, into);
  add_storm(program, into);
  add_fanout(program, into);
  add_drain(program, into);
  if (words.empty())
    return mistake{program.help()};
  auto modes = modes_of(program);
  auto is_mode = std::find(modes.begin(), modes.end(), words[0]) != modes.end();
  if (!is_mode && words[0].compare(0, 1, "-") != 0)
    return wrong("", "there is no " + words[0] + did_you_mean(words[0], modes));
  try {
    // It takes them from the back.
    program.parse(std::vector<std::string>{words.rbegin(), words.rend()});
  } catch (const CLI::CallForHelp&) {
    return help_page{program.help()};
  } catch (const CLI::ParseError& error) {
    if (!is_mode)
      return wrong("", error.what());
    auto& mode = *program.get_subcommand(words[0]);
    auto unknown = unknown_option(mode, words);
    return wrong(" " + words[0], unknown.empty() ? error.what() : unknown);
  }
  return request_of(words[0], into);
}

} // namespace holdfast::bench
