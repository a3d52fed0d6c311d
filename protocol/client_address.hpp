// The address of a client, IPv4 or IPv6, and how it is written.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// Where a client comes from.
struct client_address {
  /// In network order; IPv4 is mapped (::ffff:192.0.2.1).
  std::array<std::uint8_t, 16> bytes{};

  /// 192.0.2.1 is 0xc0000201.
  static client_address from_v4(std::uint32_t address);

  bool is_v4() const;

  /// What one client can be expected to hold, and hence what a rate counts: an IPv4 address, of
  /// IPv6 the /64. Different for different networks.
  std::uint64_t network() const;

  friend bool operator==(const client_address& a, const client_address& b) {
    return a.bytes == b.bytes;
  }
  friend bool operator!=(const client_address& a, const client_address& b) { return !(a == b); }
};

/// As RFC 5952 has it: "192.0.2.1", "2001:db8::1". Read again it gives the same address.
std::string to_string(const client_address& address);

/// "192.0.2.1", "2001:db8::1" (RFC 4291 section 2.2). Nothing for anything else: no port, no
/// brackets, no zone, no leading zeros in IPv4.
std::optional<client_address> parse_client_address(std::string_view text);

} // namespace holdfast
