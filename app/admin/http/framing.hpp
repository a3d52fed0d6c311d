// Where a request to the admin server ends, and what becomes of the connection after it.
#pragma once

#include "app/admin/http/reply.hpp"
#include "app/transport/http_request.hpp"

#include <cstddef>
#include <optional>
#include <variant>

namespace holdfast::admin {

/// What the head of a request says of its body and its answer.
struct framing {
  std::size_t body = 0;          ///< bytes that follow
  bool asks_to_continue = false; ///< the body comes once we say so
  bool keep_alive = false;
  bool head_only = false; ///< HEAD: the answer has no body
  bool http_1_1 = false;
};

/// Strict: what two readers could take for different lengths is refused (RFC 7230 section 3.3.3),
/// and with it the connection.
std::variant<framing, problem> judge_framing(const transport::http_request& request,
                                             std::size_t body_limit);

/// What is wrong with a head that could not be read; nothing while none is known to be.
std::optional<problem> judge_progress(transport::http_request::progress progress,
                                      const transport::http_request::limits& limits);

} // namespace holdfast::admin
