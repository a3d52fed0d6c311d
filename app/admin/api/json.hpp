// What the admin API shows, as JSON. The shapes are those of openapi.json.
#pragma once

#include "protocol/messages.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace holdfast::admin {

/// Keys stay in the order in which they are written, which is that of the document.
using json = nlohmann::ordered_json;

/// One line; what is not UTF-8 is replaced.
std::string text_of(const json& value);

/// Milliseconds with fractions.
double fractional_ms(duration d);

/// An empty text, such as an anonymous user's name: null.
json text_or_null(std::string_view text);

json to_json(const traffic& x);
json to_json(const std::array<std::uint64_t, state_count>& in_state);
json to_json(const std::vector<flight_entry>& history);
json to_json(const close_receipt& x);

/// A row of a list; with `details` the connection's history and topics too.
json to_json(const connection_view& x, bool details);
/// Whether a user has more than 80 % of what one may have. Limit 0 is none.
bool is_near_limit(std::uint64_t connections, std::uint64_t limit);

json to_json(const named_texts& x);
json to_json(const actor_view& x, std::string_view node);
json to_json(const drain_ledger& x);

/// `open`: connections that are there. `ledger` is shown once there was a drain.
json to_json(const drain_status& x, const drain_ledger& ledger, std::uint64_t open);
json to_json(const drain_forecast& x, std::string_view node, std::size_t shards);

} // namespace holdfast::admin
