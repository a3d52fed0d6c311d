#include "protocol/selector.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

connection_facts ann() {
  connection_facts x;
  x.id = {incarnation{7}, 0x301};
  x.user = "ann";
  x.address = "203.0.113.9:51234";
  x.route = "/chat";
  x.state = connection_state::suspect;
  x.age = 60s;
  x.idle = 10s;
  x.rtt = 250ms;
  x.queued_bytes = 4096;
  static const std::vector<std::string> groups{"staff", "topic:news", "topic:sport"};
  x.groups = &groups;
  return x;
}

template <class F>
bool selects(F&& set) {
  selector s;
  set(s);
  BOOST_TEST(!s.selects_everyone());
  return s.matches(ann());
}

} // namespace

BOOST_AUTO_TEST_SUITE(selector_rules)

BOOST_AUTO_TEST_CASE(without_a_condition_everyone_is_selected) {
  BOOST_TEST(selector{}.selects_everyone());
  BOOST_TEST(selector{}.matches(ann()));
  BOOST_TEST(selector{}.matches(connection_facts{}));
}

BOOST_AUTO_TEST_CASE(each_condition_selects_and_leaves_out) {
  BOOST_TEST(selects([](selector& s) { s.ids = {{incarnation{7}, 1}, {incarnation{7}, 0x301}}; }));
  BOOST_TEST(!selects([](selector& s) { s.ids = {{incarnation{8}, 0x301}}; }));
  BOOST_TEST(selects([](selector& s) { s.users = {"bob", "ann"}; }));
  BOOST_TEST(!selects([](selector& s) { s.users = {"an"}; }));
  BOOST_TEST(selects([](selector& s) { s.from = parse_cidr_block("203.0.113.0/24"); }));
  BOOST_TEST(!selects([](selector& s) { s.from = parse_cidr_block("203.0.114.0/24"); }));
  BOOST_TEST(selects([](selector& s) { s.route = "/chat"; }));
  BOOST_TEST(!selects([](selector& s) { s.route = "/"; }));
  BOOST_TEST(selects([](selector& s) { s.state = connection_state::suspect; }));
  BOOST_TEST(!selects([](selector& s) { s.state = connection_state::open; }));
  BOOST_TEST(selects([](selector& s) { s.topic = "sport"; }));
  BOOST_TEST(!selects([](selector& s) { s.topic = "spor"; }));
  BOOST_TEST(!selects([](selector& s) { s.topic = "staff"; }));
}

BOOST_AUTO_TEST_CASE(bounds_leave_out_what_is_equal) {
  BOOST_TEST(selects([](selector& s) { s.age_over = 59s; }));
  BOOST_TEST(!selects([](selector& s) { s.age_over = 60s; }));
  BOOST_TEST(selects([](selector& s) { s.idle_over = 9s; }));
  BOOST_TEST(!selects([](selector& s) { s.idle_over = 10s; }));
  BOOST_TEST(selects([](selector& s) { s.rtt_over = 249ms; }));
  BOOST_TEST(!selects([](selector& s) { s.rtt_over = 250ms; }));
  BOOST_TEST(selects([](selector& s) { s.queue_over = 4095; }));
  BOOST_TEST(!selects([](selector& s) { s.queue_over = 4096; }));
}

BOOST_AUTO_TEST_CASE(all_conditions_must_hold) {
  BOOST_TEST(selects([](selector& s) {
    s.users = {"ann"};
    s.age_over = 30s;
  }));
  BOOST_TEST(!selects([](selector& s) {
    s.users = {"ann"};
    s.age_over = 90s;
  }));
}

BOOST_AUTO_TEST_CASE(an_address_is_compared_without_its_port) {
  BOOST_TEST(without_port("203.0.113.9:51234") == "203.0.113.9");
  BOOST_TEST(without_port("[2001:db8::1]:80") == "2001:db8::1");
  BOOST_TEST(without_port("203.0.113.9") == "203.0.113.9");
  BOOST_TEST(without_port("2001:db8::1") == "2001:db8::1"); // forwarded by a proxy
  BOOST_TEST(without_port("::1") == "::1");
  auto x = ann();
  x.address = "[2001:db8::1]:80";
  selector s;
  s.from = parse_cidr_block("2001:db8::/32");
  BOOST_TEST(s.matches(x));
  x.address = "2001:db8::1";
  BOOST_TEST(s.matches(x));
  x.address = "nonsense";
  BOOST_TEST(!s.matches(x));
}

BOOST_AUTO_TEST_CASE(places_have_one_order_in_either_direction) {
  connection_place low{1, "", 9};
  connection_place high{2, "", 3};
  connection_place twin{1, "", 10};
  BOOST_TEST(low.comes_before(high, false));
  BOOST_TEST(high.comes_before(low, true));
  BOOST_TEST(low.comes_before(twin, false));
  BOOST_TEST(low.comes_before(twin, true));
  BOOST_TEST(!low.comes_before(low, false));
  connection_place ann{0, "ann", 5};
  connection_place bob{0, "bob", 1};
  BOOST_TEST(ann.comes_before(bob, false));
  BOOST_TEST(bob.comes_before(ann, true));
}

BOOST_AUTO_TEST_CASE(a_cursor_is_the_place_it_was_made_from) {
  for (auto& place :
       {connection_place{}, connection_place{-5, "", 0x301}, connection_place{0, "a:b ü", 7},
        connection_place{INT64_MIN, "", UINT64_MAX}}) {
    auto read = parse_cursor(to_cursor(place));
    BOOST_REQUIRE(read);
    BOOST_TEST(read->number == place.number);
    BOOST_TEST(read->text == place.text);
    BOOST_TEST(read->id == place.id);
  }
  for (auto* wrong : {"", "1", "1:", "1:2", "x:1:", "1:-2:", "1 :2:", ":1:"})
    BOOST_TEST(!parse_cursor(wrong), wrong);
}

BOOST_AUTO_TEST_CASE(keys_are_named) {
  BOOST_TEST((parse_connection_key("rtt") == connection_key::rtt));
  BOOST_TEST(!parse_connection_key("RTT"));
  BOOST_TEST(!parse_connection_key(""));
}

BOOST_AUTO_TEST_SUITE_END()
