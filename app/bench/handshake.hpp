// The opening handshake as a client sees it (RFC 6455, section 4).
#pragma once

#include "app/bench/url.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::bench {

/// The subprotocol that leased clients ask for.
inline constexpr std::string_view lease_protocol = "holdfast.v1";

/// What one client asks for.
struct identity {
  std::string user; ///< empty: anonymous
  bool leased = false;
  std::string topic{}; ///< empty: none is named
};

/// The upgrade request. `headers` are lines "Name: value" that are sent as they are.
std::string handshake_request(const url& to, const identity& who,
                              const std::vector<std::string>& headers);

/// What is wrong with `header` as a line of the request; empty: nothing.
std::string header_fault(std::string_view header);

/// The subprotocols that `headers` offer, as they are written there.
std::string offered_protocols(const std::vector<std::string>& headers);

enum class answer_state : std::uint8_t {
  incomplete,
  accepted,
  refused,
};

struct answer {
  answer_state state = answer_state::incomplete;
  std::size_t size = 0; ///< of the response, if accepted: frames follow
  std::string why;      ///< if refused: one printable line, with what can be done about it
};

/// Judges the server's answer so far; `ended`: nothing more will come. `protocols` are those that
/// were offered, with commas between. A refusal is quoted with its status and the first line of its
/// body.
answer read_answer(std::string_view bytes, std::string_view protocols, bool ended);

} // namespace holdfast::bench
