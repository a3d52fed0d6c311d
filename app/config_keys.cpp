#include "app/config_key_kinds.hpp"

#include "app/transport/utf8.hpp"
#include "protocol/client_address.hpp"
#include "protocol/ids.hpp"

#include <algorithm>

namespace holdfast {

namespace {

using namespace config_key_kinds;

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
  to.push_back(
    live(choice_key("node.log_level", "the least that is logged", REF(log_level),
                    {log_level::debug, log_level::info, log_level::warn, log_level::error})));
}

void add_pool_keys(std::vector<config_key>& to) {
  using limit = user_limit_policy;
  using refuse = refuse_mode;
  to.push_back(
    live(count_key("pool.max_connections_per_user", "connections of one user; 0 is no limit",
                   REF(node.admission.max_connections_per_user))));
  to.push_back(live(count_key("pool.max_total_connections", "connections of all users together",
                              REF(node.max_total_connections), 1)));
  to.push_back(
    live(count_key("pool.reserve", "places kept for priority users", REF(node.reserve))));
  to.push_back(choice_key("pool.on_user_limit", "who goes when a user has too many",
                          REF(node.admission.on_user_limit),
                          {limit::reject_newest, limit::evict_oldest}));
  to.push_back(time_key("pool.connection_timeout", "time without a message; \"0s\" is off",
                        REF(node.heartbeat.connection_timeout), off_or_more));
  to.push_back(time_key("pool.pool_cleanup_interval", "from one sweep to the next",
                        REF(node.pool_cleanup_interval), some));
  to.push_back(choice_key("pool.refuse", "how clients are refused", REF(node.gate.refuse),
                          {refuse::automatic, refuse::close, refuse::http}));
  to.push_back(count_key("pool.refuse_close_rate",
                         "refusals by close a second, then by status; 0 is no limit",
                         REF(node.gate.refuse_close_rate)));
}

void add_heartbeat_keys(std::vector<config_key>& to) {
  using zombie = zombie_policy;
  to.push_back(time_key("heartbeat.ping_interval", "from one ping to the next",
                        REF(node.heartbeat.ping_interval), some));
  to.push_back(time_key("heartbeat.pong_timeout", "silence after a ping that is a miss",
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
  to.push_back(time_key("limits.handshake_timeout", "time from accept to the end of the request",
                        REF(transport.handshake_timeout), some));
  to.push_back(count_key("limits.half_open", "handshakes in progress; 0 is no limit",
                         REF(node.gate.half_open)));
  to.push_back(count_key("limits.half_open_per_address",
                         "handshakes in progress of one address; 0 is no limit",
                         REF(node.gate.half_open_per_address)));
  to.push_back(count_key("limits.handshakes_per_address",
                         "handshakes a second of one address; 0 is no limit",
                         REF(node.gate.handshakes_per_address)));
  to.push_back(
    size_key("limits.header_size", "request line and header fields", REF(transport.header_size)));
  to.push_back(size_key("limits.uri_size", "target of a request", REF(transport.uri_size)));
  to.push_back(
    size_key("limits.max_message_size", "size of one inbound message", REF(node.max_message_size)));
  to.push_back(size_key("limits.max_queued_bytes", "bytes in one connection's outbound queue",
                        REF(transport.queue.max_queued_bytes)));
  to.push_back(count_key("limits.max_queued_messages",
                         "messages in one connection's outbound queue",
                         REF(transport.queue.max_queued_messages), 1));
  to.push_back(choice_key("limits.on_slow_consumer", "what happens when that queue is full",
                          REF(transport.queue.on_slow_consumer),
                          {slow::close, slow::drop_oldest, slow::drop_newest}));
  to.push_back(time_key("limits.close_timeout", "time for the peer's half of a close",
                        REF(node.close_timeout), some));
  to.push_back(count_key("limits.max_topics", "topics and groups of one connection",
                         REF(node.max_topics), 1, 10000));
  to.push_back(time_key("limits.max_read_pause", "longest time a handler may not read",
                        REF(node.heartbeat.max_read_pause), some));
}

void add_shutdown_keys(std::vector<config_key>& to) {
  to.push_back(time_key("shutdown.lb_grace", "time in which the node is unready, but still accepts",
                        REF(node.shutdown.lb_grace), off_or_more));
  to.push_back(flag_key("shutdown.notify_clients", "whether clients get a lease",
                        REF(node.shutdown.notify_clients)));
  to.push_back(time_key("shutdown.drain_timeout", "time until clients are closed by force",
                        REF(node.shutdown.drain_timeout), some));
  to.push_back(count_key("shutdown.reconnect_rate",
                         "arrivals a second that a drain causes elsewhere",
                         REF(node.shutdown.reconnect_rate), 1));
  to.push_back(time_key("shutdown.restart_allowance", "what a restart of the node takes",
                        REF(node.shutdown.restart_allowance), off_or_more));
  to.push_back(time_key("shutdown.message_flush_timeout", "time for the queue of one that leaves",
                        REF(node.shutdown.message_flush_timeout), off_or_more));
  to.push_back(time_key("shutdown.force_close_timeout", "time until connections are aborted",
                        REF(node.shutdown.force_close_timeout), some));
  to.push_back(time_key("shutdown.cleanup_timeout", "time for one cleanup callback",
                        REF(node.shutdown.cleanup_timeout), some));
}

void add_other_keys(std::vector<config_key>& to) {
  to.push_back(count_key("supervisor.max_restarts",
                         "restarts of one actor before the node gives up",
                         REF(node.supervision.max_restarts)));
  to.push_back(time_key("supervisor.within", "the time in which they count",
                        REF(node.supervision.within), some));
}

void add_auth_keys(std::vector<config_key>& to) {
  using mode = auth_mode;
  to.push_back(choice_key("auth.mode", "who a client is", REF(auth.mode),
                          {mode::none, mode::jwt, mode::header}));
  to.push_back(
    live(text_key("auth.priority_claim", "the claim that makes a priority user",
                  REF(auth.priority_claim), "the name of a claim such as \"admin\"", printable)));
  to.push_back(live(list_key("auth.attributes", "claims of a token that the handler is told of",
                             REF(auth.attributes),
                             "a list of names of claims such as [\"role\", \"org\"]", valid_path)));
  to.push_back(text_key("auth.header", "the header in which a proxy names the user",
                        REF(auth.header), "the name of a header such as \"X-Forwarded-User\"",
                        valid_header));
  to.push_back(live(text_key("auth.jwt.key_file", "public keys or a secret", REF(auth.key_file),
                             "a path such as \"/etc/holdfast/key.pem\"", printable)));
  to.push_back(live(text_key("auth.jwt.jwks_file", "a set of keys", REF(auth.jwks_file),
                             "a path such as \"/etc/holdfast/jwks.json\"", printable)));
  to.push_back(live(text_key("auth.jwt.issuer", "what `iss` must be", REF(auth.policy.issuer),
                             "a name such as \"https://login.example.org\"", printable)));
  to.push_back(live(text_key("auth.jwt.audience", "what `aud` must have", REF(auth.policy.audience),
                             "a name such as \"wss://chat.example.org\"", printable)));
  to.push_back(live(time_key("auth.jwt.leeway", "how far the issuer's clock may be off",
                             REF(auth.policy.leeway), off_or_more, std::chrono::minutes{10})));
}

/// A name with which a client asks for this listener: RFC 3986 section 3.2.2, in brackets where it
/// is IPv6, without a port.
bool valid_host(std::string_view text) {
  auto bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  return bracketed ? parse_client_address(text.substr(1, text.size() - 2)).has_value()
                   : valid_name(text);
}

void add_admin_keys(std::vector<config_key>& to) {
  to.push_back(text_key("admin.socket", "where the console finds the node", REF(admin.socket),
                        "a path such as \"/run/holdfast/holdfast.sock\"", valid_path));
  to.push_back(
    endpoint_key("admin.listen", "where it is found over TCP; \"\" is off", REF(admin.listen)));
  to.push_back(text_key("admin.token_file", "the file with what callers over TCP must know",
                        REF(admin.token_file), "a path such as \"/etc/holdfast/token\"",
                        printable));
  to.push_back(list_key("admin.hosts", "other names of admin.listen", REF(admin.hosts),
                        "a list of names without a port such as [\"node-a.example.org\"]",
                        valid_host));
}

void add_alert_keys(std::vector<config_key>& to) {
  to.push_back(live(ratio_key("alerts.pool_utilisation",
                              "share of places taken above which there is an alert; 1 is off",
                              REF(node.alerts.pool_utilisation))));
  to.push_back(
    live(ratio_key("alerts.zombie_ratio",
                   "share of zombies among connections above which there is an alert; 1 is off",
                   REF(node.alerts.zombie_ratio))));
  to.push_back(live(ratio_key("alerts.heartbeat_success",
                              "share of pings answered below which there is an alert; 0 is off",
                              REF(node.alerts.heartbeat_success))));
  to.push_back(
    live(time_key("alerts.window", "time over which zombies and pings are counted",
                  REF(node.alerts.window), std::chrono::seconds{10}, std::chrono::hours{24})));
  to.push_back(
    live(count_key("alerts.min_events", "connections, or pings, without which these raise no alert",
                   REF(node.alerts.min_events), 1)));
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
    add_admin_keys(result);
    add_alert_keys(result);
    return result;
  }();
  return keys;
}

} // namespace holdfast
