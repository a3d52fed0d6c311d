// Prometheus' own checks, where they are installed (Debian: prometheus).
#pragma once

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace holdfast::test {

struct promtool_result {
  bool ok = false;
  std::string output; ///< both streams
};

/// `input` becomes its standard input. `arguments` are split by a shell.
inline promtool_result promtool(const std::string& arguments, const std::string& input = {}) {
  char path[] = "/tmp/holdfast-promtool-XXXXXX";
  auto descriptor = ::mkstemp(path);
  BOOST_REQUIRE(descriptor >= 0);
  ::close(descriptor);
  std::ofstream{path} << input;
  promtool_result result;
  auto* pipe = ::popen(("promtool " + arguments + " <" + path + " 2>&1").c_str(), "r");
  BOOST_REQUIRE(pipe != nullptr);
  std::array<char, 4096> piece{};
  while (auto n = std::fread(piece.data(), 1, piece.size(), pipe))
    result.output.append(piece.data(), n);
  result.ok = ::pclose(pipe) == 0;
  std::filesystem::remove(path);
  return result;
}

/// A precondition: without it the test case is skipped, but for CI, which has it.
inline boost::test_tools::assertion_result promtool_is_there(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result{std::system("command -v promtool >/dev/null 2>&1") == 0
                                             || std::getenv("CI") != nullptr};
  result.message() << "there is no promtool";
  return result;
}

} // namespace holdfast::test
