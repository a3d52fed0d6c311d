// The configuration: what can be set, where each value came from, and what is wrong with it.
#pragma once

#include "actors/events.hpp"
#include "actors/shard.hpp"
#include "app/transport/transport_config.hpp"
#include "protocol/token.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

enum class log_format : std::uint8_t {
  text, ///< logfmt: key=value
  json, ///< one object a line
};

std::string_view to_string(log_format format);

/// Who a client is.
enum class auth_mode : std::uint8_t {
  none,   ///< whoever it says in `?user=`
  jwt,    ///< the `sub` of its token
  header, ///< whom a trusted proxy names
};

std::string_view to_string(auth_mode mode);

struct auth_settings {
  auth_mode mode = auth_mode::none;
  std::string key_file;  ///< public keys in PEM, or a secret; empty: none
  std::string jwks_file; ///< a JWKS (RFC 7517); empty: none
  token_policy policy;
  std::string priority_claim;          ///< that makes a priority user; empty: none
  std::vector<std::string> attributes; ///< claims that the handler is told of
  std::string header = "X-Forwarded-User";
};

/// How the node is looked into and operated while it runs.
struct admin_settings {
  std::string socket;                        ///< a path; by default in the run directory
  std::optional<transport::endpoint> listen; ///< and over TCP; unset: not at all
  std::string token_file;                    ///< its text is asked of callers over TCP; empty: none
  std::vector<std::string> hosts;            ///< what `Host` may say beside our own address
};

/// Everything that can be set, in the structs that use it; the defaults are theirs.
/// `node.life`, `node.authentication` and `transport.warn` are no settings: whoever starts the node
/// fills them in.
struct config {
  config();

  node_settings node;
  transport::transport_config transport;
  /// Numeric addresses without brackets. Which pages may connect is `node.gate.origins`, and which
  /// proxies are believed `node.gate.trusted_proxies`, the same for all of them.
  std::vector<transport::endpoint> listen{{"127.0.0.1", 8080}};
  std::string run_dir;
  holdfast::log_format log_format = holdfast::log_format::text;
  holdfast::log_level log_level = holdfast::log_level::info;
  auth_settings auth;
  admin_settings admin;
};

/// What defaults depend on.
struct host_facts {
  std::string name = "node";
  std::size_t cores = 1; ///< that this process may use
  unsigned uid = 0;      ///< the effective one
};

/// Asks the system.
host_facts this_host();

/// Where a configuration comes from. Later ones win: defaults, `profile`, the file, `environment`,
/// `sets`, `listens`.
struct config_sources {
  std::string profile;                  ///< "development", "production"; empty: none
  std::string file;                     ///< its path; empty: none
  std::optional<std::string> file_text; ///< its content; unset: it is read
  std::vector<std::string> environment; ///< "NAME=value": HOLDFAST_TABLE__KEY, XDG_RUNTIME_DIR
  std::vector<std::string> sets;        ///< "table.key=value"
  std::vector<std::string> listens;     ///< "ADDRESS:PORT"; any of them replaces all of the file's
  bool insecure = false;                ///< anonymous clients on a public address are intended
  std::size_t descriptor_limit = 0;     ///< RLIMIT_NOFILE; 0: not known
  std::vector<std::string> handlers;    ///< names that a route can have
  std::map<std::string, handler_mode> modes; ///< of handlers whose usual one is not "inline"
  host_facts host;
};

struct config_result {
  struct config config;
  std::vector<std::string> errors; ///< with their places, for the user; `config` counts if empty
  std::vector<std::string> warnings;
  std::map<std::string, std::string, std::less<>> origins;

  bool ok() const { return errors.empty(); }

  /// Where the value of a key ("pool.reserve"), or the lists "listen" and "route", came from:
  /// "default", "profile production", "holdfast.toml:12:1", "HOLDFAST_POOL__RESERVE", "--set",
  /// "--listen", or "descriptor limit" where that has lowered it.
  std::string_view origin(std::string_view key) const;
};

/// Reads nothing but the file. Every error of every source is reported, not only the first.
config_result load_config(const config_sources& sources);

/// Descriptors that the node needs apart from one for each connection.
std::size_t descriptor_headroom(const config& settings);

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (127.0.0.1); port 0 lets the kernel choose.
/// Nothing for anything else: names are not resolved.
std::optional<transport::endpoint> parse_endpoint(std::string_view text);

/// "127.0.0.1:8080", "[::1]:8080".
std::string format_endpoint(const transport::endpoint& where);

/// The effective configuration as TOML with the origin of each value in a comment. Loaded again it
/// gives the same values.
std::string render_show(const config_result& result);

/// For `config check` without errors: "ok", the warnings, the longest possible shutdown.
std::string render_check(const config_result& result);

/// Every key with its default, what it takes, and whether it is live at a reload, as a file of
/// which nothing is set: what would set something begins with `#` and no space.
std::string render_example();

/// The errors, one a line, and how many there are.
std::string render_errors(const config_result& result);

} // namespace holdfast
