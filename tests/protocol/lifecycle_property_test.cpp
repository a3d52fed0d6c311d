#include "protocol/lifecycle.hpp"
#include "tests/protocol/property.hpp"

#include <algorithm>

using namespace holdfast;

BOOST_AUTO_TEST_SUITE(properties_of_the_flight_recorder)

BOOST_AUTO_TEST_CASE(it_has_the_last_32_of_any_list_in_their_order) {
  BOOST_TEST(holds([](const std::vector<std::uint32_t>& numbers) {
    flight_recorder recorder;
    std::vector<std::uint32_t> all;
    for (auto number : numbers) {
      recorder.add({number / 2, connection_state::open, connection_state::suspect,
                    cause::pong_missed, number});
      all.push_back(number);
      auto kept = std::min(all.size(), flight_recorder::capacity);
      auto entries = recorder.entries();
      RC_ASSERT(recorder.added() == all.size());
      RC_ASSERT(entries.size() == kept);
      for (std::size_t i = 0; i < kept; ++i) {
        RC_ASSERT(entries[i].number == all[all.size() - kept + i]);
        RC_ASSERT(entries[i].at_ms == entries[i].number / 2);
      }
    }
  }));
}

BOOST_AUTO_TEST_SUITE_END()
