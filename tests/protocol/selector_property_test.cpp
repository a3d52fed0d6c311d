#include "protocol/selector.hpp"
#include "protocol/topic.hpp"
#include "tests/protocol/property.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace holdfast;

namespace {

/// Few values, so that equal ones are met.
std::int64_t few() {
  return *rc::gen::inRange<std::int64_t>(-2, 3);
}

std::string name() {
  return *rc::gen::element<std::string>("", "a", "ab", "b", ":", "7:", "ä");
}

std::vector<connection_place> places() {
  auto size = *rc::gen::inRange<std::size_t>(0, 40);
  std::vector<connection_place> all;
  for (std::size_t i = 0; i < size; ++i)
    all.push_back({few(), name(), i});
  return all;
}

/// What a shard is asked for: the first `limit` that come behind `after`.
std::vector<connection_place> page_of(std::vector<connection_place> all,
                                      const std::optional<connection_place>& after,
                                      std::size_t limit, bool descending) {
  std::vector<connection_place> page;
  for (auto& each : all)
    if (!after || after->comes_before(each, descending))
      page.push_back(each);
  std::sort(page.begin(), page.end(), [&](const connection_place& a, const connection_place& b) {
    return a.comes_before(b, descending);
  });
  page.resize(std::min(limit, page.size()));
  return page;
}

/// As naively as possible.
struct connection_model {
  std::uint64_t id = 0;
  std::string user;
  std::string route;
  connection_state state = connection_state::open;
  std::int64_t age = 0;
  std::int64_t idle = 0;
  std::int64_t rtt = 0;
  std::uint64_t queued = 0;
  unsigned subnet = 0;
  std::vector<std::string> groups;
};

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

} // namespace

BOOST_AUTO_TEST_SUITE(properties_of_selectors)

BOOST_AUTO_TEST_CASE(pages_one_after_the_other_are_the_whole_in_order) {
  BOOST_TEST(holds([] {
    auto all = places();
    bool descending = *rc::gen::arbitrary<bool>();
    auto limit = *rc::gen::inRange<std::size_t>(1, 8);
    std::vector<std::uint64_t> walked;
    std::optional<connection_place> after;
    for (;;) {
      auto page = page_of(all, after, limit, descending);
      if (page.empty())
        break;
      for (auto& each : page)
        walked.push_back(each.id);
      after = parse_cursor(to_cursor(page.back())); // as a client hands it back
      RC_ASSERT(after.has_value());
      RC_ASSERT(walked.size() <= all.size());
    }
    auto whole = all;
    std::sort(whole.begin(), whole.end(), [&](auto& a, auto& b) {
      auto key = [](auto& x) { return std::pair{x.number, x.text}; };
      if (key(a) != key(b))
        return descending ? key(b) < key(a) : key(a) < key(b);
      return a.id < b.id;
    });
    std::vector<std::uint64_t> expected;
    for (auto& each : whole)
      expected.push_back(each.id);
    RC_ASSERT(walked == expected);
  }));
}

BOOST_AUTO_TEST_CASE(of_two_places_one_comes_first_and_never_both) {
  BOOST_TEST(holds([] {
    connection_place a{few(), name(), *rc::gen::inRange<std::uint64_t>(0, 3)};
    connection_place b{few(), name(), *rc::gen::inRange<std::uint64_t>(0, 3)};
    bool descending = *rc::gen::arbitrary<bool>();
    bool same = a.number == b.number && a.text == b.text && a.id == b.id;
    auto orders = int{a.comes_before(b, descending)} + int{b.comes_before(a, descending)};
    RC_ASSERT(orders == (same ? 0 : 1));
  }));
}

BOOST_AUTO_TEST_CASE(any_text_is_refused_or_is_the_cursor_of_a_place) {
  BOOST_TEST(holds([](const std::string& noise) {
    auto text = *rc::gen::element<std::string>("", "1:2:", "-5:7:ab", "1:", ":") + noise;
    auto read = parse_cursor(text);
    if (!read)
      return;
    auto again = parse_cursor(to_cursor(*read));
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->number == read->number);
    RC_ASSERT(again->id == read->id);
    RC_ASSERT(again->text == read->text);
  }));
}

BOOST_AUTO_TEST_CASE(a_selector_takes_whom_every_single_condition_takes) {
  BOOST_TEST(holds([] {
    connection_model c;
    c.id = *rc::gen::inRange<std::uint64_t>(0, 3);
    c.user = name();
    c.route = name();
    c.state = *rc::gen::element(connection_state::open, connection_state::zombie);
    c.age = few();
    c.idle = few();
    c.rtt = few();
    c.queued = *rc::gen::inRange<std::uint64_t>(0, 4);
    c.subnet = *rc::gen::inRange<unsigned>(0, 3);
    c.groups = {topic_group(name()), topic_group(name()), name()};

    selector s;
    bool expected = true;
    auto sometimes = [] { return *rc::gen::inRange(0, 3) == 0; };
    if (sometimes()) {
      auto wanted = *rc::gen::inRange<std::uint64_t>(0, 3);
      s.ids = {{incarnation{7}, wanted}, {incarnation{8}, c.id}};
      expected = expected && wanted == c.id;
    }
    if (sometimes()) {
      s.users = {name(), name()};
      expected = expected && has(s.users, c.user);
    }
    if (sometimes()) {
      s.route = name();
      expected = expected && (s.route.empty() || s.route == c.route);
    }
    if (sometimes()) {
      s.state = *rc::gen::element(connection_state::open, connection_state::zombie);
      expected = expected && s.state == c.state;
    }
    if (sometimes()) {
      s.age_over = duration{few()};
      expected = expected && c.age > s.age_over->count();
    }
    if (sometimes()) {
      s.idle_over = duration{few()};
      expected = expected && c.idle > s.idle_over->count();
    }
    if (sometimes()) {
      s.rtt_over = duration{few()};
      expected = expected && c.rtt > s.rtt_over->count();
    }
    if (sometimes()) {
      s.queue_over = *rc::gen::inRange<std::uint64_t>(0, 4);
      expected = expected && c.queued > *s.queue_over;
    }
    if (sometimes()) {
      auto subnet = *rc::gen::inRange<unsigned>(0, 3);
      s.from = parse_cidr_block("10.0." + std::to_string(subnet) + ".0/24");
      expected = expected && subnet == c.subnet;
    }
    if (sometimes()) {
      s.topic = name();
      expected = expected && (s.topic.empty() || has(c.groups, topic_group(s.topic)));
    }

    auto address = "10.0." + std::to_string(c.subnet) + ".9:5000";
    connection_facts facts;
    facts.id = {incarnation{7}, c.id};
    facts.user = c.user;
    facts.address = address;
    facts.route = c.route;
    facts.state = c.state;
    facts.age = duration{c.age};
    facts.idle = duration{c.idle};
    facts.rtt = duration{c.rtt};
    facts.queued_bytes = c.queued;
    facts.groups = &c.groups;
    RC_ASSERT(s.matches(facts) == expected);
  }));
}

BOOST_AUTO_TEST_SUITE_END()
