// What a client's token (a JWT, RFC 7519) claims, and whether it holds. Nothing here knows about
// signatures: app/auth verifies those first.
#pragma once

#include "protocol/named_texts.hpp"
#include "protocol/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast {

/// Why a token is refused. Labels of metrics: the set is closed.
enum class token_fault : std::uint8_t {
  missing,            ///< there is none
  too_long,           ///< more than max_token_size bytes
  malformed,          ///< not three parts of base64url, or not JSON objects with each name once
  algorithm_refused,  ///< `alg` is none of HS256, RS256, ES256, or no key is for it
  unsupported_header, ///< `crit`, `b64`, or a `typ` of another kind of token
  unknown_key,        ///< no key has its `kid`
  bad_signature,
  bad_claim, ///< a claim has a value that it cannot have
  wrong_issuer,
  wrong_audience,
  no_subject,
  no_expiry,
  expired,
  not_yet_valid,
};

/// A label, as the enumerator is called.
std::string_view to_string(token_fault fault);

/// A sentence for the operator that says what was wrong, and what to look at.
std::string_view explain(token_fault fault);

/// The longest token that is looked at, in bytes; the largest head of a request that proxies
/// commonly take is as large.
inline constexpr std::size_t max_token_size = 8 * 1024;

/// The latest time a claim can name: the end of the year 9999, in seconds since 1970. Milliseconds
/// by mistake are beyond it.
inline constexpr std::int64_t max_numeric_date = 253402300799;

/// What a token says. Times are seconds since 1970.
struct token_claims {
  std::string subject; ///< the user; empty: there is none
  std::optional<std::string> issuer;
  std::vector<std::string> audience; ///< empty: the token is for anyone
  std::optional<std::int64_t> expires, not_before, issued_at;
  bool priority = false;
  named_texts attributes; ///< those that were asked for: strings as they are, others as JSON text
};

/// What is asked of a token.
struct token_policy {
  /// Equal to `iss`; empty: anyone may have issued it.
  std::string issuer;
  /// One of `aud`. Empty: only tokens without `aud` are taken, for a token with one is meant for
  /// somebody, and nobody says that it is us (RFC 7519 section 4.1.3).
  std::string audience;
  /// How far the issuer's clock may be off; at least 0.
  duration leeway{};
  /// Whether a token without `exp` is refused.
  bool require_expiry = true;
};

/// The claims in `json`, all of it one object that nests at most 32 levels. `priority` is whether
/// the claim of that name is the JSON value true, nothing else; an empty name is no claim's.
/// Absent claims are no fault: malformed or bad_claim.
///
/// bad_claim is: a `sub` that is empty, no string or no user (fault_of_user()); an `iss` that is no
/// string; an `aud` that is neither a string nor an array of one or more strings; an `exp`, `nbf`
/// or `iat` that is not a number of 0 to max_numeric_date. A fraction of a second counts against
/// the token: `exp` is rounded down and `nbf` up.
std::variant<token_claims, token_fault>
read_claims(std::string_view json, std::string_view priority_claim,
            const std::vector<std::string>& attributes = {});

/// What is wrong at `now`, the first in this order: wrong_issuer, wrong_audience, no_subject,
/// no_expiry, expired, not_yet_valid. So `expired` means that a newer token will do.
///
/// A token is valid from `nbf` - leeway on, and before `exp` + leeway (RFC 7519 section 4.1.4: on
/// or after `exp` it is refused). `iat` is not judged.
std::optional<token_fault> check(const token_claims& claims, const token_policy& policy,
                                 wall_time now);

} // namespace holdfast
