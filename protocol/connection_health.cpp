#include "protocol/connection_health.hpp"

#include <algorithm>

namespace holdfast {

namespace {

/// Nobody waits longer for a verdict.
constexpr duration verdict_way = std::chrono::seconds{5};

std::string number(std::uint64_t n) {
  return std::to_string(n);
}

std::string span(duration d) {
  using namespace std::chrono_literals;
  auto ms = to_ms(d);
  if (d < 1s)
    return std::to_string(ms) + " ms";
  return d < 120s ? std::to_string(ms / 1000) + " s" : std::to_string(ms / 60'000) + " min";
}

bool late(duration is, duration allowed) {
  return allowed > duration::zero() && is > allowed + health_slack;
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string unanswered(const connection_view& x, const health_limits& limits) {
  auto of = limits.max_missed_pongs == 0 ? "" : " of " + number(limits.max_missed_pongs);
  return number(x.missed_pongs) + of + (x.missed_pongs == 1 && of.empty() ? " ping" : " pings")
         + " in a row unanswered, nothing heard for " + span(x.silence);
}

/// Of the state that it is in.
void judge_state(const connection_view& x, const health_limits& limits,
                 std::vector<std::string>& findings) {
  switch (x.state) {
  case connection_state::handshaking:
    if (late(x.state_age, limits.verdict))
      findings.push_back("waits for the verdict on its user since " + span(x.state_age));
    break;
  case connection_state::open: break;
  case connection_state::suspect: findings.push_back("suspect: " + unanswered(x, limits)); break;
  case connection_state::zombie:
    findings.push_back("a zombie since " + span(x.state_age) + ": " + unanswered(x, limits));
    break;
  case connection_state::closing:
    if (late(x.state_age, limits.closing))
      findings.push_back("is closing since " + span(x.state_age) + ", which may take "
                         + span(limits.closing));
    break;
  case connection_state::closed:
    if (x.state_age > health_slack)
      findings.push_back("has ended " + span(x.state_age) + " ago, and still has its place");
    break;
  }
}

/// What the heartbeat would have found by now.
void judge_watch(const connection_view& x, const health_limits& limits,
                 std::vector<std::string>& findings) {
  bool trusted = x.state == connection_state::open || x.state == connection_state::suspect;
  if (trusted && !x.reading_paused && late(x.silence, limits.silence))
    findings.push_back("is " + std::string{to_string(x.state)} + " though nothing was heard for "
                       + span(x.silence) + ", which makes a zombie after " + span(limits.silence));
  if (x.reading_paused && late(x.paused_for, limits.read_pause))
    findings.push_back("has not been read from for " + span(x.paused_for) + ", longer than "
                       + span(limits.read_pause));
}

} // namespace

health_limits limits_of(const heartbeat_config& heartbeat, const send_queue_config& queue,
                        duration closing) {
  health_limits limits;
  limits.max_missed_pongs = std::clamp(heartbeat.max_missed_pongs, 1u, 255u);
  limits.silence = heartbeat.zombie_detection_threshold;
  limits.read_pause = heartbeat.max_read_pause;
  limits.verdict = verdict_way;
  limits.closing = closing;
  limits.queued_bytes = queue.max_queued_bytes;
  limits.queued_messages = queue.max_queued_messages;
  return limits;
}

connection_health judge(const connection_view& x, const health_limits& limits) {
  connection_health result;
  judge_state(x, limits, result.findings);
  judge_watch(x, limits, result.findings);
  auto bytes = share(x.queued_bytes, limits.queued_bytes);
  auto messages = share(x.queued_messages, limits.queued_messages);
  result.queue_fill = std::max(bytes, messages);
  if (result.queue_fill > full_queue) {
    auto what
      = bytes >= messages
          ? number(x.queued_bytes) + " of " + number(limits.queued_bytes) + " bytes"
          : number(x.queued_messages) + " of " + number(limits.queued_messages) + " messages";
    result.findings.push_back("reads too slowly: " + what + " wait in its queue");
  }
  result.healthy = result.findings.empty();
  return result;
}

} // namespace holdfast
