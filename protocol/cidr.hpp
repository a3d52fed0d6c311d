// Ranges of addresses, written as in "10.0.0.0/8" (RFC 4632), and what proxies in them say of whom
// they stand for.
#pragma once

#include "protocol/client_address.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast {

/// All addresses that begin with the same bits.
struct cidr_block {
  client_address first; ///< the bits behind the prefix are zero
  unsigned prefix = 0;  ///< in bits; up to 32 for IPv4, up to 128 for IPv6

  /// An IPv4 address is in no block of IPv6, not even in ::/0, and the other way round.
  bool contains(const client_address& address) const;

  friend bool operator==(const cidr_block& a, const cidr_block& b) {
    return a.first == b.first && a.prefix == b.prefix;
  }
};

/// "10.0.0.0/8", "2001:db8::/32", "192.0.2.1" (that one alone). Nothing for anything else, which is
/// also a block that does not begin where it says, such as 10.0.0.1/8: one of the two is a mistake.
std::optional<cidr_block> parse_cidr_block(std::string_view text);

/// "10.0.0.0/8"; of a single address the address alone.
std::string to_string(const cidr_block& block);

bool contains(const std::vector<cidr_block>& blocks, const client_address& address);

/// Why nobody knows who is behind a proxy.
enum class forwarding_fault : std::uint8_t {
  absent,    ///< the proxy names nobody
  malformed, ///< what a trusted proxy has written is no address
};

/// The client behind trusted proxies. `forwarded_for` is the value of X-Forwarded-For, of several
/// fields with this name their values in order, joined by commas. Each proxy appends the address
/// it was reached from; so the client is the last one that is not itself a trusted proxy. What
/// stands before it was written by the client and is not looked at. When all of them are trusted,
/// it is the first.
///
/// An entry may have a port, and an IPv6 address brackets: "192.0.2.1:80", "[2001:db8::1]:80".
std::variant<client_address, forwarding_fault>
forwarded_client(std::string_view forwarded_for, const std::vector<cidr_block>& trusted);

} // namespace holdfast
