// Who the simulation's clients are: what their query says, as if they had shown it in a token.
#pragma once

#include "protocol/authentication.hpp"
#include "protocol/query.hpp"

#include <charconv>

namespace holdfast::simulation {

/// `?user=u1`, with `&vip=1` a priority user, with `&ttl=900` for so many milliseconds; with
/// `&forged=1` nobody.
class credentials final : public authenticator {
public:
  identification identify(const handshake_request& request, bool, wall_time) const override {
    if (!query_value(request.query(), "forged").empty())
      return unidentified{"forged"};
    identity who{
      query_value(request.query(), "user"), !query_value(request.query(), "vip").empty(), {}};
    auto ttl = query_value(request.query(), "ttl");
    std::int64_t milliseconds = 0;
    std::from_chars(ttl.data(), ttl.data() + ttl.size(), milliseconds);
    if (milliseconds > 0)
      who.valid_for = std::chrono::milliseconds{milliseconds};
    return who;
  }
};

} // namespace holdfast::simulation
