// One request to the admin server, as its handler sees it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::admin {

/// Complete, body included. Everything that was percent-encoded is decoded and UTF-8 without
/// control characters.
struct request {
  std::string method; ///< as it was sent, but GET for HEAD, whose answer loses its body on its way
  std::string path;   ///< without the query; an encoded slash has become one
  std::vector<std::pair<std::string, std::string>> query; ///< in order; a plus sign was a blank
  std::string body;         ///< at most server_options::body_limit bytes, of any kind
  std::string accept;       ///< the header's value, in lower case
  std::string content_type; ///< the header's value, in lower case
  std::string host;         ///< the header's value
  std::string origin;       ///< the header's value
  bool local = false;       ///< it came over the Unix socket

  /// The value of the first query parameter of this name.
  std::optional<std::string> param(std::string_view name) const;
};

} // namespace holdfast::admin
