// Which connections are meant: the one set of conditions that every list and every action takes.
#pragma once

#include "protocol/cidr.hpp"
#include "protocol/lifecycle.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// What is asked of one connection. Views hold while it is looked at.
struct connection_facts {
  connection_id id;
  std::string_view user;    ///< empty: anonymous
  std::string_view address; ///< with its port, unless a proxy has forwarded it
  std::string_view route;
  connection_state state = connection_state::handshaking;
  duration age{};
  duration idle{};
  duration rtt{}; ///< zero without a sample
  std::uint64_t queued_bytes = 0;
  const std::vector<std::string>* groups = nullptr; ///< those of topics among them
};

/// All conditions that are set must hold; none set selects everyone.
struct selector {
  std::vector<connection_id> ids; ///< any of them
  std::vector<std::string> users; ///< any of them
  std::optional<cidr_block> from; ///< where the client is
  std::string route;              ///< empty: any
  std::optional<connection_state> state;
  std::optional<duration> idle_over;
  std::optional<duration> age_over;
  std::optional<duration> rtt_over;
  std::optional<std::uint64_t> queue_over; ///< bytes
  std::string topic;                       ///< subscribed to it; empty: any

  bool selects_everyone() const;
  bool matches(const connection_facts& x) const;
};

/// "203.0.113.9:51234" and "[2001:db8::1]:80" without the port and the brackets. Addresses that a
/// proxy has forwarded are as they are: "203.0.113.9", "2001:db8::1".
std::string_view without_port(std::string_view address);

/// What a list is sorted by.
enum class connection_key : std::uint8_t { id, age, idle, queue, rtt, state, user };

std::string_view to_string(connection_key key);
std::optional<connection_key> parse_connection_key(std::string_view text);

struct connection_order {
  connection_key key = connection_key::id;
  bool descending = false;
};

/// Where a connection stands in an order. Positions stay what they are while the connection does
/// nothing: those by age and idleness are moments, not spans. Of connections with the same
/// position the id decides, so that there is always one that comes first.
struct connection_place {
  std::int64_t number = 0;
  std::string text; ///< of the user, where that is the key
  std::uint64_t id = 0;

  bool comes_before(const connection_place& other, bool descending) const;
};

/// Text form of a place, to go on behind it; opaque to whoever gets it.
std::string to_cursor(const connection_place& place);

/// The inverse; nothing for anything else.
std::optional<connection_place> parse_cursor(std::string_view text);

} // namespace holdfast
