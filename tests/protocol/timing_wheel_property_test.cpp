#include "protocol/timing_wheel.hpp"
#include "tests/protocol/property.hpp"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};
constexpr slot_index slots = 12;

/// Something done to a wheel; times count from its last advance().
struct step {
  enum class kind : std::uint8_t { schedule, cancel, advance };

  kind what = kind::schedule;
  slot_index slot = 0;
  duration ahead{};
  std::vector<step> when_due; ///< of an advance: done one by one, whenever a slot is due
};

std::ostream& operator<<(std::ostream& out, const step& x) {
  switch (x.what) {
  case step::kind::schedule: return out << "schedule(" << x.slot << ", " << x.ahead.count() << ')';
  case step::kind::cancel: return out << "cancel(" << x.slot << ')';
  case step::kind::advance: break;
  }
  out << "advance(" << x.ahead.count();
  for (const auto& each : x.when_due)
    out << ", " << each;
  return out << ')';
}

/// Near, several revolutions away, beyond the range of ticks, and past.
rc::Gen<duration> distance() {
  auto up_to = [](duration most) {
    return rc::gen::map(rc::gen::inRange<duration::rep>(0, most.count()),
                        [](duration::rep n) { return duration{n}; });
  };
  auto back = rc::gen::map(up_to(10s), [](duration d) { return -d; });
  return rc::gen::weightedOneOf<duration>(
    {{6, up_to(200ms)}, {4, up_to(3s)}, {2, up_to(10min)}, {1, up_to(24h * 800)}, {1, back}});
}

rc::Gen<step> change() {
  return rc::gen::map(rc::gen::tuple(rc::gen::weightedElement<step::kind>(
                                       {{3, step::kind::schedule}, {1, step::kind::cancel}}),
                                     rc::gen::inRange<slot_index>(0, slots), distance()),
                      [](const auto& t) {
                        return step{std::get<0>(t), std::get<1>(t), std::get<2>(t), {}};
                      });
}

rc::Gen<step> advance() {
  return rc::gen::map(rc::gen::pair(distance(), rc::gen::container<std::vector<step>>(change())),
                      [](const auto& p) {
                        return step{step::kind::advance, 0, p.first, p.second};
                      });
}

/// What the wheel is measured by: a slot has the number of the tick at which it is due.
class naive_wheel {
public:
  explicit naive_wheel(duration tick) : tick_{tick} {}

  void schedule(slot_index slot, time_point due) {
    auto ticks = (due - start) / tick_ + ((due - start) % tick_ > 0ns ? 1 : 0);
    auto most = passed_ + std::numeric_limits<std::uint32_t>::max();
    due_[slot] = std::clamp<std::int64_t>(ticks, passed_ + 1, most);
    owed_.erase(slot);
  }

  void cancel(slot_index slot) {
    due_.erase(slot);
    owed_.erase(slot);
  }

  /// Afterwards every slot that is due is owed one call.
  void advance(time_point now) {
    passed_ = std::max<std::int64_t>(passed_, (now - start) / tick_);
    for (auto [slot, tick] : due_)
      if (tick <= passed_)
        owed_.insert(slot);
  }

  /// Whether a call was owed; none is any more.
  bool called(slot_index slot) {
    due_.erase(slot);
    return owed_.erase(slot) == 1;
  }

  bool owes() const { return !owed_.empty(); }
  bool scheduled(slot_index slot) const { return due_.count(slot) != 0; }

private:
  duration tick_;
  std::int64_t passed_ = 0;
  std::map<slot_index, std::int64_t> due_;
  std::set<slot_index> owed_;
};

class run {
public:
  explicit run(duration tick) : wheel_{tick, start}, naive_{tick} {}

  void perform(const step& x) {
    switch (x.what) {
    case step::kind::schedule:
    case step::kind::cancel: change(x); break;
    case step::kind::advance: advance(x); break;
    }
    for (slot_index slot = 0; slot < slots; ++slot)
      RC_ASSERT(wheel_.scheduled(slot) == naive_.scheduled(slot));
  }

private:
  void change(const step& x) {
    if (x.what == step::kind::cancel) {
      wheel_.cancel(x.slot);
      naive_.cancel(x.slot);
    } else {
      wheel_.schedule(x.slot, now_ + x.ahead);
      naive_.schedule(x.slot, now_ + x.ahead);
    }
  }

  void advance(const step& x) {
    auto to = now_ + x.ahead;
    now_ = std::max(now_, to);
    naive_.advance(to);
    auto next = x.when_due.begin();
    wheel_.advance(to, [&](slot_index slot) {
      RC_ASSERT(!wheel_.scheduled(slot));
      RC_ASSERT(naive_.called(slot));
      if (next != x.when_due.end())
        change(*next++);
    });
    RC_ASSERT(!naive_.owes());
  }

  timing_wheel wheel_;
  naive_wheel naive_;
  time_point now_ = start;
};

} // namespace

BOOST_AUTO_TEST_SUITE(properties_of_the_timing_wheel)

BOOST_AUTO_TEST_CASE(whatever_is_done_each_slot_is_called_in_the_first_tick_after_its_deadline) {
  auto steps = rc::gen::container<std::vector<step>>(
    rc::gen::weightedOneOf<step>({{3, change()}, {2, advance()}}));
  BOOST_TEST(holds([&] {
    run both{*rc::gen::element<duration>(5ms, 12500us, 50ms)};
    for (const auto& each : *steps)
      both.perform(each);
  }));
}

BOOST_AUTO_TEST_CASE(no_deadline_is_too_far_away) {
  BOOST_TEST(holds([](slot_index slot) {
    timing_wheel wheel{5ms, start};
    slot %= slots;
    wheel.schedule(slot, time_point::max());
    wheel.advance(start + 24h * 200, [](slot_index) { RC_FAIL("is due too early"); });
    RC_ASSERT(wheel.scheduled(slot));
    unsigned calls = 0;
    wheel.advance(start + 24h * 365, [&](slot_index) { ++calls; });
    RC_ASSERT(calls == 1u);
  }));
}

BOOST_AUTO_TEST_SUITE_END()
