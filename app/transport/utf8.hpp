// Whether text is UTF-8, as fast as ASCII can be passed over.
#pragma once

#include "app/transport/fast_payload.hpp"

#include <string_view>
#include <websocketpp/utf8_validator.hpp>

namespace holdfast::transport {

/// Takes `data` into account, up to the first byte that no UTF-8 text can have there (RFC 3629).
/// False when there is one.
inline bool validate(websocketpp::utf8_validator::validator& state, const std::uint8_t* data,
                     std::size_t size) {
  for (std::size_t at = 0; at < size; ++at) {
    if (state.complete())
      at += ascii_prefix(data + at, size - at);
    if (at < size && !state.consume(data[at]))
      return false;
  }
  return true;
}

/// Whether all of it is UTF-8.
inline bool is_utf8(std::string_view text) {
  auto* data = reinterpret_cast<const std::uint8_t*>(text.data());
  auto ascii = ascii_prefix(data, text.size());
  if (ascii == text.size())
    return true;
  websocketpp::utf8_validator::validator state;
  return validate(state, data + ascii, text.size() - ascii) && state.complete();
}

} // namespace holdfast::transport
