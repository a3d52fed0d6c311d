// Where a request has its token, and how the token is kept from everyone who need not know it.
#pragma once

#include "protocol/transport.hpp"

#include <string>
#include <string_view>

namespace holdfast {

/// The name of the token in a query. What handlers see of the query is without it.
inline constexpr std::string_view token_parameter = "token";

/// A token that was found, or the reason why none was.
struct bearer_token {
  std::string token;      ///< as it was sent: no part of it has been verified
  std::string_view fault; ///< empty, "missing", "malformed" or "two_tokens"
};

/// Looks at `Authorization: Bearer TOKEN` (RFC 6750 section 2.1; other schemes are somebody
/// else's), then at an entry `bearer.TOKEN` of Sec-WebSocket-Protocol, which is the one header that
/// a page can set, then at `?token=TOKEN`. The same token may come in several places; two
/// different ones are refused, because somebody in between could have judged the other.
bearer_token find_bearer_token(const handshake_request& request);

/// The subprotocol to select of those that the client offers: holdfast.v1 where it is offered. A
/// client that had to offer a token as `bearer.TOKEN` gets the first of its other offers, because
/// browsers give up when they have offered something and nothing is selected. The token itself is
/// never selected, which would send it back; nor is anything that is no token of RFC 7230.
std::string_view choose_subprotocol(std::string_view offered);

} // namespace holdfast
