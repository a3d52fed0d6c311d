#include "protocol/authentication.hpp"
#include "protocol/bearer_token.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace holdfast;

namespace {

class request final : public handshake_request {
public:
  request(std::string query, std::multimap<std::string, std::string, std::less<>> fields)
    : query_{std::move(query)},
      fields_{std::move(fields)} {
    for (auto& [name, value] : fields_) {
      auto& all = joined_[name];
      all += (all.empty() ? "" : ", ") + value;
    }
  }

  std::string_view path() const override { return "/echo"; }
  std::string_view query() const override { return query_; }
  std::string_view header(std::string_view name) const override {
    auto found = joined_.find(name);
    return found == joined_.end() ? std::string_view{} : std::string_view{found->second};
  }
  std::size_t count(std::string_view name) const override { return fields_.count(name); }
  const client_address& address() const override { return address_; }
  std::string_view address_text() const override { return "192.0.2.1:50000"; }

private:
  std::string query_;
  std::multimap<std::string, std::string, std::less<>> fields_;
  std::map<std::string, std::string, std::less<>> joined_;
  client_address address_ = client_address::from_v4(0xc0000201);
};

constexpr auto authorization = "Authorization";
constexpr auto protocols = "Sec-WebSocket-Protocol";

/// The token, or "!" and what is wrong.
std::string token_of(const request& from) {
  auto found = find_bearer_token(from);
  return found.fault.empty() ? found.token : "!" + std::string{found.fault};
}

/// The user, or "!" and what is wrong.
std::string user_of(const identification& found) {
  if (auto* no = std::get_if<unidentified>(&found))
    return "!" + std::string{no->fault};
  return std::get<identity>(found).user;
}

} // namespace

BOOST_AUTO_TEST_SUITE(users_from_requests)

BOOST_AUTO_TEST_CASE(without_authentication_a_user_is_whoever_it_says) {
  claimed_user anyone;
  BOOST_TEST(user_of(anyone.identify(request{"user=J%C3%B6rg", {}}, false, {})) == "J\xc3\xb6rg");
  BOOST_TEST(user_of(anyone.identify(request{"", {}}, true, {})) == "");
  BOOST_TEST(user_of(anyone.identify(request{"user=a%0Ab", {}}, false, {})) == "!malformed");
  BOOST_TEST(user_of(anyone.identify(request{"user=" + std::string(257, 'a'), {}}, false, {}))
             == "!too_long");
}

BOOST_AUTO_TEST_CASE(a_user_is_a_line_of_utf8_of_at_most_256_bytes) {
  for (auto good : {"", "ann", "ann, root", "J\xc3\xb6rg", "\xf0\x9f\x8d\x8c"})
    BOOST_TEST(fault_of_user(good) == "", good);
  for (auto bad : {"a\nb", "\x01", "\x7f", "\xff\xfe", "a\xc3", "\xc0\xaf", "\xed\xa0\x80"})
    BOOST_TEST(fault_of_user(bad) == "malformed", bad);
  BOOST_TEST(fault_of_user(std::string(256, 'a')) == "");
  BOOST_TEST(fault_of_user(std::string(257, 'a')) == "too_long");
}

BOOST_AUTO_TEST_CASE(a_header_names_the_user_when_a_trusted_proxy_sent_it) {
  user_from_header proxied{"X-User"};
  BOOST_TEST(user_of(proxied.identify(request{"user=eve", {{"X-User", "ann"}}}, true, {}))
             == "ann");
  BOOST_TEST(user_of(proxied.identify(request{"", {{"X-User", "ann"}}}, false, {}))
             == "!untrusted_peer");
}

BOOST_AUTO_TEST_CASE(a_header_that_names_nobody_or_two_is_refused) {
  user_from_header proxied{"X-User"};
  auto told = [&](std::multimap<std::string, std::string, std::less<>> fields) {
    return user_of(proxied.identify(request{"user=eve", std::move(fields)}, true, {}));
  };
  BOOST_TEST(told({}) == "!missing");
  BOOST_TEST(told({{"X-User", ""}}) == "!missing");
  BOOST_TEST(told({{"X-User", "eve"}, {"X-User", "ann"}}) == "!repeated");
  BOOST_TEST(told({{"X-User", "ann"}, {"X-User", "ann"}}) == "!repeated");
  BOOST_TEST(told({{"X-User", std::string(256, 'a')}}) == std::string(256, 'a'));
  BOOST_TEST(told({{"X-User", std::string(257, 'a')}}) == "!too_long");
  BOOST_TEST(told({{"X-User", "a\tb"}}) == "!malformed");
  BOOST_TEST(told({{"X-User", "a\x7f"}}) == "!malformed");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tokens_in_requests)

BOOST_AUTO_TEST_CASE(a_token_is_found_in_each_of_three_places) {
  BOOST_TEST(token_of({"", {{authorization, "Bearer a.b.c"}}}) == "a.b.c");
  BOOST_TEST(token_of({"", {{authorization, "bEARER  a.b.c "}}}) == "a.b.c");
  BOOST_TEST(token_of({"", {{protocols, "holdfast.v1, bearer.a.b.c"}}}) == "a.b.c");
  BOOST_TEST(token_of({"", {{protocols, "chat"}, {protocols, "bearer.a.b.c"}}}) == "a.b.c");
  BOOST_TEST(token_of({"user=eve&token=a.b.c", {}}) == "a.b.c");
  BOOST_TEST(token_of({"user=eve", {{protocols, "holdfast.v1"}}}) == "!missing");
}

BOOST_AUTO_TEST_CASE(the_same_token_may_come_twice_and_two_are_refused) {
  BOOST_TEST(token_of({"token=a", {{authorization, "Bearer a"}, {protocols, "bearer.a"}}}) == "a");
  BOOST_TEST(token_of({"token=b", {{authorization, "Bearer a"}}}) == "!two_tokens");
  BOOST_TEST(token_of({"token=b", {{protocols, "bearer.a"}}}) == "!two_tokens");
  BOOST_TEST(token_of({"token=a&token=b", {}}) == "!two_tokens");
  BOOST_TEST(token_of({"", {{protocols, "bearer.a, bearer.b"}}}) == "!two_tokens");
}

BOOST_AUTO_TEST_CASE(another_scheme_is_somebody_elses) {
  BOOST_TEST(token_of({"token=a", {{authorization, "Basic eDp5"}}}) == "a");
  BOOST_TEST(token_of({"", {{authorization, "Basic eDp5"}}}) == "!missing");
  BOOST_TEST(token_of({"", {{authorization, "Bearerx a"}}}) == "!missing");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_a_token_is_malformed_and_no_reason_to_look_elsewhere) {
  BOOST_TEST(token_of({"token=a", {{authorization, "Bearer"}}}) == "!malformed");
  BOOST_TEST(token_of({"token=a", {{authorization, "Bearer a b"}}}) == "!malformed");
  BOOST_TEST(token_of({"", {{authorization, "Bearer a"}, {authorization, "Bearer a"}}})
             == "!malformed");
  BOOST_TEST(token_of({"token=", {}}) == "!malformed");
  BOOST_TEST(token_of({"token=%00", {}}) == "!malformed");
  BOOST_TEST(token_of({"", {{protocols, "bearer."}}}) == "!malformed");
}

BOOST_AUTO_TEST_CASE(a_token_is_never_selected_as_a_subprotocol) {
  BOOST_TEST(choose_subprotocol("bearer.a.b.c") == "");
  BOOST_TEST(choose_subprotocol("bearer.a.b.c, holdfast.v1") == "holdfast.v1");
  BOOST_TEST(choose_subprotocol("chat, bearer.a.b.c , holdfast.v1") == "holdfast.v1");
  BOOST_TEST(choose_subprotocol("bearer.a, chat, other") == "chat");
  BOOST_TEST(choose_subprotocol("bearer.a, a b, \"q\", bearer.b, ok") == "ok");
}

BOOST_AUTO_TEST_CASE(without_a_token_only_holdfast_v1_is_selected) {
  BOOST_TEST(choose_subprotocol("") == "");
  BOOST_TEST(choose_subprotocol("chat, other") == "");
  BOOST_TEST(choose_subprotocol("chat,holdfast.v1") == "holdfast.v1");
  BOOST_TEST(choose_subprotocol("holdfast.v10, Holdfast.v1") == "");
}

BOOST_AUTO_TEST_SUITE_END()
