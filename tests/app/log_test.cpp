#include "app/log.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <future>
#include <optional>
#include <unistd.h>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

/// A pipe that hands over each write() as it was made, and a log that writes into it.
struct log_into_a_pipe {
  log_into_a_pipe() {
    BOOST_REQUIRE_EQUAL(::pipe2(ends, O_DIRECT | O_CLOEXEC), 0);
    log.emplace(ends[1], log_format::text, log_level::debug);
  }

  ~log_into_a_pipe() {
    log.reset();
    ::close(ends[0]);
    ::close(ends[1]);
  }

  void write(std::size_t lines) {
    for (std::size_t i = 0; i < lines; ++i)
      log->write(log_level::info, "written", {{"number", static_cast<std::int64_t>(i)}});
  }

  /// Everything up to the end, write by write. Ends the log meanwhile.
  std::vector<std::string> read_all() {
    auto ended = std::async(std::launch::async, [this] {
      log.reset();
      ::close(std::exchange(ends[1], -1));
    });
    std::vector<std::string> writes;
    char buffer[65536];
    for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
      writes.emplace_back(buffer, static_cast<std::size_t>(n));
    return writes;
  }

  int ends[2];
  std::optional<log_writer> log;
};

std::size_t count_of(const std::vector<std::string>& texts, std::string_view what) {
  std::size_t count = 0;
  for (auto& text : texts)
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
      ++count;
  return count;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(logging, log_into_a_pipe)

BOOST_AUTO_TEST_CASE(each_write_is_of_whole_lines) {
  write(5000);
  auto writes = read_all();
  for (auto& one : writes)
    BOOST_REQUIRE_EQUAL(one.back(), '\n');
  BOOST_TEST(count_of(writes, "event=written") == 5000u);
  BOOST_TEST(writes.size() < 500u); // and of many of them
}

BOOST_AUTO_TEST_CASE(who_reads_too_slowly_hears_how_much_he_has_missed) {
  write(200'000);
  auto lost = log->lost();
  BOOST_TEST(lost > 0u);
  auto writes = read_all();
  BOOST_TEST(count_of(writes, "event=written") + lost == 200'000u);
  BOOST_TEST(count_of(writes, "event=log_dropped lines=" + std::to_string(lost)) == 1u);
}

BOOST_AUTO_TEST_CASE(a_reader_that_takes_nothing_does_not_hold_up_the_end) {
  write(50'000);
  auto ended = std::async(std::launch::async, [this] { log.reset(); });
  auto in_time = ended.wait_for(20s) == std::future_status::ready;
  BOOST_TEST(in_time);
  if (!in_time)
    ::close(std::exchange(ends[0], -1)); // lets it end
}

BOOST_AUTO_TEST_SUITE_END()
