// What a shard refuses at once, before anything is known of the user's other connections, and
// how it says no.
#pragma once

#include "protocol/capacity.hpp"
#include "protocol/cidr.hpp"
#include "protocol/rate.hpp"
#include "protocol/time.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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
  address_half_open, ///< too many handshakes in progress from one address (at accept)
};

inline constexpr std::size_t refusal_count
  = static_cast<std::size_t>(refusal::address_half_open) + 1;

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

struct gate_config {
  /// Handshakes in progress, for the node; each shard allows its share. 0: off.
  unsigned half_open = 1024;
  /// Of these from one network (client_address::network()), for the node; each shard allows its
  /// share. Sockets of trusted proxies are none of it. 0: off.
  unsigned half_open_per_address = 0;
  /// Handshakes a second from one address, for the node; each shard allows its share. 0: off.
  unsigned handshakes_per_address = 0;
  /// Origins of pages that may connect ("https://example.org"); empty: any.
  std::vector<std::string> origins;
  /// Proxies that are believed when they say whom they stand for.
  std::vector<cidr_block> trusted_proxies;
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
/// handshake_abandoned(). With the request: screen(), for a proxy's client admit_address(), then
/// who it is, then admit_request(). Where one says no, refuse() says how.
///
/// Threads: that of its shard; `total` is shared by all of them and outlives the gate.
class gate {
public:
  gate(gate_config config, std::vector<std::string> routes, capacity& total);

  /// While false every request is refused as `draining`; sockets are still let in, because what
  /// the kernel has queued is to be told so. At first true.
  void set_accepting(bool accepting) { accepting_ = accepting; }
  bool accepting() const { return accepting_; }

  /// Whether a socket from there is a trusted proxy's.
  bool trusts(const client_address& from) const { return contains(trusted_proxies_, from); }

  /// A socket was accepted: half-open limit, that of its address, then the rate of its address.
  /// Nothing: it counts as half-open from now on.
  ///
  /// A socket of a trusted proxy has no limits of its address. The client's true one is known with
  /// the request: its rate is asked for with admit_address() then. The limit of half-open ones does
  /// not apply to it, for with its complete request its handshake is over.
  std::optional<refusal> admit_socket(const client_address& from, time_point now);
  std::optional<refusal> admit_address(const client_address& from, time_point now);

  /// The handshake was answered, with whatever. `false` when none was in progress: a defect of the
  /// caller, counted by him.
  bool handshake_done(const client_address& from) { return settle(from); }

  /// The socket went away, or handshake_timeout came, before there was an answer.
  bool handshake_abandoned(const client_address& from) { return settle(from); }

  /// Handshakes in progress on this shard; and the networks that are counted for themselves.
  unsigned half_open() const { return half_open_; }
  std::size_t half_open_networks() const { return half_open_by_network_.size(); }

  /// Whether a route has exactly this path (a plain GET on it is 426, on another one 404).
  bool route_known(std::string_view path) const;

  /// Whether a page of this origin may connect. Letters compare without case. Without an Origin
  /// header it may: the check protects users of browsers, which always send one, from foreign
  /// pages; anyone else could write what he likes into it (RFC 6455 section 10.2).
  bool origin_allowed(std::optional<std::string_view> origin) const;

  /// What costs next to nothing to know, in this order: accepting, path, origin. So that nobody
  /// gets a signature verified for a path that does not exist.
  std::optional<refusal> screen(const gate_request& request) const;

  /// In this order: what screen() says, authenticated, total. Nothing: admitted, and one place of
  /// the node's total is taken; the caller gives it back when the connection ends.
  std::optional<refusal> admit_request(const gate_request& request);

  /// How to say no. Each call that ends in a close spends one of refuse_close_rate.
  refusal_reply refuse(refusal why, time_point now);

private:
  struct network_hash {
    std::size_t operator()(std::uint64_t network) const noexcept;
  };

  std::optional<refusal> enter(const client_address& from, time_point now);
  bool settle(const client_address& from);
  bool closes(const refusal_info& row, time_point now);

  refuse_mode mode_;
  unsigned half_open_limit_;
  unsigned network_limit_;
  std::vector<cidr_block> trusted_proxies_;
  std::vector<std::string> origins_;
  std::vector<std::string> routes_; // sorted
  capacity& total_;
  keyed_buckets<std::uint64_t, network_hash> addresses_;
  token_bucket closes_;
  unsigned half_open_ = 0;
  std::unordered_map<std::uint64_t, unsigned, network_hash> half_open_by_network_;
  bool accepting_ = true;
};

} // namespace holdfast
