// holdfast_bench_load: puts a WebSocket server under load and says what it saw.
//
// A program of its own: one thread, one epoll set, none of the server's code but its clock types.
// Its parts are headers in load/, because a benchmark is built from one source file.
#include "tests/benchmark/load/drain.hpp"
#include "tests/benchmark/load/echo.hpp"
#include "tests/benchmark/load/idle.hpp"
#include "tests/benchmark/load/storm.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>

namespace holdfast::load {

namespace {

// "30s", "500ms", "2m", or a bare number of seconds.
void add_seconds(CLI::App& to, const std::string& name, double& value, const std::string& text) {
  to.add_option(name, value, text)
    ->transform(
      CLI::AsNumberWithUnit(std::map<std::string, double>{{"ms", 1e-3}, {"s", 1}, {"m", 60}}))
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
}

CLI::App& add_mode(CLI::App& program, const std::string& name, const std::string& text,
                   run_options& run) {
  auto& mode = *program.add_subcommand(name, text);
  mode.add_option("url", run.url, "ws://HOST:PORT/PATH")->required();
  mode.add_option("--connections", run.connections, "how many clients")
    ->check(CLI::Range(1, 1'000'000))
    ->capture_default_str();
  mode.add_option("--users", run.users, "clients share so many user names, in turn");
  mode.add_option("--user-prefix", run.user_prefix, "begins user names; alone: one name a client");
  mode.add_option("--rate", run.how.rate, "connections opened a second; 0: no limit")
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
  mode.add_option("--window", run.how.window, "handshakes in progress at most")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  mode.add_option("--server-pid", run.server_pid, "measure this process")
    ->check(CLI::PositiveNumber);
  mode.add_flag("--json", run.json, "print one JSON object");
  return mode;
}

void add_idle(CLI::App& program, run_options& run, idle_options& options) {
  auto& mode = add_mode(program, "idle", "connections that only answer pings", run);
  add_seconds(mode, "--seconds", options.seconds, "how long, once all are open");
  mode.add_option("--exchange", options.exchange, "first echo one message of so many bytes each");
  add_seconds(mode, "--ping-interval", options.ping_interval,
              "fail if a connection gets fewer pings than this promises");
}

void add_echo(CLI::App& program, run_options& run, echo_options& options) {
  auto& mode = add_mode(program, "echo", "messages sent back, each compared", run);
  add_seconds(mode, "--seconds", options.seconds, "how long it measures");
  add_seconds(mode, "--warmup", options.warmup, "before it measures");
  mode.add_option("--inflight", options.inflight, "messages on their way on each connection")
    ->check(CLI::Range(1, 4096))
    ->capture_default_str();
  mode.add_option("--size", options.size, "bytes of a message")
    ->check(CLI::Range(std::size_t{0}, static_cast<std::size_t>(max_frame_payload)))
    ->capture_default_str();
  mode.add_flag("--binary", options.binary, "binary messages instead of text");
}

void add_drain(CLI::App& program, run_options& run, drain_options& options) {
  auto& mode = add_mode(program, "drain", "SIGTERM to the server, and how clients are let go", run);
  mode.get_option("--server-pid")->required();
  mode.add_option("--share-v1", options.share_v1, "of the clients, speak holdfast.v1")
    ->check(CLI::Range(0.0, 1.0))
    ->capture_default_str();
  add_seconds(mode, "--give-up", options.give_up, "after the signal");
  auto& plan = options.plan;
  auto* rate = mode
                 .add_option("--reconnect-rate", plan.reconnect_rate,
                             "the server's setting: compare with the plan")
                 ->check(CLI::PositiveNumber);
  add_seconds(mode, "--drain-timeout", plan.drain_timeout, "the server's setting");
  add_seconds(mode, "--flush-timeout", plan.flush_timeout, "the server's setting");
  add_seconds(mode, "--close-timeout", plan.close_timeout, "the server's setting");
  add_seconds(mode, "--restart-allowance", plan.restart_allowance, "the server's setting");
  rate->needs("--drain-timeout");
}

int finish(json report, const verdict& judge, bool as_json) {
  report["failures"] = judge.failures();
  if (as_json)
    std::puts(report.dump().c_str());
  else
    print_table(report);
  return judge.failures().empty() ? 0 : 1;
}

int run(int argc, char** argv) {
  CLI::App program{
    "Puts a WebSocket server under load. Exit codes: 0 all held, 1 something did not "
    "(see failures), 2 the run was not possible."};
  program.require_subcommand(1);
  run_options run;
  idle_options idle;
  echo_options echo;
  drain_options drain;
  add_idle(program, run, idle);
  add_echo(program, run, echo);
  add_mode(program, "storm", "everyone connects at once", run);
  add_drain(program, run, drain);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return program.exit(e) == 0 ? 0 : 2;
  }
  verdict judge;
  if (program.got_subcommand("idle"))
    return finish(run_idle(run, idle, judge), judge, run.json);
  if (program.got_subcommand("echo"))
    return finish(run_echo(run, echo, judge), judge, run.json);
  if (program.got_subcommand("storm"))
    return finish(run_storm(run, judge), judge, run.json);
  return finish(run_drain(run, drain, judge), judge, run.json);
}

} // namespace

} // namespace holdfast::load

int main(int argc, char** argv) {
  try {
    return holdfast::load::run(argc, argv);
  } catch (const holdfast::load::failure& e) {
    std::fprintf(stderr, "holdfast_bench_load: %s\n", e.what());
    return 2;
  }
}
