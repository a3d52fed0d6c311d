#include "protocol/gate.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1000s};
const auto alice = client_address::from_v4(0xc0000201);
const auto bob = client_address::from_v4(0xc0000202);

struct fixture {
  gate_config config;
  capacity total{100};

  gate make() { return gate{config, {"/echo", "/chat"}, total}; }
};

gate_request good() {
  gate_request request;
  request.path = "/chat";
  request.authenticated = true;
  return request;
}

client_address address(std::string_view text) {
  auto result = parse_client_address(text);
  BOOST_REQUIRE_MESSAGE(result, text);
  return *result;
}

int closes_of(gate& shard, refusal why, time_point now, int attempts) {
  int result = 0;
  for (int i = 0; i < attempts; ++i)
    result += shard.refuse(why, now).style == refusal_style::upgrade_then_close ? 1 : 0;
  return result;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(at_the_gate, fixture)

BOOST_AUTO_TEST_CASE(a_good_request_is_admitted_and_takes_one_place_of_the_node) {
  auto shard = make();
  BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST(!shard.admit_request(good()));
  BOOST_TEST(shard.handshake_done(alice));
  BOOST_TEST(total.taken() == 1u);
  BOOST_TEST(shard.half_open() == 0u);
}

BOOST_AUTO_TEST_CASE(refusals_come_in_their_order_when_everything_is_wrong) {
  total.set_limits(0, 0);
  config.origins = {"https://example.org"};
  auto shard = make();
  shard.set_accepting(false);
  gate_request request;
  request.path = "/nowhere";
  request.origin = "https://evil.example";
  BOOST_TEST((shard.admit_request(request) == refusal::draining));
  shard.set_accepting(true);
  BOOST_TEST((shard.admit_request(request) == refusal::not_found));
  request.path = "/chat";
  BOOST_TEST((shard.admit_request(request) == refusal::origin));
  request.origin = "https://example.org";
  BOOST_TEST((shard.admit_request(request) == refusal::unauthenticated));
  request.authenticated = true;
  BOOST_TEST((shard.admit_request(request) == refusal::pool_full));
  total.set_limits(1, 0);
  BOOST_TEST(!shard.admit_request(request));
}

BOOST_AUTO_TEST_CASE(a_refused_request_takes_no_place) {
  config.origins = {"https://example.org"};
  auto shard = make();
  auto request = good();
  request.origin = "https://evil.example";
  shard.admit_request(request);
  request = good();
  request.authenticated = false;
  shard.admit_request(request);
  request = good();
  request.path = "/";
  shard.admit_request(request);
  shard.set_accepting(false);
  shard.admit_request(good());
  BOOST_TEST(total.taken() == 0u);
}

BOOST_AUTO_TEST_CASE(the_reserve_is_open_to_priority_users_only) {
  total.set_limits(2, 1);
  auto shard = make();
  BOOST_TEST(!shard.admit_request(good()));
  BOOST_TEST((shard.admit_request(good()) == refusal::pool_full));
  auto important = good();
  important.priority = true;
  BOOST_TEST(!shard.admit_request(important));
  BOOST_TEST((shard.admit_request(important) == refusal::pool_full));
}

BOOST_AUTO_TEST_CASE(shards_share_the_total_to_the_last_place) {
  total.set_limits(3, 0);
  config.shards = 2;
  auto one = make();
  auto two = make();
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(!two.admit_request(good()));
  BOOST_TEST((one.admit_request(good()) == refusal::pool_full));
}

BOOST_AUTO_TEST_CASE(while_draining_sockets_are_let_in_to_be_told_so) {
  auto shard = make();
  shard.set_accepting(false);
  BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST((shard.admit_request(good()) == refusal::draining));
}

BOOST_AUTO_TEST_CASE(half_open_sockets_are_limited_to_the_shards_share_and_given_back) {
  config.half_open = 5;
  config.shards = 2;
  auto shard = make();
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST((shard.admit_socket(bob, start) == refusal::half_open));
  BOOST_TEST(shard.half_open() == 3u);
  BOOST_TEST(shard.handshake_abandoned(alice));
  BOOST_TEST(!shard.admit_socket(bob, start));
  BOOST_TEST(shard.handshake_done(alice));
  BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST((shard.admit_socket(bob, start) == refusal::half_open));
}

BOOST_AUTO_TEST_CASE(a_half_open_limit_of_zero_is_off) {
  config.half_open = 0;
  auto shard = make();
  for (int i = 0; i < 5000; ++i)
    BOOST_REQUIRE(!shard.admit_socket(alice, start));
}

BOOST_AUTO_TEST_CASE(ending_a_handshake_that_nobody_began_is_told_and_frees_nothing) {
  config.half_open = 1;
  auto shard = make();
  BOOST_TEST(!shard.handshake_abandoned(alice));
  BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST(shard.handshake_done(alice));
  BOOST_TEST(!shard.handshake_done(alice));
  BOOST_TEST(shard.half_open() == 0u);
}

BOOST_AUTO_TEST_CASE(an_address_over_its_rate_is_refused_and_the_others_are_not) {
  config.handshakes_per_address = 3;
  config.shards = 2; // two a second on each
  auto shard = make();
  BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST((shard.admit_socket(alice, start) == refusal::address_rate));
  BOOST_TEST(shard.half_open() == 2u); // the refused socket is not among them
  BOOST_TEST(!shard.admit_socket(bob, start));
  BOOST_TEST(!shard.admit_socket(alice, start + 500ms));
  BOOST_TEST((shard.admit_socket(alice, start + 500ms) == refusal::address_rate));
}

BOOST_AUTO_TEST_CASE(a_socket_over_the_half_open_limit_does_not_count_against_its_address) {
  config.handshakes_per_address = 2;
  config.half_open = 1;
  auto shard = make();
  BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST((shard.admit_socket(alice, start) == refusal::half_open));
  shard.handshake_done(alice);
  BOOST_TEST(!shard.admit_socket(alice, start));
}

BOOST_AUTO_TEST_CASE(behind_a_proxy_the_true_address_is_rated_not_the_proxys) {
  config.handshakes_per_address = 1;
  config.half_open_per_address = 1;
  config.trusted_proxies = {*parse_cidr_block("10.0.0.0/8")};
  auto shard = make();
  auto proxy = address("10.1.2.3");
  BOOST_TEST(!shard.admit_socket(proxy, start));
  BOOST_TEST(!shard.admit_address(alice, start));
  BOOST_TEST(!shard.admit_socket(proxy, start));
  BOOST_TEST(!shard.admit_address(bob, start));
  BOOST_TEST(!shard.admit_socket(proxy, start));
  BOOST_TEST((shard.admit_address(alice, start) == refusal::address_rate));
  BOOST_TEST(shard.half_open() == 3u); // until the 429 is out
  BOOST_TEST(shard.half_open_networks() == 0u);
  BOOST_TEST(shard.handshake_done(proxy));
  BOOST_TEST(shard.half_open() == 2u);
}

BOOST_AUTO_TEST_CASE(a_proxys_sockets_are_part_of_the_half_open_limit_of_all) {
  config.half_open = 1;
  config.trusted_proxies = {*parse_cidr_block("10.0.0.0/8")};
  auto shard = make();
  BOOST_TEST(!shard.admit_socket(address("10.1.2.3"), start));
  BOOST_TEST((shard.admit_socket(address("10.1.2.3"), start) == refusal::half_open));
  BOOST_TEST((shard.admit_socket(alice, start) == refusal::half_open));
}

BOOST_AUTO_TEST_CASE(half_open_sockets_of_one_address_are_limited_and_given_back) {
  config.half_open_per_address = 3;
  config.shards = 2; // two on each
  auto shard = make();
  BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST(!shard.admit_socket(address("::ffff:192.0.2.1"), start)); // the same, mapped
  BOOST_TEST((shard.admit_socket(alice, start) == refusal::address_half_open));
  BOOST_TEST(shard.half_open() == 2u);
  BOOST_TEST(!shard.admit_socket(bob, start));
  BOOST_TEST(shard.handshake_abandoned(alice));
  BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST((shard.admit_socket(alice, start) == refusal::address_half_open));
  BOOST_TEST(shard.handshake_done(bob));
  BOOST_TEST(shard.handshake_done(alice));
  BOOST_TEST(shard.handshake_done(alice));
  BOOST_TEST(shard.half_open_networks() == 0u); // nothing is remembered of who is done
}

BOOST_AUTO_TEST_CASE(half_open_sockets_of_one_64_count_as_of_one_address) {
  config.half_open_per_address = 2;
  auto shard = make();
  BOOST_TEST(!shard.admit_socket(address("2001:db8:1:2::1"), start));
  BOOST_TEST(!shard.admit_socket(address("2001:db8:1:2:ffff::2"), start));
  BOOST_TEST((shard.admit_socket(address("2001:db8:1:2::3"), start) == refusal::address_half_open));
  BOOST_TEST(!shard.admit_socket(address("2001:db8:1:3::1"), start));
  BOOST_TEST(shard.handshake_done(address("2001:db8:1:2::9")));
  BOOST_TEST(!shard.admit_socket(address("2001:db8:1:2::3"), start));
}

BOOST_AUTO_TEST_CASE(an_address_with_too_many_half_open_spends_nothing_of_its_rate) {
  config.half_open_per_address = 1;
  config.handshakes_per_address = 2;
  auto shard = make();
  BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST((shard.admit_socket(alice, start) == refusal::address_half_open));
  BOOST_TEST(shard.handshake_done(alice));
  BOOST_TEST(!shard.admit_socket(alice, start));
  BOOST_TEST(shard.handshake_done(alice));
  BOOST_TEST((shard.admit_socket(alice, start) == refusal::address_rate));
  BOOST_TEST(shard.half_open_networks() == 0u);
}

BOOST_AUTO_TEST_CASE(what_costs_nothing_is_known_before_who_it_is) {
  config.origins = {"https://example.org"};
  total.set_limits(0, 0);
  auto shard = make();
  gate_request request;
  request.path = "/nowhere";
  request.origin = "https://evil.example";
  shard.set_accepting(false);
  BOOST_TEST((shard.screen(request) == refusal::draining));
  shard.set_accepting(true);
  BOOST_TEST((shard.screen(request) == refusal::not_found));
  request.path = "/chat";
  BOOST_TEST((shard.screen(request) == refusal::origin));
  request.origin = "https://example.org";
  BOOST_TEST(!shard.screen(request));
}

BOOST_AUTO_TEST_CASE(remembered_addresses_are_bounded) {
  config.handshakes_per_address = 1;
  config.remembered_addresses = 2;
  config.half_open = 0;
  auto shard = make();
  BOOST_TEST(!shard.admit_socket(alice, start));
  for (std::uint32_t i = 0; i < 2; ++i)
    BOOST_TEST(!shard.admit_socket(client_address::from_v4(0x0a000000 + i), start));
  BOOST_TEST(!shard.admit_socket(alice, start)); // forgotten for two newer ones
}

BOOST_AUTO_TEST_CASE(routes_are_matched_whole) {
  auto shard = make();
  for (auto path : {"/chat", "/echo"})
    BOOST_TEST(shard.route_known(path));
  for (auto path : {"", "/", "/cha", "/chat/", "/chatter", "/CHAT", "chat", "/zzz"})
    BOOST_TEST(!shard.route_known(path));
}

BOOST_AUTO_TEST_CASE(an_empty_list_of_origins_allows_any) {
  auto shard = make();
  BOOST_TEST(shard.origin_allowed("https://evil.example"));
  BOOST_TEST(shard.origin_allowed("null"));
  BOOST_TEST(shard.origin_allowed(std::nullopt));
}

BOOST_AUTO_TEST_CASE(a_listed_origin_is_matched_whole_and_without_case) {
  config.origins = {"https://Example.org", "https://two.example:8443"};
  auto shard = make();
  BOOST_TEST(shard.origin_allowed("https://example.ORG"));
  BOOST_TEST(shard.origin_allowed("https://two.example:8443"));
  for (auto origin : {"", "null", "http://example.org", "https://example.org.evil.example",
                      "https://evil.example/https://example.org", "https://example.org/",
                      "https://example.or", "https://two.example"})
    BOOST_TEST_CONTEXT(origin)
  BOOST_TEST(!shard.origin_allowed(origin));
}

BOOST_AUTO_TEST_CASE(a_client_without_an_origin_is_no_page_and_may_connect) {
  config.origins = {"https://example.org"};
  BOOST_TEST(make().origin_allowed(std::nullopt));
}

BOOST_AUTO_TEST_CASE(codes_that_browsers_must_read_are_given_by_a_close_until_the_rate_is_spent) {
  auto shard = make();
  BOOST_TEST(closes_of(shard, refusal::pool_full, start, 1000) == 200);
  BOOST_TEST(closes_of(shard, refusal::draining, start + 100ms, 1000) == 20);
  auto reply = shard.refuse(refusal::pool_full, start + 100ms);
  BOOST_TEST((reply.style == refusal_style::http_status));
  BOOST_TEST(reply.http_status == 503u);
  BOOST_TEST((reply.retry_after == 30s));
}

BOOST_AUTO_TEST_CASE(each_shard_has_its_share_of_the_close_rate) {
  config.shards = 4;
  auto shard = make();
  BOOST_TEST(closes_of(shard, refusal::pool_full, start, 1000) == 50);
}

BOOST_AUTO_TEST_CASE(the_mode_fixes_the_way_where_both_exist) {
  config.refuse = refuse_mode::close;
  auto closing = make();
  BOOST_TEST(closes_of(closing, refusal::unauthenticated, start, 1000) == 1000);
  config.refuse = refuse_mode::http;
  auto answering = make();
  BOOST_TEST(closes_of(answering, refusal::unauthenticated, start, 1000) == 0);
}

BOOST_AUTO_TEST_CASE(what_has_no_close_code_is_always_a_status_and_costs_no_close) {
  config.refuse_close_rate = 1;
  auto shard = make();
  config.refuse = refuse_mode::close;
  auto closing = make();
  for (auto why : {refusal::half_open, refusal::address_rate, refusal::bad_request,
                   refusal::upgrade_required, refusal::header_too_large, refusal::uri_too_long,
                   refusal::handshake_timeout, refusal::not_found, refusal::origin}) {
    BOOST_TEST_CONTEXT(to_string(why)) {
      BOOST_TEST(closes_of(shard, why, start, 10) == 0);
      BOOST_TEST(closes_of(closing, why, start, 10) == 0);
    }
  }
  BOOST_TEST(closes_of(shard, refusal::draining, start, 10) == 1);
}

BOOST_AUTO_TEST_CASE(what_is_decided_after_the_upgrade_is_always_a_close_and_costs_none) {
  config.refuse_close_rate = 1;
  auto shard = make();
  BOOST_TEST(closes_of(shard, refusal::user_limit, start, 10) == 10);
  BOOST_TEST(closes_of(shard, refusal::no_verdict, start, 10) == 10);
  BOOST_TEST(closes_of(shard, refusal::draining, start, 10) == 1);
  config.refuse = refuse_mode::http;
  auto answering = make();
  BOOST_TEST(closes_of(answering, refusal::user_limit, start, 10) == 10);
}

BOOST_AUTO_TEST_CASE(the_table_holds_the_documented_numbers) {
  struct row {
    refusal why;
    unsigned status;
    unsigned code;
  };
  for (auto x : {row{refusal::draining, 503, 1012}, row{refusal::half_open, 429, 0},
                 row{refusal::address_rate, 429, 0}, row{refusal::bad_request, 400, 0},
                 row{refusal::upgrade_required, 426, 0}, row{refusal::header_too_large, 431, 0},
                 row{refusal::uri_too_long, 414, 0}, row{refusal::handshake_timeout, 408, 0},
                 row{refusal::not_found, 404, 0}, row{refusal::origin, 403, 0},
                 row{refusal::unauthenticated, 401, 4501}, row{refusal::pool_full, 503, 1013},
                 row{refusal::user_limit, 0, 4500}, row{refusal::no_verdict, 0, 1013},
                 row{refusal::address_half_open, 429, 0}}) {
    BOOST_TEST_CONTEXT(to_string(x.why)) {
      BOOST_TEST(info(x.why).http_status == x.status);
      BOOST_TEST(info(x.why).close_code == x.code);
      bool again = x.status == 429 || x.status == 503;
      BOOST_TEST((info(x.why).retry_after > 0) == again);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_refusal_has_a_label_of_its_own) {
  std::set<std::string_view> labels;
  for (std::size_t i = 0; i < refusal_count; ++i)
    labels.insert(to_string(static_cast<refusal>(i)));
  BOOST_TEST(labels.size() == refusal_count);
  BOOST_TEST(labels.count("address_rate") == 1u);
  BOOST_TEST(to_string(refuse_mode::automatic) == "auto");
}

BOOST_AUTO_TEST_SUITE_END()
