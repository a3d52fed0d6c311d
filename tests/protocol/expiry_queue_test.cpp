#include "protocol/expiry_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1000s};

std::vector<slot_index> due(expiry_queue& queue, time_point now) {
  std::vector<slot_index> result;
  while (auto slot = queue.next(now))
    result.push_back(*slot);
  return result;
}

using slots = std::vector<slot_index>;

} // namespace

BOOST_AUTO_TEST_SUITE(expiry)

BOOST_AUTO_TEST_CASE(a_deadline_comes_at_its_time_and_once) {
  expiry_queue queue;
  queue.set(7, start + 10s);
  BOOST_TEST(due(queue, start + 10s - 1ns).empty());
  BOOST_TEST((due(queue, start + 10s) == slots{7}));
  BOOST_TEST(due(queue, start + 11s).empty());
}

BOOST_AUTO_TEST_CASE(the_earliest_comes_first) {
  expiry_queue queue;
  for (slot_index slot : {4, 1, 3, 0, 2})
    queue.set(slot, start + slot * 1s);
  BOOST_TEST((due(queue, start + 2s) == slots{0, 1, 2}));
  BOOST_TEST((due(queue, start + 1h) == slots{3, 4}));
}

BOOST_AUTO_TEST_CASE(a_slot_has_one_deadline_the_last_that_was_set) {
  expiry_queue queue;
  queue.set(1, start + 1s);
  queue.set(2, start + 2s);
  queue.set(1, start + 3s);
  BOOST_TEST((due(queue, start + 2s) == slots{2}));
  BOOST_TEST((due(queue, start + 3s) == slots{1}));
}

BOOST_AUTO_TEST_CASE(a_slot_that_was_given_to_another_connection_does_not_end_that_one) {
  expiry_queue queue;
  queue.set(1, start + 1s);
  queue.clear(1);
  queue.clear(1);
  queue.clear(900);
  BOOST_TEST(due(queue, start + 1h).empty());
}

BOOST_AUTO_TEST_CASE(connections_that_come_and_go_leave_nothing_behind) {
  expiry_queue queue;
  queue.set(0, start + 1h);
  for (int i = 0; i < 100'000; ++i) {
    queue.set(1, start + 1h + i * 1ms);
    queue.clear(1);
  }
  BOOST_TEST(queue.size() == 1u);
}

BOOST_AUTO_TEST_CASE(it_agrees_with_a_sorted_table_whatever_is_done) {
  std::mt19937 random{42};
  expiry_queue queue;
  std::map<slot_index, time_point> model;
  auto now = start;
  for (int i = 0; i < 20'000; ++i) {
    auto slot = static_cast<slot_index>(random() % 50);
    switch (random() % 4) {
    case 0:
    case 1:
      model[slot] = now + std::chrono::milliseconds{random() % 1000};
      queue.set(slot, model[slot]);
      break;
    case 2:
      model.erase(slot);
      queue.clear(slot);
      break;
    case 3:
      now += std::chrono::milliseconds{random() % 100};
      auto last = time_point::min();
      while (auto expired = queue.next(now)) {
        BOOST_REQUIRE(model.count(*expired) == 1u);
        BOOST_REQUIRE((model[*expired] >= last && model[*expired] <= now));
        last = model[*expired];
        model.erase(*expired);
      }
      for (auto& [left, at] : model)
        BOOST_REQUIRE_MESSAGE(at > now, left);
      break;
    }
    BOOST_REQUIRE(queue.size() == model.size());
  }
}

BOOST_AUTO_TEST_SUITE_END()
