#include "app/config_keys.hpp"

#include "app/transport/utf8.hpp"
#include "app/units.hpp"
#include "protocol/ids.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>

namespace holdfast {

namespace {

using kind = config_value::kind;

/// What a reference into the configuration refers to.
template <class Ref>
using target = std::decay_t<decltype(std::declval<Ref>()(std::declval<config&>()))>;

bool is_text(const config_value& value) {
  return value.what == kind::string || value.what == kind::untyped;
}

bool is_number(const config_value& value) {
  return value.what == kind::integer || value.what == kind::untyped;
}

constexpr duration off_or_more = duration::zero();
constexpr duration some = std::chrono::milliseconds{1};

/// Sums of a few of them fit into a duration.
constexpr duration longest = std::chrono::hours{24 * 365};

template <class Ref>
config_key time_key(std::string name, std::string_view about, Ref ref, duration least,
                    duration most = longest) {
  auto takes = least == off_or_more ? std::string{"a duration such as \"30s\""}
                                    : "a duration above zero such as \"30s\"";
  takes += most == longest ? ", up to a year" : ", up to " + format_duration(most);
  auto set = [ref, least, most](config& to, const config_value& from) {
    auto value = is_text(from) ? parse_duration(from.text) : std::nullopt;
    if (!value || *value < least || *value > most)
      return false;
    ref(to) = *value;
    return true;
  };
  auto show = [ref](const config& from) { return toml_string(format_duration(ref(from))); };
  return {std::move(name), about, std::move(takes), set, show};
}

template <class Ref>
config_key size_key(std::string name, std::string_view about, Ref ref) {
  auto set = [ref](config& to, const config_value& from) {
    auto value = is_text(from) || is_number(from) ? parse_size(from.text) : std::nullopt;
    if (!value || *value == 0 || *value > std::numeric_limits<target<Ref>>::max())
      return false;
    ref(to) = static_cast<target<Ref>>(*value);
    return true;
  };
  auto show = [ref](const config& from) {
    auto text = format_size(ref(from));
    return text.back() == 'B' ? toml_string(text) : text;
  };
  return {std::move(name), about, "a size above zero such as \"64KiB\" or 4096", set, show};
}

constexpr std::uint64_t no_end = std::numeric_limits<std::uint32_t>::max();

template <class Ref>
config_key count_key(std::string name, std::string_view about, Ref ref, std::uint64_t least = 0,
                     std::uint64_t most = no_end) {
  auto takes = "a whole number from " + std::to_string(least)
               + (most == no_end ? "" : " to " + std::to_string(most));
  auto set = [ref, least, most](config& to, const config_value& from) {
    std::uint64_t value = 0;
    auto last = from.text.data() + from.text.size();
    auto [end, error] = std::from_chars(from.text.data(), last, value);
    if (!is_number(from) || error != std::errc{} || end != last || value < least || value > most)
      return false;
    ref(to) = static_cast<target<Ref>>(value);
    return true;
  };
  auto show = [ref](const config& from) { return std::to_string(ref(from)); };
  return {std::move(name), about, std::move(takes), set, show};
}

template <class Ref>
config_key flag_key(std::string name, std::string_view about, Ref ref) {
  auto set = [ref](config& to, const config_value& from) {
    auto may_be = from.what == kind::boolean || from.what == kind::untyped;
    if (!may_be || (from.text != "true" && from.text != "false"))
      return false;
    ref(to) = from.text == "true";
    return true;
  };
  auto show = [ref](const config& from) { return std::string{ref(from) ? "true" : "false"}; };
  return {std::move(name), about, "true or false", set, show};
}

template <class Ref>
config_key choice_key(std::string name, std::string_view about, Ref ref,
                      std::vector<target<Ref>> choices) {
  std::string takes;
  for (auto choice : choices)
    takes += (takes.empty() ? "" : " or ") + toml_string(to_string(choice));
  auto set = [ref, choices](config& to, const config_value& from) {
    for (auto choice : choices) {
      if (is_text(from) && from.text == to_string(choice)) {
        ref(to) = choice;
        return true;
      }
    }
    return false;
  };
  auto show = [ref](const config& from) { return toml_string(to_string(ref(from))); };
  return {std::move(name), about, std::move(takes), set, show};
}

template <class Ref>
config_key text_key(std::string name, std::string_view about, Ref ref, std::string takes,
                    bool (*valid)(std::string_view)) {
  auto set = [ref, valid](config& to, const config_value& from) {
    if (!is_text(from) || !valid(from.text))
      return false;
    ref(to) = from.text;
    return true;
  };
  auto show = [ref](const config& from) { return toml_string(ref(from)); };
  return {std::move(name), about, std::move(takes), set, show};
}

/// It becomes a field in logs, in JSON and in metrics.
bool valid_name(std::string_view text) {
  constexpr std::size_t longest_host_name = 253; // RFC 1035 section 2.3.4
  auto valid = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.'
           || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= longest_host_name
         && std::all_of(text.begin(), text.end(), valid);
}

/// Anything on one line, nothing as well. What is no UTF-8 could not be shown as TOML.
bool printable(std::string_view text) {
  auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  return std::none_of(text.begin(), text.end(), control) && transport::is_utf8(text);
}

bool valid_path(std::string_view text) {
  return !text.empty() && printable(text);
}

/// RFC 7230 section 3.2.6, without what nobody has in the name of a header.
bool valid_header(std::string_view text) {
  auto valid = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'
           || c == '_';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), valid);
}

// A reference that is const where the configuration is.
#define REF(member)                                                                                \
  [](auto& c) -> auto& { /* NOLINT(bugprone-macro-parentheses): nor has a function */              \
    return c.member;     /* NOLINT(bugprone-macro-parentheses): a member has no parentheses */     \
  }

void add_node_keys(std::vector<config_key>& to) {
  to.push_back(text_key("node.name", "how the node calls itself", REF(node.name),
                        "letters, digits, '.', '-' and '_' such as \"a\"", valid_name));
  to.push_back(
    count_key("node.shards", "event loops, each with a thread", REF(node.shards), 1, max_shards));
  to.push_back(text_key("node.run_dir", "the folder of the lock", REF(run_dir),
                        "a path such as \"/run/holdfast\"", valid_path));
  to.push_back(choice_key("node.log_format", "form of the log's lines", REF(log_format),
                          {log_format::text, log_format::json}));
  to.push_back(choice_key("node.log_level", "the least that is logged", REF(log_level),
                          {log_level::debug, log_level::info, log_level::warn, log_level::error}));
}

void add_pool_keys(std::vector<config_key>& to) {
  using limit = user_limit_policy;
  using refuse = refuse_mode;
  to.push_back(count_key("pool.max_connections_per_user", "0 is no limit",
                         REF(node.admission.max_connections_per_user)));
  to.push_back(count_key("pool.max_total_connections", "of all users together",
                         REF(node.max_total_connections), 1));
  to.push_back(count_key("pool.reserve", "kept for priority users", REF(node.reserve)));
  to.push_back(choice_key("pool.on_user_limit", "who goes when a user has too many",
                          REF(node.admission.on_user_limit),
                          {limit::reject_newest, limit::evict_oldest}));
  to.push_back(time_key("pool.connection_timeout", "without a message; \"0s\" is off",
                        REF(node.heartbeat.connection_timeout), off_or_more));
  to.push_back(time_key("pool.pool_cleanup_interval", "between two sweeps",
                        REF(node.pool_cleanup_interval), some));
  to.push_back(choice_key("pool.refuse", "how clients are refused", REF(node.gate.refuse),
                          {refuse::automatic, refuse::close, refuse::http}));
  to.push_back(count_key("pool.refuse_close_rate", "closes a second, then statuses; 0 is no limit",
                         REF(node.gate.refuse_close_rate)));
}

void add_heartbeat_keys(std::vector<config_key>& to) {
  using zombie = zombie_policy;
  to.push_back(time_key("heartbeat.ping_interval", "from one ping to the next",
                        REF(node.heartbeat.ping_interval), some));
  to.push_back(time_key("heartbeat.pong_timeout", "without a frame after a ping is a miss",
                        REF(node.heartbeat.pong_timeout), some));
  to.push_back(count_key("heartbeat.max_missed_pongs", "misses that make a zombie",
                         REF(node.heartbeat.max_missed_pongs), 1, 255));
  to.push_back(time_key("heartbeat.zombie_detection_threshold", "silence that makes a zombie",
                        REF(node.heartbeat.zombie_detection_threshold), some));
  to.push_back(choice_key("heartbeat.on_zombie", "what becomes of a zombie", REF(node.on_zombie),
                          {zombie::close, zombie::mark}));
}

void add_limit_keys(std::vector<config_key>& to) {
  using slow = send_queue_config::slow_consumer;
  to.push_back(time_key("limits.handshake_timeout", "from accept to the end of the request",
                        REF(transport.handshake_timeout), some));
  to.push_back(count_key("limits.half_open", "handshakes in progress; 0 is no limit",
                         REF(node.gate.half_open)));
  to.push_back(count_key("limits.half_open_per_address", "of these from one; 0 is no limit",
                         REF(node.gate.half_open_per_address)));
  to.push_back(count_key("limits.handshakes_per_address", "a second; 0 is no limit",
                         REF(node.gate.handshakes_per_address)));
  to.push_back(
    size_key("limits.header_size", "request line and header fields", REF(transport.header_size)));
  to.push_back(size_key("limits.uri_size", "target of a request", REF(transport.uri_size)));
  to.push_back(
    size_key("limits.max_message_size", "of one inbound message", REF(node.max_message_size)));
  to.push_back(size_key("limits.max_queued_bytes", "in one connection's outbound queue",
                        REF(transport.queue.max_queued_bytes)));
  to.push_back(count_key("limits.max_queued_messages", "in one connection's outbound queue",
                         REF(transport.queue.max_queued_messages), 1));
  to.push_back(choice_key("limits.on_slow_consumer", "when that queue is full",
                          REF(transport.queue.on_slow_consumer),
                          {slow::close, slow::drop_oldest, slow::drop_newest}));
  to.push_back(time_key("limits.close_timeout", "for the peer's half of a close",
                        REF(node.close_timeout), some));
  to.push_back(time_key("limits.max_read_pause", "longest time a handler may not read",
                        REF(node.heartbeat.max_read_pause), some));
}

void add_shutdown_keys(std::vector<config_key>& to) {
  to.push_back(time_key("shutdown.lb_grace", "unready, but still accepting",
                        REF(node.shutdown.lb_grace), off_or_more));
  to.push_back(flag_key("shutdown.notify_clients", "whether clients get a lease",
                        REF(node.shutdown.notify_clients)));
  to.push_back(time_key("shutdown.drain_timeout", "until clients are closed by force",
                        REF(node.shutdown.drain_timeout), some));
  to.push_back(count_key("shutdown.reconnect_rate", "arrivals a second caused elsewhere",
                         REF(node.shutdown.reconnect_rate), 1));
  to.push_back(time_key("shutdown.restart_allowance", "what a restart of the node takes",
                        REF(node.shutdown.restart_allowance), off_or_more));
  to.push_back(time_key("shutdown.message_flush_timeout", "for the queue of one that leaves",
                        REF(node.shutdown.message_flush_timeout), off_or_more));
  to.push_back(time_key("shutdown.force_close_timeout", "until connections are aborted",
                        REF(node.shutdown.force_close_timeout), some));
  to.push_back(time_key("shutdown.cleanup_timeout", "for one cleanup callback",
                        REF(node.shutdown.cleanup_timeout), some));
}

void add_other_keys(std::vector<config_key>& to) {
  to.push_back(count_key("supervisor.max_restarts", "of one actor before the node gives up",
                         REF(node.supervision.max_restarts)));
  to.push_back(time_key("supervisor.within", "the time in which they count",
                        REF(node.supervision.within), some));
}

void add_auth_keys(std::vector<config_key>& to) {
  using mode = auth_mode;
  to.push_back(choice_key("auth.mode", "who a client is", REF(auth.mode),
                          {mode::none, mode::jwt, mode::header}));
  to.push_back(text_key("auth.priority_claim", "that makes a priority user",
                        REF(auth.priority_claim), "the name of a claim such as \"admin\"",
                        printable));
  to.push_back(text_key("auth.header", "in which a proxy names the user", REF(auth.header),
                        "the name of a header such as \"X-Forwarded-User\"", valid_header));
  to.push_back(text_key("auth.jwt.key_file", "public keys or a secret", REF(auth.key_file),
                        "a path such as \"/etc/holdfast/key.pem\"", printable));
  to.push_back(text_key("auth.jwt.jwks_file", "a set of keys", REF(auth.jwks_file),
                        "a path such as \"/etc/holdfast/jwks.json\"", printable));
  to.push_back(text_key("auth.jwt.issuer", "what `iss` must be", REF(auth.policy.issuer),
                        "a name such as \"https://login.example.org\"", printable));
  to.push_back(text_key("auth.jwt.audience", "what `aud` must have", REF(auth.policy.audience),
                        "a name such as \"wss://chat.example.org\"", printable));
  to.push_back(time_key("auth.jwt.leeway", "how far the issuer's clock may be off",
                        REF(auth.policy.leeway), off_or_more, std::chrono::minutes{10}));
}

#undef REF

} // namespace

const std::vector<config_key>& config_keys() {
  static const auto keys = [] {
    std::vector<config_key> result;
    add_node_keys(result);
    add_pool_keys(result);
    add_heartbeat_keys(result);
    add_limit_keys(result);
    add_shutdown_keys(result);
    add_other_keys(result);
    add_auth_keys(result);
    return result;
  }();
  return keys;
}

} // namespace holdfast
