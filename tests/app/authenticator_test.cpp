#include "app/auth/jwt_authenticator.hpp"
#include "app/auth/make_authenticator.hpp"
#include "app/auth/replaceable_authenticator.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{1'700'000'000s};
constexpr std::int64_t at_noon = 1'700'000'000;

token_claims expiring(std::int64_t at) {
  token_claims claims;
  claims.expires = at;
  return claims;
}

token_policy with_leeway(duration leeway) {
  token_policy policy;
  policy.leeway = leeway;
  return policy;
}

class empty_request final : public handshake_request {
public:
  std::string_view path() const override { return "/"; }
  std::string_view query() const override { return {}; }
  std::string_view header(std::string_view) const override { return {}; }
  std::size_t count(std::string_view) const override { return 0; }
  const client_address& address() const override { return address_; }
  std::string_view address_text() const override { return {}; }

private:
  client_address address_;
};

/// Knows everybody by one name.
class namer final : public authenticator {
public:
  explicit namer(std::string name) : name_{std::move(name)} {}
  identification identify(const handshake_request&, bool, wall_time) const override {
    return identity{name_, false, std::nullopt};
  }

private:
  std::string name_;
};

std::string name_by(const authenticator& who) {
  return std::get<identity>(who.identify(empty_request{}, false, noon)).user;
}

} // namespace

BOOST_AUTO_TEST_SUITE(authenticators)

BOOST_AUTO_TEST_CASE(a_token_has_the_time_to_its_exp_and_the_leeway_left) {
  BOOST_TEST((auth::time_left(expiring(at_noon + 90), with_leeway(0s), noon) == 90s));
  BOOST_TEST((auth::time_left(expiring(at_noon + 90), with_leeway(30s), noon) == 120s));
  BOOST_TEST((auth::time_left(expiring(at_noon + 90), with_leeway(0s), noon + 250ms) == 89750ms));
  BOOST_TEST((auth::time_left(expiring(at_noon - 10), with_leeway(30s), noon) == 20s));
  BOOST_TEST((auth::time_left(expiring(at_noon - 99), with_leeway(30s), noon) == 0s));
}

BOOST_AUTO_TEST_CASE(a_token_without_an_exp_has_no_end) {
  BOOST_TEST(!auth::time_left(token_claims{}, with_leeway(0s), noon));
}

BOOST_AUTO_TEST_CASE(the_latest_exp_of_all_is_no_time_in_the_past) {
  auto left = auth::time_left(expiring(max_numeric_date), with_leeway(10min), noon);
  BOOST_REQUIRE(left);
  BOOST_TEST((*left == 24h * 365 * 100));
  BOOST_TEST((time_point{*left} + 24h * 365 * 100 > time_point{*left}));
}

BOOST_AUTO_TEST_CASE(who_is_asked_can_be_replaced_while_shards_ask) {
  auth::replaceable_authenticator door{std::make_shared<namer>("first")};
  BOOST_TEST(name_by(door) == "first");
  std::atomic<bool> done{false};
  std::atomic<int> strange{0};
  std::thread shard{[&] {
    while (!done)
      if (auto name = name_by(door); name != "first" && name != "a" && name != "b")
        ++strange;
  }};
  for (int i = 0; i < 1000; ++i)
    door.replace(std::make_shared<namer>(i % 2 == 0 ? "a" : "b"));
  done = true;
  shard.join();
  BOOST_TEST(strange == 0);
  BOOST_TEST(name_by(door) == "b");
}

BOOST_AUTO_TEST_CASE(without_a_key_file_nobody_is_made_and_the_key_is_named) {
  auth_settings settings;
  BOOST_TEST(auth::make_authenticator(settings).made != nullptr);
  settings.mode = auth_mode::jwt;
  settings.key_file = "/nowhere/key.pem";
  auto result = auth::make_authenticator(settings);
  BOOST_TEST(result.made == nullptr);
  BOOST_TEST(result.key == "auth.jwt.key_file");
  BOOST_TEST(result.error.find("/nowhere/key.pem") == 0u, result.error);
}

BOOST_AUTO_TEST_SUITE_END()
