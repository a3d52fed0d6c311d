// Base64 with the alphabet for URLs and without padding (RFC 4648 section 5), as JOSE writes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// Never has padding.
std::string encode_base64url(std::string_view bytes);

/// The bytes that `text` stands for. Nothing if encode_base64url() would not write `text`: padding,
/// white space, another alphabet, a length that cannot be, or set bits behind the last byte, so
/// that no two texts mean the same bytes.
std::optional<std::string> decode_base64url(std::string_view text);

} // namespace holdfast
