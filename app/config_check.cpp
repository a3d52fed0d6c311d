#include "app/config_loader.hpp"
#include "app/units.hpp"
#include "protocol/gate.hpp"

#include <algorithm>
#include <sys/un.h>

namespace holdfast {

namespace {

class checker {
public:
  checker(const config_sources& sources, const std::set<std::string, std::less<>>& faulty,
          config_result& result)
    : sources_{sources},
      faulty_{faulty},
      result_{result},
      settings_{result.config} {}

  void run() {
    check_heartbeat();
    check_shutdown();
    check_limits();
    check_routes();
    check_listen();
    check_auth();
    check_admin();
    clamp_to_descriptors();
  }

private:
  using names = std::initializer_list<std::string_view>;

  /// No key that the rule is about was refused.
  bool sound(names keys) const {
    return std::none_of(keys.begin(), keys.end(),
                        [&](std::string_view key) { return faulty_.count(key) != 0; });
  }

  /// `pool.reserve = 11 (holdfast.toml:2:1)`.
  std::string said(std::string_view key) const {
    return std::string{key} + " = " + find_key(key)->show(settings_) + " ("
           + std::string{result_.origin(key)} + ")";
  }

  void error(std::string text) { result_.errors.push_back(std::move(text)); }
  void warning(std::string text) { result_.warnings.push_back(std::move(text)); }

  void check_heartbeat();
  void check_shutdown();
  void check_limits();
  void check_routes();
  void check_listen();
  void check_auth();
  void check_admin();
  void clamp_to_descriptors();

  const config_sources& sources_;
  const std::set<std::string, std::less<>>& faulty_;
  config_result& result_;
  config& settings_;
};

constexpr auto interval = "heartbeat.ping_interval";
constexpr auto timeout = "heartbeat.pong_timeout";
constexpr auto misses = "heartbeat.max_missed_pongs";
constexpr auto threshold = "heartbeat.zombie_detection_threshold";

void checker::check_heartbeat() {
  const auto& beat = settings_.node.heartbeat;
  auto in_order = beat.pong_timeout < beat.ping_interval;
  if (sound({interval, timeout}) && !in_order)
    error(said(timeout) + " must be shorter than " + said(interval));
  if (!sound({interval, timeout, misses, threshold}) || !in_order)
    return;
  auto by_count = beat.ping_interval + beat.max_missed_pongs * beat.pong_timeout;
  auto silence = beat.zombie_detection_threshold;
  // As a default it is only a backstop. Whoever sets it expects it to do something.
  if (silence > by_count && result_.origin(threshold) != "default")
    warning(said(threshold) + " never fires: missed pongs make a zombie within "
            + format_duration(by_count) + " of its last frame");
  if (silence <= beat.ping_interval + beat.pong_timeout)
    warning(said(threshold) + " makes zombies of healthy clients that have nothing to say: they "
            + "are heard from within " + format_duration(beat.ping_interval + beat.pong_timeout));
}

constexpr auto drain = "shutdown.drain_timeout";
constexpr auto flush = "shutdown.message_flush_timeout";
constexpr auto force = "shutdown.force_close_timeout";
constexpr auto close_time = "limits.close_timeout";

void checker::check_shutdown() {
  const auto& shutdown = settings_.node.shutdown;
  auto needed = shutdown.message_flush_timeout + settings_.node.close_timeout;
  if (sound({drain, force}) && shutdown.drain_timeout > shutdown.force_close_timeout)
    error(said(drain) + " must not be longer than " + said(force));
  if (!sound({drain, flush, close_time}))
    return;
  if (needed > shutdown.drain_timeout)
    error(said(flush) + " and " + said(close_time) + " do not fit into " + said(drain));
  else if (needed == shutdown.drain_timeout)
    warning(said(flush) + " and " + said(close_time) + " leave nothing of " + said(drain)
            + ": all clients are closed at once");
}

void checker::check_limits() {
  constexpr auto total = "pool.max_total_connections";
  constexpr auto reserve = "pool.reserve";
  constexpr auto uri = "limits.uri_size";
  constexpr auto header = "limits.header_size";
  constexpr auto message = "limits.max_message_size";
  constexpr auto queued = "limits.max_queued_bytes";
  const auto& transport = settings_.transport;
  if (sound({total, reserve}) && settings_.node.reserve >= settings_.node.max_total_connections
      && settings_.node.reserve > 0)
    error(said(reserve) + " must be less than " + said(total) + ", or nobody gets in");
  if (sound({uri, header}) && transport.uri_size > transport.header_size)
    warning(said(uri) + " never counts: the request line is part of " + said(header));
  if (sound({message, queued}) && transport.max_message_size >= transport.queue.max_queued_bytes)
    warning("a message of " + said(message) + " cannot be passed on: its frame does not fit into "
            + said(queued));
}

void checker::check_routes() {
  if (settings_.node.routes.empty() && result_.origin("route") == "default")
    error(sources_.handlers.empty() ? "this program has no handlers: nothing can be served"
                                    : "no handler has a default route: set a [[route]]");
}

bool is_loopback(const transport::endpoint& where) {
  auto address = parse_client_address(where.address);
  if (!address)
    return false;
  const auto& bytes = address->bytes;
  if (address->is_v4())
    return bytes[12] == 127;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](auto byte) { return byte == 0; })
         && bytes.back() == 1;
}

void checker::check_listen() {
  const auto& listen = settings_.listen;
  auto origin = " (" + std::string{result_.origin("listen")} + ")";
  for (auto it = listen.begin(); it != listen.end(); ++it) {
    auto text = format_endpoint(*it);
    // Sockets share a port where that is asked for, so the kernel would not object.
    auto same = [&](const transport::endpoint& x) { return format_endpoint(x) == text; };
    if (it->port != 0 && std::any_of(listen.begin(), it, same))
      error(text + origin + " is listened on twice");
    if (settings_.auth.mode == auth_mode::none && !sources_.insecure && !is_loopback(*it))
      error(text + origin + " can be reached from other machines, and with " + said("auth.mode")
            + " everyone there is whoever he claims to be; if that is intended, add --insecure");
  }
}

/// What one mode needs, and what of the others has no effect.
void checker::check_auth() {
  constexpr auto mode = "auth.mode";
  const auto& auth = settings_.auth;
  if (!sound({mode, "auth.jwt.key_file", "auth.jwt.jwks_file", "listen.trusted_proxies"}))
    return;
  if (auth.mode == auth_mode::jwt && auth.key_file.empty() && auth.jwks_file.empty())
    error(said(mode) + " needs auth.jwt.key_file or auth.jwt.jwks_file to verify tokens with");
  if (auth.mode == auth_mode::jwt && !auth.key_file.empty() && !auth.jwks_file.empty())
    error(said("auth.jwt.key_file") + " and " + said("auth.jwt.jwks_file")
          + " are two sources of keys: set one of them");
  if (auth.mode == auth_mode::header && settings_.node.gate.trusted_proxies.empty())
    error(said(mode) + " needs listen.trusted_proxies: the header of anyone else is not believed");
  for (const auto& key : config_keys()) {
    auto of_jwt = key.name.rfind("auth.jwt.", 0) == 0 || key.name == "auth.priority_claim"
                  || key.name == "auth.attributes";
    auto idle = (of_jwt && auth.mode != auth_mode::jwt)
                || (key.name == "auth.header" && auth.mode != auth_mode::header);
    if (idle && result_.origin(key.name) != "default")
      warning(said(key.name) + " never counts with " + said(mode));
  }
}

/// The file of the token is looked at by whoever starts the node.
void checker::check_admin() {
  constexpr auto listen = "admin.listen";
  constexpr auto token_file = "admin.token_file";
  constexpr auto socket = "admin.socket";
  constexpr auto longest_path = sizeof(sockaddr_un::sun_path) - 1;
  const auto& admin = settings_.admin;
  if (sound({socket, "node.run_dir"}) && admin.socket.size() > longest_path)
    error(said(socket) + " is too long for a socket, whose path has at most "
          + std::to_string(longest_path) + " bytes; set a shorter one, or a shorter node.run_dir");
  if (!sound({listen, token_file}))
    return;
  if (admin.listen && !is_loopback(*admin.listen) && admin.token_file.empty())
    error(said(listen) + " can be reached from other machines: set " + token_file
          + " to a file with a token that callers must know (`openssl rand -hex 32` makes one)");
  auto same = [&](const transport::endpoint& x) {
    return x.port != 0 && format_endpoint(x) == format_endpoint(*admin.listen);
  };
  const auto& clients = settings_.listen;
  if (admin.listen && std::any_of(clients.begin(), clients.end(), same))
    error(said(listen) + " is where clients connect; it needs a port of its own");
  for (auto* key : {token_file, "admin.hosts"})
    if (!admin.listen && sound({key}) && result_.origin(key) != "default")
      warning(said(key) + " never counts without " + listen);
}

void checker::clamp_to_descriptors() {
  constexpr auto total = "pool.max_total_connections";
  auto& node = settings_.node;
  auto limit = sources_.descriptor_limit;
  auto headroom = descriptor_headroom(settings_);
  if (limit == 0 || !sound({total, "node.shards"}))
    return;
  auto left = limit > headroom ? limit - headroom : 0;
  if (left >= node.max_total_connections)
    return;
  auto why = "the limit of " + std::to_string(limit)
             + " open files, of which the node itself needs " + std::to_string(headroom);
  if (left == 0) {
    error(why + ", leaves none for connections; raise it (ulimit -n, LimitNOFILE)");
    return;
  }
  warning(said(total) + " is lowered to " + std::to_string(left) + " by " + why
          + "; raise it (ulimit -n, LimitNOFILE)");
  node.max_total_connections = left;
  node.reserve = std::min(node.reserve, left);
  result_.origins[total] = "descriptor limit " + std::to_string(limit);
}

} // namespace

std::size_t descriptor_headroom(const config& settings) {
  // Standard streams, the lock, signals, the control thread's loop, files of libraries.
  constexpr std::size_t process = 32;
  // Its epoll, the three of its io_context, and the one kept to turn clients away with.
  constexpr std::size_t shard = 5;
  return process + settings.node.shards * (shard + settings.listen.size());
}

void check_config(const config_sources& sources, const std::set<std::string, std::less<>>& faulty,
                  config_result& result) {
  checker{sources, faulty, result}.run();
}

} // namespace holdfast
