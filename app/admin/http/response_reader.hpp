// Answers of the admin server, piece by piece.
#pragma once

#include "app/admin/http/client.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace holdfast::admin {

/// Reads one answer after the other from a stream of bytes. Throws client_error: protocol for what
/// is not HTTP/1.1, unreachable when the stream ends too early; and what its source throws.
class response_reader {
public:
  /// Appends bytes to its argument; false at the end of the stream.
  using source_function = std::function<bool(std::string&)>;

  explicit response_reader(source_function more) : more_{std::move(more)} {}

  /// The next answer without its body; interim ones are passed over. The one before must have been
  /// read to its end. Without a body when `head_only` (to HEAD).
  response read_head(bool head_only);

  /// The next piece of the body; empty: there is no more.
  std::string read_piece();

  /// Bytes of an answer have come since the last one ended.
  bool begun() const { return !in_.empty() || begun_; }

  /// After the body: whether another answer may come.
  bool keeps_alive() const { return keeps_alive_; }

private:
  enum class body : std::uint8_t { none, sized, chunked, to_the_end };

  std::string read_line();
  void read_fields(response& to);
  void judge_body(const response& head, bool head_only);
  void begin_chunk();
  bool more();

  source_function more_;
  std::string in_;
  bool begun_ = false;
  body body_ = body::none;
  std::uint64_t left_ = 0; // of the body, or of the chunk
  bool first_chunk_ = false;
  bool http_1_1_ = false;
  bool keeps_alive_ = false;
};

} // namespace holdfast::admin
