#include "app/config_keys.hpp"
#include "tests/app/config_sources.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace holdfast;

namespace {

/// Takes away the # of each line that would set something.
std::string all_set(const std::string& example) {
  std::istringstream lines{example};
  std::string text, line;
  while (std::getline(lines, line))
    text += (line.size() > 1 && line[0] == '#' && line[1] != ' ' ? line.substr(1) : line) + "\n";
  return text;
}

config_result on_the_example_host(std::string file) {
  config_sources sources;
  sources.handlers = {"broadcast", "echo", "topics"};
  sources.file = "example.toml";
  sources.file_text = std::move(file);
  return load_config(sources);
}

/// Without the origins.
std::string shown(const config_result& result) {
  std::istringstream lines{render_show(result)};
  std::string text, line;
  while (std::getline(lines, line))
    text += line.substr(0, line.find("  #")) + "\n";
  return text;
}

/// The line that sets a key, and the comment above it.
std::string comment_on(const std::string& line) {
  auto example = render_example();
  auto at = example.find("\n#" + line);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, line);
  auto begin = example.rfind("\n\n", at);
  return example.substr(begin + 2, at - begin - 2);
}

} // namespace

BOOST_AUTO_TEST_SUITE(config_examples)

BOOST_AUTO_TEST_CASE(as_it_is_it_sets_nothing) {
  auto result = on_the_example_host(render_example());
  BOOST_TEST(errors_of(result) + warnings_of(result) == "");
  BOOST_TEST(result.origins.empty());
}

BOOST_AUTO_TEST_CASE(with_every_line_set_it_is_the_defaults) {
  auto result = on_the_example_host(all_set(render_example()));
  BOOST_TEST(errors_of(result) == "");
  for (const auto& key : config_keys())
    BOOST_TEST(contains(std::string{result.origin(key.name)}, "example.toml:"), key.name);
  BOOST_TEST(contains(std::string{result.origin("listen")}, "example.toml:"));
  BOOST_TEST(contains(std::string{result.origin("route")}, "example.toml:"));
  BOOST_TEST(shown(result) == shown(on_the_example_host("")));
}

BOOST_AUTO_TEST_CASE(each_key_is_explained_and_live_ones_are_marked) {
  BOOST_TEST(comment_on("reserve = 0")
             == "# Places kept for priority users. Takes a whole number from 0. Live.");
  BOOST_TEST(comment_on("ping_interval = \"30s\"")
             == "# From one ping to the next. Takes a duration above zero such as \"30s\", up to a "
                "year.");
  BOOST_TEST(contains(comment_on("shards = 1"), "one for each core"));
}

BOOST_AUTO_TEST_SUITE_END()
