// Who a client is: the seam between the shards, which ask, and what proves or believes it.
#pragma once

#include "protocol/named_texts.hpp"
#include "protocol/time.hpp"
#include "protocol/transport.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace holdfast {

/// A client that is known, or may be anonymous.
struct identity {
  std::string user;      ///< empty: anonymous
  bool priority = false; ///< may use the reserve
  /// How long it may stay, from the time that identify() was given; unset: as long as it likes.
  std::optional<duration> valid_for;
  named_texts attributes{}; ///< what else is known of it, for the handler
};

/// A client that is refused as `unauthenticated`.
struct unidentified {
  std::string_view fault; ///< constant text, a label such as "expired"; never what the client sent
};

using identification = std::variant<identity, unidentified>;

/// Threads: any of the shards', several at once.
class authenticator {
public:
  virtual ~authenticator() = default;

  /// Asked once for each request that has passed the gate's cheaper checks. `by_trusted_proxy`:
  /// the socket's other end is one, so what it says of the client can be believed.
  virtual identification identify(const handshake_request& request, bool by_trusted_proxy,
                                  wall_time now) const = 0;
};

/// The longest user, in bytes.
inline constexpr std::size_t max_user_size = 256;

/// What is wrong with the name of a user, as `unidentified` says it: `too_long`, or `malformed`
/// (control characters, or not UTF-8); empty if nothing is.
std::string_view fault_of_user(std::string_view user);

/// `auth.mode` "none": whoever it says in `?user=`, else anonymous. Faults: those of a user.
class claimed_user final : public authenticator {
public:
  identification identify(const handshake_request& request, bool by_trusted_proxy,
                          wall_time now) const override;
};

/// `auth.mode` "header": the user that a trusted proxy names in a header of this name. Faults:
/// `untrusted_peer`, `missing`, `repeated` (two fields: one may be the client's), those of a user.
class user_from_header final : public authenticator {
public:
  explicit user_from_header(std::string name) : name_{std::move(name)} {}

  identification identify(const handshake_request& request, bool by_trusted_proxy,
                          wall_time now) const override;

private:
  std::string name_;
};

} // namespace holdfast
