#include "app/console/parse.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::console;

namespace {

using words = std::vector<std::string>;

asked read(const words& given, place where = place::command_line) {
  auto result = parse(given, where);
  if (auto* wrong = std::get_if<mistake>(&result))
    BOOST_FAIL(wrong->text);
  return std::get<asked>(result);
}

std::string refused(const words& given, place where = place::command_line) {
  auto result = parse(given, where);
  auto* wrong = std::get_if<mistake>(&result);
  return wrong == nullptr ? "accepted" : wrong->text;
}

std::string page(const words& given) {
  auto result = parse(given, place::command_line);
  auto* help = std::get_if<help_page>(&result);
  return help == nullptr ? "no help" : help->text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(console_parse)

BOOST_AUTO_TEST_CASE(one_word_of_several_means_the_list) {
  BOOST_TEST((read({"conns"}).command->what == verb::conns_list));
  BOOST_TEST((read({"conns", "--limit", "3"}).command->what == verb::conns_list));
  BOOST_TEST((read({"zombies"}).command->what == verb::zombies_list));
  BOOST_TEST((read({"actors"}).command->what == verb::actors_list));
  BOOST_TEST((read({"drain", "--plan"}).command->what == verb::drain));
  BOOST_TEST((read({"drain", "status"}).command->what == verb::drain_status));
  BOOST_TEST((read({"tree"}).command->what == verb::actors_tree));
}

BOOST_AUTO_TEST_CASE(options_and_arguments_are_kept_as_they_were_written) {
  auto kick = read(
    {"conns", "kick", "a-1", "--user", "u1", "--user=u2", "--idle-gt", "30s", "a-2", "--yes"});
  BOOST_TEST(kick.arguments == (words{"a-1", "a-2"}), boost::test_tools::per_element());
  BOOST_TEST(kick.options.at("--user") == (words{"u1", "u2"}), boost::test_tools::per_element());
  BOOST_TEST(kick.value_of("--idle-gt") == "30s");
  BOOST_TEST(kick.has("--yes"));
  BOOST_TEST(!kick.has("--dry-run"));
}

BOOST_AUTO_TEST_CASE(watch_takes_a_time_or_none) {
  BOOST_TEST(read({"status", "--watch"}).value_of("--watch") == "2s");
  BOOST_TEST(read({"status", "--watch=500ms"}).value_of("--watch") == "500ms");
  BOOST_TEST(read({"conns", "show", "--watch", "a-1"}).arguments.front() == "a-1");
  for (auto* wrong : {"often", "0s", "49ms"})
    BOOST_TEST(contains(refused({"status", std::string{"--watch="} + wrong}), "at least 50ms"));
}

BOOST_AUTO_TEST_CASE(what_was_mistyped_is_named_with_what_was_meant) {
  BOOST_TEST(contains(refused({"statsu"}), "there is no command statsu; did you mean stat"));
  BOOST_TEST(contains(refused({"conns", "lsit"}), "there is no conns lsit; did you mean list?"));
  BOOST_TEST(contains(refused({"drain", "stauts"}), "did you mean status?"));
  BOOST_TEST(
    contains(refused({"conns", "--usr", "x"}), "there is no option --usr; did you mean --user?"));
  BOOST_TEST(contains(refused({"conns", "--state", "opne"}), "did you mean open?"));
  BOOST_TEST(contains(refused({"conns", "--columns", "id,usr"}), "usr is none of"));
  BOOST_TEST(contains(refused({"closed", "--cause", "zombies"}), "zombie_count"));
  BOOST_TEST(contains(refused({"statsu"}), "try holdfast --help"));
  BOOST_TEST(contains(refused({"conns", "lsit"}), "try holdfast conns --help"));
}

BOOST_AUTO_TEST_CASE(values_of_the_wrong_form_are_refused) {
  BOOST_TEST(contains(refused({"conns", "--limit", "many"}), "whole number"));
  BOOST_TEST(contains(refused({"conns", "--limit", "-1"}), "whole number"));
  BOOST_TEST(contains(refused({"conns", "--idle-gt", "30"}), "is a time"));
  BOOST_TEST(contains(refused({"conns", "--queue-gt", "64KB"}), "is a size"));
  BOOST_TEST(contains(refused({"actors", "spawn", "ticker", "--arg", "fast"}),
                      "is KEY=VALUE, and not fast"));
  BOOST_TEST(contains(refused({"publish", "news", "{done:30}", "--data"}), "it is none"));
  BOOST_TEST(contains(refused({"conns", "--user", ""}), "is empty"));
  BOOST_TEST(contains(refused({"conns", "--route", "/a", "--route", "/b"}), "given twice"));
  BOOST_TEST(contains(refused({"conns", "show"}), "ID"));
  BOOST_TEST(contains(refused({"conns", "show", "a", "b"}), "b"));
  BOOST_TEST(contains(refused({"completion", "tcsh"}), "bash, zsh, fish"));
}

BOOST_AUTO_TEST_CASE(options_that_exclude_each_other_are_refused) {
  BOOST_TEST(
    contains(refused({"status", "--socket", "/a", "--url", "http://b"}), "do not go together"));
  BOOST_TEST(contains(refused({"status", "--token-file", "t"}), "--url"));
  BOOST_TEST(contains(refused({"conns", "--all", "--limit", "3"}), "do not go together"));
  BOOST_TEST(contains(refused({"conns", "--json", "--columns", "id"}), "do not go together"));
  BOOST_TEST(contains(refused({"health", "a-1", "--validate"}), "leave out the id"));
}

BOOST_AUTO_TEST_CASE(a_kick_must_say_whom) {
  BOOST_TEST(contains(refused({"conns", "kick"}), "say which"));
  BOOST_TEST(contains(refused({"conns", "kick", "--rate", "3", "--reason", "x"}), "say which"));
  BOOST_TEST(contains(refused({"conns", "kick", "--all", "--user", "u"}), "leave out"));
  BOOST_TEST(read({"conns", "kick", "--all"}).has("--all"));
  BOOST_TEST(read({"conns", "kick", "--route", "/a"}).has("--route"));
}

BOOST_AUTO_TEST_CASE(the_console_speaks_to_one_node) {
  BOOST_TEST(contains(refused({"status", "--socket", "/a"}, place::console), "one node"));
  BOOST_TEST(contains(refused({"console"}, place::console), "this is the console"));
  BOOST_TEST(contains(refused({"statsu"}, place::console), "try help"));
  BOOST_TEST((read({"status", "--json"}, place::console).command->what == verb::status));
}

BOOST_AUTO_TEST_CASE(every_command_has_a_page_that_fits_a_terminal) {
  for (auto& each : catalog()) {
    auto space = each.words.find(' ');
    words given{each.words.substr(0, space)};
    if (space != std::string::npos)
      given.push_back(each.words.substr(space + 1));
    given.emplace_back("--help");
    auto text = page(given);
    BOOST_TEST(contains(text, each.about), each.words);
    for (auto& option : each.options)
      BOOST_TEST(contains(text, option.name), each.words + " " + option.name);
    for (std::size_t at = 0; at < text.size();) {
      auto end = std::min(text.find('\n', at), text.size());
      BOOST_TEST(end - at <= 80u, text.substr(at, end - at));
      at = end + 1;
    }
  }
}

BOOST_AUTO_TEST_CASE(the_page_of_several_lists_them) {
  auto text = page({"conns", "--help"});
  for (auto* word : {"conns list", "conns kick", "conns trace", "--queue-gt"})
    BOOST_TEST(contains(text, word));
}

BOOST_AUTO_TEST_CASE(examples_in_help_are_commands) {
  for (auto& each : catalog())
    for (auto& example : each.examples) {
      words given;
      for (std::size_t at = 0; at < example.size();) {
        auto end = std::min(example.find(' ', at), example.size());
        given.push_back(example.substr(at, end - at));
        at = end + 1;
      }
      auto shell = std::find_if(given.begin(), given.end(), [](auto& word) {
        return word == ">" || word == "|" || word == "<";
      });
      given.erase(shell, given.end());
      BOOST_TEST(refused(given) == "accepted", example);
    }
}

BOOST_AUTO_TEST_SUITE_END()
