#include "app/bench/command_line.hpp"

#include "app/command_line.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace holdfast;
using namespace holdfast::bench;
using namespace std::chrono_literals;

namespace {

/// Splits at blanks.
std::vector<std::string> words(const std::string& line) {
  std::istringstream in{line};
  std::vector<std::string> result;
  for (std::string word; in >> word;)
    result.push_back(word);
  return result;
}

request asked(const std::string& line) {
  auto parsed = parse_words(words(line));
  auto* wrong = std::get_if<mistake>(&parsed);
  BOOST_REQUIRE_MESSAGE(std::holds_alternative<request>(parsed), (wrong ? wrong->text : "help"));
  return std::get<request>(parsed);
}

template <class Options>
Options mode(const std::string& line) {
  auto found = asked(line);
  BOOST_REQUIRE(std::holds_alternative<Options>(found.mode));
  return std::get<Options>(found.mode);
}

/// The text of a mistake; empty when there is none.
std::string wrong(const std::string& line) {
  auto parsed = parse_words(words(line));
  auto* found = std::get_if<mistake>(&parsed);
  return found ? found->text : "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bench_command_line)

BOOST_AUTO_TEST_CASE(echo_takes_its_options) {
  auto echo = mode<echo_options>("echo ws://a --inflight 16 --size 1KiB --binary --rate 2000 "
                                 "--seconds 2.5 --warmup 500ms");
  BOOST_TEST((echo.inflight == 16u && echo.size == 1024u && echo.binary && echo.rate == 2000));
  BOOST_TEST((echo.seconds == 2500ms && echo.warmup == 500ms));
}

BOOST_AUTO_TEST_CASE(common_options_hold_for_every_mode) {
  for (std::string name : {"echo", "idle", "storm", "fanout", "drain"}) {
    auto run = asked(name
                     + " ws://a/b --connections 7 --open-rate 50 --window 3 --user-prefix p "
                       "--users 2 --header X:1 --header Y:2 --insecure --server-pid 12 --json")
                 .run;
    BOOST_TEST(run.url == "ws://a/b");
    BOOST_TEST(
      (run.fleet.connections == 7u && run.fleet.open_rate == 50 && run.fleet.window == 3u));
    BOOST_TEST((run.fleet.user_of(0) == "p0" && run.fleet.user_of(3) == "p1"));
    BOOST_TEST((run.fleet.headers == std::vector<std::string>{"X:1", "Y:2"}));
    BOOST_TEST((run.fleet.insecure && run.json && run.server_pid == 12));
  }
}

BOOST_AUTO_TEST_CASE(verification_has_sizes_and_connections_of_its_own) {
  auto usual = asked("echo ws://a --verify");
  BOOST_TEST(usual.run.fleet.connections == 8u);
  BOOST_TEST(std::get<verify_options>(usual.mode).size == 1u << 20);
  auto told = asked("echo ws://a --verify --size 64KiB --connections 100 --inflight 4 --seed 9");
  BOOST_TEST(told.run.fleet.connections == 100u);
  auto verify = std::get<verify_options>(told.mode);
  BOOST_TEST((verify.size == 65536u && verify.inflight == 4u && verify.seed == 9u));
}

BOOST_AUTO_TEST_CASE(the_other_modes_take_their_options) {
  auto idle = mode<idle_options>("idle ws://a --seconds 2m --exchange 0 --ping-interval 5s");
  BOOST_TEST((idle.seconds == 2min && idle.exchange == 0u && idle.ping_interval == 5s));
  BOOST_TEST(!mode<idle_options>("idle ws://a").exchange.has_value());
  auto fanout = mode<fanout_options>("fanout ws://a --rate 0.5 --size 16");
  BOOST_TEST((fanout.rate == 0.5 && fanout.size == 16u));
  auto topics = asked("fanout ws://a --topics 3").run.fleet;
  BOOST_TEST((topics.topic_of(2) == "t2" && topics.topic_of(3) == "t0"));
  BOOST_TEST(asked("fanout ws://a").run.fleet.topic_of(3) == "");
  mode<storm_options>("storm ws://a");
  auto drain = mode<drain_options>("drain ws://a --server-pid 1 --share-v1 0.25 "
                                   "--reconnect-rate 500 --drain-timeout 30s --close-timeout 5");
  BOOST_TEST((drain.share_v1 == 0.25 && drain.plan.reconnect_rate == 500));
  BOOST_TEST((drain.plan.drain_timeout == 30s && drain.plan.close_timeout == 5s));
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_a_mistake) {
  for (auto line : {"echo",
                    "echo ws://a ws://b",
                    "echo ws://a --connections 0",
                    "echo ws://a --connections x",
                    "echo ws://a --inflight 0",
                    "echo ws://a --size 17MiB",
                    "echo ws://a --size -1",
                    "echo ws://a --rate -1",
                    "echo ws://a --seconds soon",
                    "echo ws://a --seconds -1",
                    "echo ws://a --seconds",
                    "echo ws://a --header nothing",
                    "echo ws://a --seed 1",
                    "echo ws://a --verify --rate 5",
                    "echo ws://a --verify --seconds 5",
                    "echo ws://a --verify --binary",
                    "fanout ws://a --size 15",
                    "fanout ws://a --rate 0",
                    "fanout ws://a --topics 0",
                    "echo ws://a --topics 2",
                    "drain ws://a",
                    "drain ws://a --server-pid 0",
                    "drain ws://a --server-pid 1 --share-v1 2",
                    "drain ws://a --server-pid 1 --reconnect-rate 5",
                    "storm ws://a --inflight 2",
                    "echo ws://a storm ws://b",
                    "--json echo ws://a",
                    "dance ws://a"})
    BOOST_TEST(wrong(line) != "", line);
}

BOOST_AUTO_TEST_CASE(a_mistyped_word_is_answered_with_the_nearest) {
  BOOST_TEST(wrong("ehco ws://a")
             == "holdfast bench: there is no ehco; did you mean echo?\n"
                "try holdfast bench --help\n");
  BOOST_TEST(wrong("idle ws://a --conections 5")
             == "holdfast bench idle: there is no option --conections; did you mean "
                "--connections?\ntry holdfast bench idle --help\n");
  BOOST_TEST(contains(wrong("echo ws://a --verfy"), "--verify?"));
}

BOOST_AUTO_TEST_CASE(pages_of_help_have_examples_and_fit_a_terminal) {
  for (std::string line :
       {"--help", "echo --help", "idle -h", "storm --help", "fanout --help", "drain --help"}) {
    auto parsed = parse_words(words(line));
    BOOST_REQUIRE(std::holds_alternative<help_page>(parsed));
    auto text = std::get<help_page>(parsed).text;
    BOOST_TEST(contains(text, "Examples:"));
    std::istringstream in{text};
    for (std::string row; std::getline(in, row);)
      BOOST_TEST(row.size() <= 80u, row);
  }
}

BOOST_AUTO_TEST_CASE(bench_alone_shows_how_to_go_on) {
  BOOST_TEST(contains(wrong(""), "Usage: holdfast bench"));
  const char* argv[] = {"holdfast", "bench"};
  auto line = parse_command_line(2, argv);
  BOOST_REQUIRE(std::holds_alternative<usage_error>(line));
  BOOST_TEST(to_int(std::get<usage_error>(line).code) == 2);
}

BOOST_AUTO_TEST_CASE(bench_is_a_command_of_holdfast) {
  const char* argv[] = {"holdfast", "bench", "storm", "ws://a", "--connections", "3"};
  auto line = parse_command_line(6, argv);
  BOOST_REQUIRE(std::holds_alternative<command>(line));
  auto& parsed = std::get<command>(line);
  BOOST_TEST(parsed.what == command::bench);
  BOOST_TEST(parsed.load.run.fleet.connections == 3u);
  const char* mistyped[] = {"holdfast", "bnech"};
  auto wrong_line = parse_command_line(2, mistyped);
  BOOST_TEST(contains(std::get<usage_error>(wrong_line).text, "did you mean bench?"));
  const char* help[] = {"holdfast", "bench", "--help"};
  auto page = parse_command_line(3, help);
  BOOST_TEST(std::get<command>(page).what == command::help);
}

BOOST_AUTO_TEST_SUITE_END()
