#include "protocol/capacity.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

using holdfast::capacity;

namespace {

constexpr bool ordinary = false;
constexpr bool priority = true;

std::size_t take_all(capacity& total, bool who) {
  std::size_t taken = 0;
  while (total.take(who))
    ++taken;
  return taken;
}

// Runs all of `work` at the same time: nobody begins before everybody is there.
void run_together(const std::vector<std::function<void()>>& work) {
  std::atomic<std::size_t> waiting{work.size()};
  std::vector<std::thread> running;
  for (const auto& mine : work) {
    running.emplace_back([&waiting, &mine] {
      --waiting;
      while (waiting > 0) {
      }
      mine();
    });
  }
  for (auto& thread : running)
    thread.join();
}

} // namespace

BOOST_AUTO_TEST_SUITE(node_capacity)

BOOST_AUTO_TEST_CASE(as_many_are_taken_as_the_limit_says_and_not_one_more) {
  capacity total{3};
  BOOST_TEST(take_all(total, ordinary) == 3u);
  BOOST_TEST(!total.take(priority));
  BOOST_TEST(total.taken() == 3u);
}

BOOST_AUTO_TEST_CASE(a_place_that_is_given_back_can_be_taken_again) {
  capacity total{1};
  BOOST_TEST(total.take(ordinary));
  BOOST_TEST(!total.take(ordinary));
  BOOST_TEST(total.give());
  BOOST_TEST(total.take(ordinary));
}

BOOST_AUTO_TEST_CASE(the_reserve_is_for_priority_users_alone) {
  capacity total{10, 4};
  BOOST_TEST(take_all(total, ordinary) == 6u);
  BOOST_TEST(take_all(total, priority) == 4u);
  BOOST_TEST(total.taken() == 10u);
}

BOOST_AUTO_TEST_CASE(priority_users_outside_the_reserve_leave_less_to_the_others) {
  capacity total{10, 4};
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(total.take(priority));
  BOOST_TEST(take_all(total, ordinary) == 1u);
}

BOOST_AUTO_TEST_CASE(a_reserve_of_everything_or_more_leaves_nothing_to_ordinary_users) {
  capacity total{2, 5};
  BOOST_TEST(total.reserve() == 2u);
  BOOST_TEST(!total.take(ordinary));
  BOOST_TEST(take_all(total, priority) == 2u);
}

BOOST_AUTO_TEST_CASE(a_limit_of_zero_refuses_everyone) {
  capacity total{0};
  BOOST_TEST(!total.take(ordinary));
  BOOST_TEST(!total.take(priority));
}

BOOST_AUTO_TEST_CASE(giving_back_what_nobody_took_is_told_and_does_not_go_below_zero) {
  capacity total{1};
  BOOST_TEST(!total.give());
  BOOST_TEST(total.taken() == 0u);
  BOOST_TEST(take_all(total, ordinary) == 1u);
}

BOOST_AUTO_TEST_CASE(a_limit_lowered_below_the_count_refuses_until_the_count_has_sunk) {
  capacity total{5};
  BOOST_TEST(take_all(total, ordinary) == 5u);
  total.set_limits(3, 0);
  BOOST_TEST(total.taken() == 5u);
  BOOST_TEST(total.give());
  BOOST_TEST(total.give());
  BOOST_TEST(!total.take(priority)); // three are in, three may be
  BOOST_TEST(total.give());
  BOOST_TEST(total.take(ordinary));
  BOOST_TEST(!total.take(ordinary));
}

BOOST_AUTO_TEST_CASE(a_raised_limit_and_reserve_hold_at_once) {
  capacity total{1};
  BOOST_TEST(take_all(total, ordinary) == 1u);
  total.set_limits(4, 1);
  BOOST_TEST(total.limit() == 4u);
  BOOST_TEST(total.reserve() == 1u);
  BOOST_TEST(take_all(total, ordinary) == 2u);
  BOOST_TEST(take_all(total, priority) == 1u);
}

BOOST_AUTO_TEST_CASE(a_limit_beyond_32_bits_is_cut_not_wrapped) {
  capacity total{(std::size_t{1} << 32) + 5};
  BOOST_TEST(total.limit() == std::size_t{0xffffffff});
  BOOST_TEST(total.take(ordinary));
}

BOOST_AUTO_TEST_CASE(threads_that_race_for_the_last_places_never_get_more_than_there_are) {
  constexpr std::size_t limit = 3;
  constexpr int rounds = 50000;
  capacity total{limit, 1};
  // Each thread counts its own places in; the sum of all of them is what may never pass the limit.
  std::atomic<std::size_t> held{0};
  std::atomic<std::size_t> most{0};
  std::atomic<bool> gave_wrongly{false};
  auto work = [&](bool who) {
    for (int i = 0; i < rounds; ++i) {
      if (!total.take(who))
        continue;
      auto now = held.fetch_add(1) + 1;
      for (auto seen = most.load(); now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      if (i % 4 == 0)
        std::this_thread::yield(); // so that places are held while others ask
      held.fetch_sub(1);
      if (!total.give())
        gave_wrongly = true;
    }
  };
  run_together({[&] { work(ordinary); }, [&] { work(priority); }, [&] { work(ordinary); },
                [&] { work(priority); }});
  BOOST_TEST(most.load() > 0u);
  BOOST_TEST(most.load() <= limit);
  BOOST_TEST(!gave_wrongly.load());
  BOOST_TEST(total.taken() == 0u);
}

BOOST_AUTO_TEST_CASE(threads_together_get_exactly_the_limit) {
  constexpr std::size_t limit = 3000000;
  capacity total{limit};
  std::size_t one = 0;
  std::size_t two = 0;
  run_together(
    {[&] { one = take_all(total, ordinary); }, [&] { two = take_all(total, priority); }});
  BOOST_TEST(one + two == limit);
  BOOST_TEST(total.taken() == limit);
}

BOOST_AUTO_TEST_CASE(threads_together_give_back_exactly_what_was_taken) {
  constexpr std::size_t limit = 3000000;
  capacity total{limit};
  take_all(total, ordinary);
  auto give_all = [&total](std::size_t& given) {
    while (total.give())
      ++given;
  };
  std::size_t one = 0;
  std::size_t two = 0;
  run_together({[&] { give_all(one); }, [&] { give_all(two); }});
  BOOST_TEST(one + two == limit);
  BOOST_TEST(total.taken() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
