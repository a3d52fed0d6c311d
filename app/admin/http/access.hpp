// Who may ask what of the admin server.
#pragma once

#include "app/admin/http/reply.hpp"
#include "app/transport/http_request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace holdfast::admin {

/// Of a TCP address. The Unix socket needs none: who can open it may do everything.
struct access_rules {
  bool loopback = false;          ///< only this machine reaches it
  std::string token;              ///< empty: none
  std::vector<std::string> hosts; ///< see server_options
};

/// Whether the request may be carried out, or why not. `path` is the decoded one, `reached` the
/// numeric address, without brackets, that the client has connected to.
///
/// A page in a browser can send requests to any address, but not choose Host and Origin (DNS
/// rebinding, cross-site forms); hence these rules also where nobody but this machine connects.
std::optional<problem> judge_access(const transport::http_request& request, std::string_view path,
                                    const access_rules& rules, std::string_view reached);

/// Whether the texts are the same. Takes as long as `given` is, wherever they differ.
bool same_secret(std::string_view given, std::string_view secret);

/// Whether a process of user `peer` may use the Unix socket of a node of user `mine`.
bool may_use_socket(uid_t peer, uid_t mine);

/// Whether a numeric IPv4 or IPv6 address, perhaps in brackets, is this machine's own.
bool is_loopback(std::string_view address);

} // namespace holdfast::admin
