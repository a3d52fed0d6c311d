#include "app/command_line.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;

namespace {

using words = std::vector<std::string>;

command_line parse(const words& arguments) {
  std::vector<const char*> argv{"holdfast"};
  for (const auto& each : arguments)
    argv.push_back(each.c_str());
  return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

command parsed(const words& arguments) {
  auto line = parse(arguments);
  auto* error = std::get_if<usage_error>(&line);
  BOOST_REQUIRE_MESSAGE(error == nullptr, (error != nullptr ? error->text : ""));
  return std::get<command>(line);
}

/// The message of a refused command line; empty when it was accepted.
std::string refused(const words& arguments) {
  auto line = parse(arguments);
  auto* error = std::get_if<usage_error>(&line);
  if (error == nullptr)
    return {};
  BOOST_TEST(to_int(error->code) == 2);
  return error->text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(command_lines)

BOOST_AUTO_TEST_CASE(serve_takes_its_options) {
  auto serve = parsed({"serve", "--config", "a.toml", "--profile=production", "--listen",
                       "127.0.0.1:0", "--listen", "[::1]:8080", "--set", "pool.reserve=3",
                       "--set=node.name=a=b", "--insecure"});
  BOOST_TEST(serve.what == command::serve);
  BOOST_TEST(serve.config_file == "a.toml");
  BOOST_TEST(serve.profile == "production");
  BOOST_TEST((serve.listens == words{"127.0.0.1:0", "[::1]:8080"}));
  BOOST_TEST((serve.sets == words{"pool.reserve=3", "node.name=a=b"}));
  BOOST_TEST(serve.insecure);
}

BOOST_AUTO_TEST_CASE(debug_makes_one_line_of_its_words) {
  auto asked = parsed({"debug", "--run-dir", "/run/a", "throw", "pool/0", "two words"});
  BOOST_TEST(asked.what == command::debug);
  BOOST_TEST(asked.text == "throw pool/0 two words");
  BOOST_TEST((asked.sets == words{"node.run_dir=/run/a"}));
  BOOST_TEST(parsed({"debug", "kill", "router", "--run-dir=/a"}).text == "kill router");
  BOOST_TEST(parsed({"debug", "counts"}).sets.empty());
  BOOST_TEST(!parsed({"serve"}).debug_socket);
  BOOST_TEST(parsed({"serve", "--debug"}).debug_socket);
}

BOOST_AUTO_TEST_CASE(a_mistyped_debug_request_is_named) {
  BOOST_TEST(contains(refused({"debug", "cuonts"}), "debug cuonts; did you mean counts?"));
  BOOST_TEST(contains(refused({"debug", "kill"}), "ACTOR"));
  BOOST_TEST(!refused({"debug"}).empty());
}

BOOST_AUTO_TEST_CASE(serve_needs_no_options) {
  auto serve = parsed({"serve"});
  BOOST_TEST(serve.what == command::serve);
  BOOST_TEST((serve.config_file.empty() && serve.profile.empty() && serve.listens.empty()
              && serve.sets.empty() && !serve.insecure));
}

BOOST_AUTO_TEST_CASE(an_example_takes_no_options) {
  BOOST_TEST(parsed({"config", "example"}).what == command::config_example);
  BOOST_TEST(contains(refused({"config", "example", "--profile", "production"}), "--profile"));
  BOOST_TEST(contains(refused({"config", "exmaple"}), "did you mean example?"));
}

BOOST_AUTO_TEST_CASE(config_check_and_show_take_the_same_options) {
  for (auto [word, what] :
       {std::pair{"check", command::config_check}, std::pair{"show", command::config_show}}) {
    auto config = parsed({"config", word, "--config", "a.toml", "--profile", "p", "--listen", "x",
                          "--set", "y", "--insecure"});
    BOOST_TEST(config.what == what);
    BOOST_TEST(config.config_file == "a.toml");
    BOOST_TEST(config.profile == "p");
    BOOST_TEST((config.listens == words{"x"}));
    BOOST_TEST((config.sets == words{"y"}));
    BOOST_TEST(config.insecure);
  }
}

BOOST_AUTO_TEST_CASE(values_are_taken_as_they_are_written) {
  auto serve
    = parsed({"serve", "--set", "node.run_dir=[a,b]", "--set", "node.name=", "--set", "a=b c"});
  BOOST_TEST((serve.sets == words{"node.run_dir=[a,b]", "node.name=", "a=b c"}));
}

BOOST_AUTO_TEST_CASE(help_goes_to_standard_output) {
  auto help = parsed({"--help"});
  BOOST_TEST(help.what == command::help);
  BOOST_TEST(contains(help.text, "serve"));
  BOOST_TEST(contains(help.text, "config"));
  auto of_serve = parsed({"serve", "--help"});
  BOOST_TEST(of_serve.what == command::help);
  for (auto option : {"--config", "--profile", "--listen", "--set", "--insecure"})
    BOOST_TEST(contains(of_serve.text, option));
  BOOST_TEST(parsed({"-h"}).what == command::help);
  BOOST_TEST(contains(parsed({"config", "--help"}).text, "check"));
}

BOOST_AUTO_TEST_CASE(version_is_a_command) {
  BOOST_TEST(parsed({"--version"}).what == command::version);
}

BOOST_AUTO_TEST_CASE(a_wrong_command_suggests_the_nearest) {
  BOOST_TEST(refused({"sevre"})
             == "holdfast: there is no command sevre; did you mean serve?\n"
                "try holdfast --help\n");
  BOOST_TEST(refused({"config", "shwo"})
             == "holdfast: there is no command config shwo; did you mean show?\n"
                "try holdfast --help\n");
  BOOST_TEST(refused({"dance"}) == "holdfast: there is no command dance\ntry holdfast --help\n");
}

BOOST_AUTO_TEST_CASE(a_wrong_option_suggests_the_nearest) {
  BOOST_TEST(contains(refused({"serve", "--lisen", "127.0.0.1:0"}), "did you mean --listen?"));
  BOOST_TEST(contains(refused({"serve", "--confg=a"}), "did you mean --config?"));
  BOOST_TEST(contains(refused({"--no-such-option"}), "--no-such-option"));
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_a_usage_error) {
  for (const auto& arguments :
       {words{}, words{"config"}, words{"serve", "--config"}, words{"serve", "--listen"},
        words{"serve", "--set"}, words{"serve", "extra"}, words{"serve", "serve"},
        words{"config", "check", "show"}, words{"serve", "--config", "a", "--config", "b"},
        words{"serve", "--config", ""}, words{"serve", "--profile="}, words{"--insecure"},
        words{"--config", "a", "serve"}, words{"serve", "--listen", "a", "b"},
        words{"serve", "config", "check"}, words{""}, words{"serve", "--insecure=maybe"}}) {
    std::string line;
    for (const auto& word : arguments)
      line += " '" + word + "'";
    BOOST_TEST(refused(arguments) != "", line);
  }
}

BOOST_AUTO_TEST_CASE(no_command_shows_how_to_go_on) {
  BOOST_TEST(contains(refused({}), "Usage: holdfast"));
}

BOOST_AUTO_TEST_CASE(an_empty_argument_vector_is_no_crash) {
  auto line = parse_command_line(0, nullptr);
  BOOST_TEST(std::holds_alternative<usage_error>(line));
}

BOOST_AUTO_TEST_SUITE_END()
