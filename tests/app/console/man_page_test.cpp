#include "app/console/catalog.hpp"
#include "app/read_file.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::console;

namespace {

std::string source(const std::string& name) {
  auto file = read_file(HOLDFAST_VECTORS_DIR "/../../app/console/man/" + name);
  BOOST_REQUIRE_MESSAGE(file.error.empty(), name + ": " + file.error);
  return file.text;
}

bool has(const std::string& text, const std::string& bold) {
  return text.find("*" + bold + "*") != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(console_man_pages)

BOOST_AUTO_TEST_CASE(every_command_and_option_has_its_place) {
  auto page = source("holdfast.1.scd");
  for (auto& option : node_options())
    BOOST_TEST(has(page, option.name), option.name);
  for (auto& command : catalog()) {
    BOOST_TEST(has(page, command.words), command.words);
    for (auto& option : command.options)
      BOOST_TEST(has(page, option.name), command.words + " " + option.name);
  }
}

BOOST_AUTO_TEST_CASE(every_exit_code_is_told) {
  auto page = source("holdfast.1.scd");
  for (auto* code : {"- 0: ", "- 1: ", "- 2: ", "- 3: ", "- 4: ", "- 5: ", "- 6: ", "- 7: "})
    BOOST_TEST(page.find(code) != std::string::npos, code);
}

BOOST_AUTO_TEST_SUITE_END()
