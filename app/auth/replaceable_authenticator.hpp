// An authenticator that can be replaced while the shards ask it.
#pragma once

#include "protocol/authentication.hpp"

#include <memory>
#include <utility>

namespace holdfast::auth {

/// Asks whichever one it was given last. A handshake that is under way while it is replaced is
/// decided by the old one, and who was let in stays: what a token gave lasts until its `exp`.
///
/// Threads: any, for both functions. An identify() costs one atomic copy of a pointer more.
class replaceable_authenticator final : public authenticator {
public:
  /// `first` and `next` are not null.
  explicit replaceable_authenticator(std::shared_ptr<const authenticator> first)
    : current_{std::move(first)} {}

  void replace(std::shared_ptr<const authenticator> next) {
    std::atomic_store(&current_, std::move(next));
  }

  identification identify(const handshake_request& request, bool by_trusted_proxy,
                          wall_time now) const override {
    return std::atomic_load(&current_)->identify(request, by_trusted_proxy, now);
  }

private:
  std::shared_ptr<const authenticator> current_;
};

} // namespace holdfast::auth
