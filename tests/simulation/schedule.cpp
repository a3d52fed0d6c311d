#include "tests/simulation/schedule.hpp"

#include <algorithm>
#include <numeric>
#include <sstream>

namespace holdfast::simulation {

namespace {

constexpr std::array<std::string_view, verb_count> names{
  "connect", "knock",   "request", "desist", "say",      "binary",    "control", "garble", "prod",
  "pong",    "bye",     "answer",  "vanish", "violate",  "clog",      "unclog",  "read",   "step",
  "settle",  "tick",    "pass",    "stall",  "kill",     "kill_peer", "drain",   "cancel", "force",
  "attend",  "cleanup", "kick",    "post",   "sweep_up", "look"};

constexpr std::array<unsigned, verb_count> usual{
  120, 10,  12, 4,  90, 10, 30, 6,  15,  // connect ... prod
  30,  25,  25, 20, 6,  12, 14, 50, 160, // pong ... step
  60,  110, 12, 3,  2,  4,  1,  1,  1,   // settle ... force
  1,   1,   4,  12, 2,  2};

} // namespace

std::string_view to_string(verb x) {
  return names[static_cast<std::size_t>(x)];
}

std::string to_string(const action& x) {
  return std::string{to_string(x.what)} + ' ' + std::to_string(x.a) + ' ' + std::to_string(x.b);
}

std::optional<action> parse_action(std::string_view line) {
  std::istringstream in{std::string{line}};
  std::string name;
  action result;
  if (!(in >> name >> result.a >> result.b))
    return std::nullopt;
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return std::nullopt;
  result.what = static_cast<verb>(found - names.begin());
  return result;
}

weights draw_weights(dice& from) {
  weights result = usual;
  auto more = [&](verb x, unsigned factor) { result[static_cast<std::size_t>(x)] *= factor; };
  switch (from.below(10)) {
  case 0: // a storm
    more(verb::connect, 4);
    more(verb::vanish, 3);
    break;
  case 1: // silence
    more(verb::pass, 6);
    more(verb::connect, 2);
    break;
  case 2: // actors die
    more(verb::kill, 12);
    more(verb::kill_peer, 4);
    break;
  case 3: // drains
    more(verb::drain, 10);
    more(verb::cancel, 12);
    more(verb::cleanup, 6);
    more(verb::attend, 6);
    break;
  case 4: // slow clients
    more(verb::clog, 5);
    more(verb::post, 5);
    break;
  case 5: // stalls
    more(verb::stall, 8);
    more(verb::pass, 2);
    break;
  case 6: // actors die while the node drains
    more(verb::kill, 12);
    more(verb::drain, 12);
    more(verb::cancel, 10);
    break;
  case 7: // and while it uses force
    more(verb::kill, 24);
    more(verb::drain, 12);
    more(verb::force, 40);
    break;
  case 8: // and while users come again and again
    more(verb::kill, 40);
    more(verb::connect, 4);
    break;
  default: break;
  }
  return result;
}

std::vector<action> draw_schedule(dice& from, const weights& how, std::size_t steps) {
  auto sum = std::accumulate(how.begin(), how.end(), 0u);
  std::vector<action> result;
  result.reserve(steps);
  while (result.size() < steps) {
    auto point = from.below(sum);
    std::size_t at = 0;
    while (point >= how[at])
      point -= how[at++];
    result.push_back({static_cast<verb>(at), static_cast<std::uint32_t>(from.next() >> 40),
                      static_cast<std::uint32_t>(from.next() >> 40)});
  }
  return result;
}

} // namespace holdfast::simulation
