// What a shard refuses at once, before anything is known of the user's other connections, and
// how it says no.
#pragma once

#include "protocol/capacity.hpp"
#include "protocol/rate.hpp"
#include "protocol/time.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// Why a client was refused; also the label of the counters. The first ones stand in the order in
/// which they are decided.
enum class refusal : std::uint8_t {
  draining,          ///< the node has stopped accepting
  half_open,         ///< too many handshakes in progress
  address_rate,      ///< too many handshakes from one address
  bad_request,       ///< not a well-formed request (decided by the transport)
  upgrade_required,  ///< plain HTTP, or another WebSocket version (transport)
  header_too_large,  ///< above header_size (transport)
  uri_too_long,      ///< above uri_size (transport)
  handshake_timeout, ///< no complete request within handshake_timeout (transport)
  not_found,         ///< no route has this path
  origin,            ///< a page of this origin may not connect
  unauthenticated,   ///< no valid token, or no user from the proxy
  pool_full,         ///< the node's total limit, or what the reserve leaves of it
  user_limit,        ///< the user has max_connections_per_user (by the verdict, after the upgrade)
  no_verdict,        ///< nobody could say how many the user has (after the upgrade)
};

inline constexpr std::size_t refusal_count = static_cast<std::size_t>(refusal::no_verdict) + 1;

/// How a refusal is said.
struct refusal_info {
  refusal why;
  std::string_view label;   ///< snake_case, for logs and metrics
  unsigned http_status;     ///< 0: there is none, it is decided after the upgrade
  std::uint16_t close_code; ///< a value of `close_code`; 0: there is none, always the status
  unsigned retry_after;     ///< seconds, with the status; 0: none
};

const refusal_info& info(refusal why);

/// The label ("address_rate").
std::string_view to_string(refusal why);

/// The two ways to say no. Browsers show a page the close code, never the status; the status costs
/// less (no upgrade, no closing handshake).
enum class refusal_style : std::uint8_t { upgrade_then_close, http_status };

std::string_view to_string(refusal_style style);

/// Which way is taken where both exist.
enum class refuse_mode : std::uint8_t {
  automatic, ///< "auto": close, but above refuse_close_rate the status
  close,     ///< always upgrade and close
  http,      ///< always the status
};

std::string_view to_string(refuse_mode mode);

/// What the transport shall do. Both numbers of the refusal are filled in, `style` chooses.
struct refusal_reply {
  refusal_style style;
  unsigned http_status;
  std::uint16_t close_code;
  std::chrono::seconds retry_after; ///< with the status; zero: no Retry-After
};

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

/// "192.0.2.1", "2001:db8::1" (RFC 4291 section 2.2). Nothing for anything else: no port, no
/// brackets, no zone, no leading zeros in IPv4.
std::optional<client_address> parse_client_address(std::string_view text);

struct gate_config {
  /// Handshakes in progress, for the node; each shard allows its share. 0: off.
  unsigned half_open = 1024;
  /// Handshakes a second from one address, for the node; each shard allows its share. 0: off.
  unsigned handshakes_per_address = 0;
  /// Origins of pages that may connect ("https://example.org"); empty: any.
  std::vector<std::string> origins;
  refuse_mode refuse = refuse_mode::automatic;
  /// Refusals a second that are upgraded and closed, for the node; each shard has its share.
  /// 0: no limit. A close costs an upgrade and a closing handshake, a status neither.
  unsigned refuse_close_rate = 200;
  unsigned shards = 1;
  /// Networks whose rate one shard remembers, about 90 bytes each. It must for a second after
  /// their last handshake, and does about 30,000 of those a second; with more sources than this,
  /// the one silent for longest is granted a new burst.
  std::size_t remembered_addresses = 65536;
};

/// A well-formed request to upgrade, as far as the gate cares. Views hold during the call.
struct gate_request {
  std::string_view path;                  ///< without the query
  std::optional<std::string_view> origin; ///< the Origin header, if there is one
  bool authenticated = false;             ///< true as well where no authentication is asked for
  bool priority = false;                  ///< may use the reserve
};

/// One shard's gate. At accept: admit_socket(), which is given back by handshake_done() or
/// handshake_abandoned(). With the request: admit_request(). Where it says no, refuse() says how.
///
/// Threads: that of its shard; `total` is shared by all of them and outlives the gate.
class gate {
public:
  gate(gate_config config, std::vector<std::string> routes, capacity& total);

  /// While false every request is refused as `draining`; sockets are still let in, because what
  /// the kernel has queued is to be told so. At first true.
  void set_accepting(bool accepting) { accepting_ = accepting; }
  bool accepting() const { return accepting_; }

  /// A socket was accepted: half-open limit, then the rate of its address. Nothing: it counts as
  /// half-open from now on.
  std::optional<refusal> admit_socket(const client_address& from, time_point now);

  /// The same for a socket of a trusted proxy, whose own address has no rate: the client's true
  /// one is asked for with admit_address() as soon as it is known.
  std::optional<refusal> admit_proxy_socket();
  std::optional<refusal> admit_address(const client_address& from, time_point now);

  /// The handshake was answered, with whatever. `false` when none was in progress: a defect of the
  /// caller, counted by him.
  bool handshake_done() { return settle(); }

  /// The socket went away, or handshake_timeout came, before there was an answer.
  bool handshake_abandoned() { return settle(); }

  /// Handshakes in progress on this shard.
  unsigned half_open() const { return half_open_; }

  /// Whether a route has exactly this path (a plain GET on it is 426, on another one 404).
  bool route_known(std::string_view path) const;

  /// Whether a page of this origin may connect. Letters compare without case. Without an Origin
  /// header it may: the check protects users of browsers, which always send one, from foreign
  /// pages; anyone else could write what he likes into it (RFC 6455 section 10.2).
  bool origin_allowed(std::optional<std::string_view> origin) const;

  /// In this order: accepting, path, origin, authenticated, total. Nothing: admitted, and one
  /// place of the node's total is taken; the caller gives it back when the connection ends.
  std::optional<refusal> admit_request(const gate_request& request);

  /// How to say no. Each call that ends in a close spends one of refuse_close_rate.
  refusal_reply refuse(refusal why, time_point now);

private:
  struct network_hash {
    std::size_t operator()(std::uint64_t network) const noexcept;
  };

  bool settle();
  bool closes(const refusal_info& row, time_point now);

  refuse_mode mode_;
  unsigned half_open_limit_;
  std::vector<std::string> origins_;
  std::vector<std::string> routes_; // sorted
  capacity& total_;
  keyed_buckets<std::uint64_t, network_hash> addresses_;
  token_bucket closes_;
  unsigned half_open_ = 0;
  bool accepting_ = true;
};

} // namespace holdfast
