#include "protocol/close_code.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace holdfast {

namespace {

using action = client_action;

constexpr std::array table{
  close_code_info{close_code::none, "none", "", action::reconnect},
  close_code_info{close_code::normal, "normal", "", action::nothing},
  close_code_info{close_code::going_away, "going_away", "", action::nothing},
  close_code_info{close_code::protocol_error, "protocol_error", "protocol error", action::stop},
  close_code_info{close_code::unsupported_data, "unsupported_data", "unsupported data",
                  action::stop},
  close_code_info{close_code::no_status, "no_status", "", action::nothing},
  close_code_info{close_code::abnormal, "abnormal", "", action::reconnect},
  close_code_info{close_code::invalid_payload, "invalid_payload", "text is not valid UTF-8",
                  action::stop},
  close_code_info{close_code::policy_violation, "policy_violation", "policy violation",
                  action::stop},
  close_code_info{close_code::message_too_big, "message_too_big", "message too big", action::stop},
  close_code_info{close_code::handler_crashed, "handler_crashed", "the handler failed",
                  action::reconnect},
  close_code_info{close_code::service_restart, "service_restart", "service restart",
                  action::at_lease},
  close_code_info{close_code::try_again_later, "try_again_later", "full, try again later",
                  action::back_off_long},
  close_code_info{close_code::heartbeat_lost, "heartbeat_lost", "no answer to pings",
                  action::reconnect},
  close_code_info{close_code::slow_consumer, "slow_consumer", "reads too slowly",
                  action::reconnect},
  close_code_info{close_code::token_expired, "token_expired", "token expired", action::fetch_token},
  close_code_info{close_code::evicted, "evicted", "evicted", action::reconnect},
  close_code_info{close_code::user_limit, "user_limit", "user limit reached", action::stop},
  close_code_info{close_code::unauthenticated, "unauthenticated", "not authenticated",
                  action::stop},
  close_code_info{close_code::superseded, "superseded", "superseded by a newer connection",
                  action::stop},
  close_code_info{close_code::kicked, "kicked", "closed by an operator", action::stop},
  close_code_info{close_code::bad_control_message, "bad_control_message",
                  "too many bad control messages", action::stop},
  close_code_info{close_code::idle, "idle", "idle", action::stop},
};

constexpr close_code_info unknown{close_code::none, "other", "", action::stop};

} // namespace

const close_code_info& info(close_code code) {
  auto row = std::find_if(table.begin(), table.end(),
                          [code](const close_code_info& x) { return x.code == code; });
  return row == table.end() ? unknown : *row;
}

std::string_view to_string(close_code code) {
  return info(code).name;
}

std::string_view to_string(client_action action) {
  switch (action) {
  case client_action::nothing: return "nothing";
  case client_action::stop: return "stop";
  case client_action::reconnect: return "reconnect";
  case client_action::at_lease: return "at_lease";
  case client_action::back_off_long: return "back_off_long";
  case client_action::fetch_token: return "fetch_token";
  }
  return "invalid";
}

bool valid_on_wire(std::uint16_t code) {
  if (code >= 3000)
    return code <= 4999;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

void require_on_wire(close_code code) {
  auto number = static_cast<std::uint16_t>(code);
  if (!valid_on_wire(number))
    throw std::invalid_argument{"no close frame may carry the code " + std::to_string(number)};
}

std::string_view clip_reason(std::string_view reason) {
  if (reason.size() <= max_close_reason)
    return reason;
  auto end = max_close_reason;
  while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80)
    --end;
  return reason.substr(0, end);
}

} // namespace holdfast
