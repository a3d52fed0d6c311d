#include "protocol/gate.hpp"
#include "tests/protocol/property.hpp"

#include <algorithm>
#include <map>
#include <ostream>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};

struct step {
  enum class kind : std::uint8_t {
    take, ///< a place, for a priority user if `much` is odd
    give,
    set_limits, ///< to `much` and `more`
  };

  kind what = kind::take;
  std::size_t much = 0, more = 0;
};

std::ostream& operator<<(std::ostream& out, const step& x) {
  constexpr std::array names{"take", "give", "set_limits"};
  return out << names[static_cast<std::size_t>(x.what)] << '(' << x.much << ", " << x.more << ')';
}

rc::Gen<std::vector<step>> any_steps() {
  auto what = rc::gen::weightedElement<step::kind>(
    {{6, step::kind::take}, {3, step::kind::give}, {1, step::kind::set_limits}});
  auto number = rc::gen::inRange<std::size_t>(0, 20);
  return rc::gen::container<std::vector<step>>(
    rc::gen::map(rc::gen::tuple(what, number, number), [](const auto& t) {
      return step{std::get<0>(t), std::get<1>(t), std::get<2>(t)};
    }));
}

} // namespace

BOOST_AUTO_TEST_SUITE(properties_of_the_gate)

BOOST_AUTO_TEST_CASE(places_are_counted_and_ordinary_users_leave_the_reserve) {
  BOOST_TEST(holds([] {
    std::size_t limit = *rc::gen::inRange(0, 20), reserve = *rc::gen::inRange(0, 25), taken = 0;
    capacity places{limit, reserve};
    for (const auto& each : *any_steps()) {
      auto priority = each.much % 2 == 1;
      auto free_to_them = priority ? limit : limit - std::min(limit, reserve);
      switch (each.what) {
      case step::kind::take:
        RC_ASSERT(places.take(priority) == (taken < free_to_them));
        taken += taken < free_to_them ? 1 : 0;
        break;
      case step::kind::give:
        RC_ASSERT(places.give() == (taken > 0));
        taken -= taken > 0 ? 1 : 0;
        break;
      case step::kind::set_limits:
        limit = each.much;
        reserve = each.more;
        places.set_limits(limit, reserve);
        break;
      }
      RC_ASSERT(places.taken() == taken);
      RC_ASSERT(places.limit() == limit);
      RC_ASSERT(places.reserve() == std::min(limit, reserve));
    }
  }));
}

BOOST_AUTO_TEST_CASE(handshakes_in_progress_are_counted_and_bounded_in_all_and_by_address) {
  BOOST_TEST(holds([](const std::vector<std::uint8_t>& actions) {
    gate_config config;
    config.half_open = *rc::gen::inRange(0u, 12u);
    config.half_open_per_address = *rc::gen::inRange(0u, 6u);
    config.shards = *rc::gen::inRange(1u, 5u);
    config.trusted_proxies = {*parse_cidr_block("0.0.0.0/32")};
    capacity places{100};
    gate mine{config, {"/"}, places};
    auto most = share_of(config.half_open, config.shards);
    auto most_of_one = share_of(config.half_open_per_address, config.shards);
    std::vector<unsigned> open_of(3); // the first is the proxy
    unsigned open = 0;
    for (auto action : actions) {
      auto who = action % 3u;
      auto from = client_address::from_v4(who);
      if (action < 170) {
        std::optional<refusal> expected;
        if (most != 0 && open == most)
          expected = refusal::half_open;
        else if (who != 0 && most_of_one != 0 && open_of[who] == most_of_one)
          expected = refusal::address_half_open;
        RC_ASSERT(mine.admit_socket(from, start) == expected);
        open += expected ? 0 : 1;
        open_of[who] += expected ? 0 : 1;
      } else if (open_of[who] > 0) {
        auto settled = action % 2 == 0 ? mine.handshake_done(from) : mine.handshake_abandoned(from);
        RC_ASSERT(settled);
        --open;
        --open_of[who];
      }
      RC_ASSERT(mine.half_open() == open);
    }
    RC_ASSERT(mine.half_open_networks() <= 2u);
  }));
}

BOOST_AUTO_TEST_CASE(an_address_beyond_its_rate_is_refused_and_holds_no_handshake) {
  BOOST_TEST(holds([](const std::vector<std::uint8_t>& from) {
    gate_config config;
    config.half_open = 0;
    config.handshakes_per_address = *rc::gen::inRange(1u, 6u);
    capacity places{100};
    gate mine{config, {"/"}, places};
    std::map<std::uint8_t, token_bucket> alone;
    auto now = start;
    unsigned open = 0;
    for (auto address : from) {
      now += address * 1ms;
      auto& bucket = alone.try_emplace(address % 3, config.handshakes_per_address).first->second;
      auto granted = bucket.take(now);
      auto answer = mine.admit_socket(client_address::from_v4(address % 3), now);
      RC_ASSERT(answer == (granted ? std::nullopt : std::optional{refusal::address_rate}));
      open += granted ? 1 : 0;
      RC_ASSERT(mine.half_open() == open);
    }
  }));
}

BOOST_AUTO_TEST_CASE(
  a_request_is_judged_in_the_order_of_the_refusals_and_takes_a_place_only_if_let_in) {
  BOOST_TEST(holds([](bool accepting, bool known, bool origin, bool authenticated, bool priority) {
    gate_config config;
    config.origins = {"https://a.example"};
    std::size_t limit = *rc::gen::inRange(0, 3), reserve = *rc::gen::inRange(0, 3);
    capacity places{limit, reserve};
    gate mine{config, {"/", "/a"}, places};
    if (!accepting)
      mine.set_accepting(false);
    gate_request request;
    request.path = known ? "/a" : "/b";
    request.origin = origin ? "HTTPS://A.example" : "https://b.example";
    request.authenticated = authenticated;
    request.priority = priority;
    auto room = priority ? limit : limit - std::min(limit, reserve);
    auto expected = !accepting       ? std::optional{refusal::draining}
                    : !known         ? std::optional{refusal::not_found}
                    : !origin        ? std::optional{refusal::origin}
                    : !authenticated ? std::optional{refusal::unauthenticated}
                    : room == 0      ? std::optional{refusal::pool_full}
                                     : std::nullopt;
    RC_ASSERT(mine.admit_request(request) == expected);
    RC_ASSERT(places.taken() == (expected ? 0u : 1u));
  }));
}

BOOST_AUTO_TEST_CASE(any_text_is_no_address_or_names_one) {
  auto letter = rc::gen::oneOf(rc::gen::elementOf(std::string{"0123456789abcdefABCDEF:::..."}),
                               rc::gen::arbitrary<char>());
  BOOST_TEST(holds([&] {
    auto text = *rc::gen::container<std::string>(letter);
    auto address = parse_client_address(text);
    RC_ASSERT((!address || parse_client_address(text) == address));
  }));
}

BOOST_AUTO_TEST_CASE(every_ipv4_address_is_read_and_is_a_network_of_its_own) {
  BOOST_TEST(holds([](std::uint32_t one, std::uint32_t other) {
    auto text = std::to_string(one >> 24) + '.' + std::to_string(one >> 16 & 255) + '.'
                + std::to_string(one >> 8 & 255) + '.' + std::to_string(one & 255);
    auto address = parse_client_address(text);
    RC_ASSERT(address.has_value());
    RC_ASSERT((*address == client_address::from_v4(one)));
    RC_ASSERT((parse_client_address("::ffff:" + text) == address));
    auto same = address->network() == client_address::from_v4(other).network();
    RC_ASSERT(same == (one == other));
  }));
}

BOOST_AUTO_TEST_SUITE_END()
