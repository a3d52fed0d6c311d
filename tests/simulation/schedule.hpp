// What happens in a simulation, as plain data: so that it can be made from a seed, shortened,
// printed, and played again.
#pragma once

#include "tests/simulation/dice.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::simulation {

enum class verb : std::uint8_t {
  // clients
  connect, ///< a whole handshake
  knock,   ///< a socket that says nothing yet
  request, ///< and now does
  desist,  ///< its request never comes, or is none
  say,     ///< a text message for the handler
  binary,
  control, ///< a message of holdfast.v1
  garble,  ///< what is no message of holdfast.v1
  prod,    ///< a ping frame
  pong,    ///< a late one
  bye,     ///< a close frame
  answer,  ///< the answer to our close frame
  vanish,  ///< end of stream, or a reset
  violate, ///< breaks the WebSocket protocol
  clog,    ///< stops reading
  unclog,
  // the machine
  read,   ///< a shard reads what has come
  step,   ///< one unit runs once
  settle, ///< everything runs until nothing is left to do
  tick,   ///< a moment passes for some shards
  pass,   ///< seconds pass
  stall,  ///< time jumps
  // failures
  kill,      ///< a permanent actor
  kill_peer, ///< a connection's actor
  // operators and other actors
  drain,
  cancel,
  force,
  attend,  ///< a participant registers for the drain
  cleanup, ///< a callback does
  kick,
  post, ///< send_message to a connection
  sweep_up,
  look, ///< asks everyone everything
};

inline constexpr std::size_t verb_count = static_cast<std::size_t>(verb::look) + 1;

std::string_view to_string(verb x);

/// One step. The numbers are taken modulo what there is, so that any part of a schedule can be
/// played.
struct action {
  verb what = verb::settle;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};

/// "connect 12 7"
std::string to_string(const action& x);
std::optional<action> parse_action(std::string_view line);

/// How often each verb comes; a scenario has one of several.
using weights = std::array<unsigned, verb_count>;

weights draw_weights(dice& from);

std::vector<action> draw_schedule(dice& from, const weights& how, std::size_t steps);

} // namespace holdfast::simulation
