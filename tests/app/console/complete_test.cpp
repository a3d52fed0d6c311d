#include "app/console/complete.hpp"
#include "app/console/completion_script.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace holdfast::console;

namespace {

std::vector<std::string> words_for(const std::string& line, place where = place::command_line,
                                   const name_source& names = {}) {
  std::vector<std::string> words;
  for (auto& each : complete(line, where, names).words)
    words.push_back(each.word);
  return words;
}

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> names(value kind) {
  if (kind == value::connection)
    return {"a-1-0001", "a-1-0002", "b-7"};
  if (kind == value::user)
    return {"ann", "bob", "$(reboot)", "a b", "x;y", "J\xc3\xbcrgen", "-v", "q\x1b[2J", "`id`"};
  return {"pool", "pool/0"};
}

} // namespace

BOOST_AUTO_TEST_SUITE(console_complete)

BOOST_AUTO_TEST_CASE(the_first_word_is_a_command) {
  auto all = words_for("");
  for (auto* word : {"status", "conns", "drain", "console", "serve", "bench"})
    BOOST_TEST(has(all, word), word);
  BOOST_TEST(std::count(all.begin(), all.end(), "conns") == 1);
  BOOST_TEST(words_for("sta") == (std::vector<std::string>{"status", "stats"}),
             boost::test_tools::per_element());
  auto inside = words_for("", place::console);
  BOOST_TEST((has(inside, "help") && has(inside, "exit") && has(inside, "conns")));
  BOOST_TEST((!has(inside, "console") && !has(inside, "serve")));
}

BOOST_AUTO_TEST_CASE(the_second_word_belongs_to_the_first) {
  BOOST_TEST(words_for("conns k") == (std::vector<std::string>{"kick"}),
             boost::test_tools::per_element());
  BOOST_TEST(has(words_for("drain "), "cancel"));
  BOOST_TEST(words_for("status ").empty());
  BOOST_TEST(has(words_for("help conns ", place::console), "trace"));
}

BOOST_AUTO_TEST_CASE(options_are_those_of_the_command) {
  auto options = words_for("conns kick --");
  BOOST_TEST((has(options, "--dry-run") && has(options, "--queue-gt") && has(options, "--socket")));
  BOOST_TEST(!has(options, "--cursor"));
  BOOST_TEST(!has(words_for("conns kick --", place::console), "--socket"));
  auto again = words_for("conns kick --yes --user a --");
  BOOST_TEST((!has(again, "--yes") && has(again, "--user"))); // which may be repeated
}

BOOST_AUTO_TEST_CASE(values_are_those_of_the_option) {
  BOOST_TEST(words_for("conns --state s") == (std::vector<std::string>{"suspect"}),
             boost::test_tools::per_element());
  BOOST_TEST(has(words_for("conns --state=z"), "--state=zombie"));
  BOOST_TEST(has(words_for("closed --cause slow"), "slow_consumer"));
  BOOST_TEST(has(words_for("conns --columns id,us"), "id,user"));
  BOOST_TEST(has(words_for("completion "), "fish"));
  BOOST_TEST(complete("status --socket ", place::command_line, {}).files);
  BOOST_TEST(words_for("conns --limit ").empty());
}

BOOST_AUTO_TEST_CASE(names_are_asked_for_where_they_belong) {
  BOOST_TEST(words_for("conns show a-1", place::command_line, names)
               == (std::vector<std::string>{"a-1-0001", "a-1-0002"}),
             boost::test_tools::per_element());
  BOOST_TEST(has(words_for("health ", place::command_line, names), "b-7"));
  BOOST_TEST(has(words_for("closed --user b", place::console, names), "bob"));
  BOOST_TEST(has(words_for("conns --user=b", place::console, names), "--user=bob"));
  BOOST_TEST(has(words_for("actors show pool/", place::console, names), "pool/0"));
  BOOST_TEST(words_for("conns show a-1-0001 ", place::console, names).empty());
  BOOST_TEST(has(words_for("conns kick a-1-0001 ", place::console, names), "b-7"));
}

BOOST_AUTO_TEST_CASE(names_that_a_shell_would_obey_are_not_offered) {
  auto users = words_for("closed --user ", place::command_line, names);
  BOOST_TEST(users == (std::vector<std::string>{"ann", "bob", "J\xc3\xbcrgen"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(there_is_a_script_for_each_shell) {
  for (auto* shell : {"bash", "zsh", "fish"})
    BOOST_TEST(completion_script(shell).find("__complete") != std::string::npos, shell);
  BOOST_TEST(completion_script("tcsh").empty());
}

BOOST_AUTO_TEST_SUITE_END()
