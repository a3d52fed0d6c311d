// Names of things that are unique for ever, across restarts and nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// Index of a connection in its shard's slot table; reused after the connection has ended.
using slot_index = std::uint32_t;

/// Index of a shard in its node, from 0. At most `max_shards`.
using shard_index = std::uint8_t;

inline constexpr std::size_t max_shards = 256;

/// One life of one node: milliseconds since the Unix epoch at its start. Two lives of a node
/// cannot share it, because the lock on its run directory keeps them apart.
struct incarnation {
  std::uint64_t value = 0;

  friend bool operator==(incarnation a, incarnation b) { return a.value == b.value; }
  friend bool operator!=(incarnation a, incarnation b) { return a.value != b.value; }
};

/// A connection, for ever. The counter's low 8 bits are the shard that accepted it, so that
/// anyone who has the id knows where to ask.
struct connection_id {
  incarnation node;
  std::uint64_t counter = 0;

  shard_index shard() const { return static_cast<shard_index>(counter & 0xff); }

  friend bool operator==(connection_id a, connection_id b) {
    return a.node == b.node && a.counter == b.counter;
  }
  friend bool operator!=(connection_id a, connection_id b) { return !(a == b); }
  friend bool operator<(connection_id a, connection_id b) {
    return a.node == b.node ? a.counter < b.counter : a.node.value < b.node.value;
  }
};

/// Hands out the ids of one shard's connections: unique, ascending, never reused.
class connection_ids {
public:
  connection_ids(incarnation node, shard_index shard) : node_{node}, shard_{shard} {}

  connection_id next() { return {node_, (++issued_ << 8) | shard_}; }

private:
  incarnation node_;
  shard_index shard_;
  std::uint64_t issued_ = 0;
};

/// Text form: incarnation in base 36, a dash, the counter in hexadecimal ("mf2k8x1c-3f01").
std::string to_string(connection_id id);

/// The inverse of to_string(); nothing when `text` is not such a form.
std::optional<connection_id> parse_connection_id(std::string_view text);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, incarnation& x) {
  return f(x.value);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, connection_id& x) {
  return f(x.node, x.counter);
}

} // namespace holdfast

template <>
struct std::hash<holdfast::connection_id> {
  std::size_t operator()(holdfast::connection_id id) const noexcept {
    return std::hash<std::uint64_t>{}(id.node.value * 0x9e3779b97f4a7c15ull ^ id.counter);
  }
};
