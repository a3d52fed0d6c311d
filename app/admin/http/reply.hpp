// What answers of the admin server look like on the wire.
#pragma once

#include "app/admin/http/exchange.hpp"

#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::admin {

/// Why a request is not carried out.
struct problem {
  int status;
  std::string_view code; ///< one of the API's: bad_request, denied, ...
  std::string message;
  std::string hint; ///< what to do
};

/// {"error":{"code","message","hint"}} and a line feed.
std::string to_json(const problem& what);

struct reply_head {
  int status;
  std::string_view content_type; ///< empty: none is told
  /// None: the body is as long as it gets, in chunks or up to the end of the connection.
  std::optional<std::size_t> length;
  bool chunked;
  bool keep_alive;
  bool http_1_1; ///< whom it is for; the older one is told that the connection stays
};

/// Head and empty line. Of `headers` those are left out that hold line ends.
std::string to_bytes(const reply_head& head, const exchange::header_list& headers, std::time_t now);

/// One piece of a chunked body; not empty, since an empty one would be its end.
std::string to_chunk(std::string_view data);

inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// As RFC 7231 section 7.1.1.1 prefers it.
std::string http_date(std::time_t time);

} // namespace holdfast::admin
