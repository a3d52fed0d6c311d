#include "protocol/close_code.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;

namespace {

constexpr close_code ours[] = {
  close_code::protocol_error,   close_code::unsupported_data,    close_code::invalid_payload,
  close_code::policy_violation, close_code::message_too_big,     close_code::handler_crashed,
  close_code::service_restart,  close_code::try_again_later,     close_code::heartbeat_lost,
  close_code::slow_consumer,    close_code::token_expired,       close_code::evicted,
  close_code::user_limit,       close_code::unauthenticated,     close_code::superseded,
  close_code::kicked,           close_code::bad_control_message, close_code::idle,
};

} // namespace

BOOST_AUTO_TEST_SUITE(close_codes)

BOOST_AUTO_TEST_CASE(every_code_we_send_has_a_row_with_a_reason_that_fits_a_close_frame) {
  for (auto code : ours) {
    BOOST_TEST_CONTEXT("code " << static_cast<int>(code)) {
      BOOST_TEST((info(code).code == code));
      BOOST_TEST(!info(code).reason.empty());
      BOOST_TEST(info(code).reason.size() <= max_close_reason);
      BOOST_TEST(valid_on_wire(static_cast<std::uint16_t>(code)));
    }
  }
}

BOOST_AUTO_TEST_CASE(from_4500_on_a_client_stops_and_below_it_may_come_back) {
  for (auto code : ours) {
    if (static_cast<int>(code) < 4000)
      continue;
    bool stops = info(code).action == client_action::stop;
    BOOST_TEST_CONTEXT("code " << static_cast<int>(code))
    BOOST_TEST(stops == (static_cast<int>(code) >= 4500));
  }
}

BOOST_AUTO_TEST_CASE(a_code_that_is_not_ours_is_other_and_stops) {
  BOOST_TEST(to_string(close_code{3999}) == "other");
  BOOST_TEST((info(close_code{3999}).action == client_action::stop));
}

BOOST_AUTO_TEST_CASE(codes_that_rfc_6455_keeps_off_the_wire_are_refused) {
  for (int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535})
    BOOST_TEST(!valid_on_wire(static_cast<std::uint16_t>(code)));
  for (int code : {1000, 1003, 1007, 1014, 3000, 4999})
    BOOST_TEST(valid_on_wire(static_cast<std::uint16_t>(code)));
}

BOOST_AUTO_TEST_CASE(a_long_reason_is_cut_before_a_utf8_sequence_never_inside_it) {
  std::string reason(122, 'x');
  BOOST_TEST(clip_reason(reason + "y") == reason + "y");
  BOOST_TEST(clip_reason(reason + "\xc3\xa9") == reason);
  BOOST_TEST(clip_reason(std::string(121, 'x') + "\xc3\xa9z")
             == std::string(121, 'x') + "\xc3\xa9");
}

BOOST_AUTO_TEST_SUITE_END()
