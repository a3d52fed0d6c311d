// Every size of message, in any pieces, through buffers of any size: nothing is ever changed.
#include "tests/app/accept_hook.hpp"
#include "tests/app/busy_shard.hpp"
#include "tests/app/conversation.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

namespace data = boost::unit_test::data;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

struct setting {
  const char* name;
  socket_buffers server, client;
  unsigned seed;
};

std::ostream& operator<<(std::ostream& out, const setting& x) {
  return out << x.name;
}

const std::vector<setting> settings{
  {"buffers as the system has them", {}, {}, 1},
  {"a server that cannot write much", {8 * 1024}, {0, 8 * 1024, 1400}, 2},
  {"a server that cannot read much", {0, 8 * 1024}, {8 * 1024, 0, 1400}, 3},
  {"little room everywhere", {8 * 1024, 8 * 1024}, {8 * 1024, 8 * 1024, 536}, 4},
};

/// The smallest ones all; those around each power of two and the size of the shard's buffer; and
/// any between them. In any order.
std::vector<std::size_t> sizes(random_source& random) {
  std::vector<std::size_t> all;
  for (std::size_t size = 0; size <= 300; ++size)
    all.push_back(size);
  auto around = [&all](std::size_t middle, std::size_t reach) {
    for (auto size = middle - reach; size <= std::min(middle + reach, mebibyte); ++size)
      all.push_back(size);
  };
  for (std::size_t power = 512; power <= mebibyte; power *= 2)
    around(power, 2);
  around(64 * 1024, 20); // with each length of header
  for (int i = 0; i < 20; ++i)
    all.push_back(below(random, mebibyte + 1));
  std::shuffle(all.begin(), all.end(), random);
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(transport_echo)

BOOST_DATA_TEST_CASE_F(busy_shard, messages_of_all_sizes_come_back_unharmed, data::make(settings)) {
  buffers_of_the_server now{sample.server.send, sample.server.receive};
  config.max_message_size = mebibyte;
  config.queue.max_queued_bytes = 8 * mebibyte;
  start();
  random_source random{sample.seed};
  auto all = sizes(random);
  conversation{port, sample.client, sample.seed}.exchange(all);
  BOOST_TEST(echo.seen().messages == all.size());
}

BOOST_AUTO_TEST_SUITE_END()
