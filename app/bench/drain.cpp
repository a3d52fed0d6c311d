// Mode drain: the server is told to end, and every client writes down how it was let go.
#include "app/bench/failure.hpp"
#include "app/bench/figures.hpp"
#include "app/bench/handshake.hpp"
#include "app/bench/interruption.hpp"
#include "app/bench/session.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::bench {

namespace {

/// What a message of holdfast.v1 says about coming back.
struct lease_message {
  enum kind_of { other, lease, broken };

  kind_of kind = other;
  std::chrono::milliseconds after{};
};

lease_message lease_in(std::string_view payload) {
  using nlohmann::json;
  constexpr std::int64_t longest_ms = 7 * 86'400'000; // a week; more is no lease
  auto message = json::parse(payload, nullptr, false);
  if (!message.is_object() || !message.contains("type") || message["type"] != "drain")
    return {};
  auto after = json::json_pointer{"/lease/after_ms"};
  if (!message.contains(after) || !message[after].is_number_integer())
    return {lease_message::broken, {}};
  auto ms = message[after].get<std::int64_t>();
  if (ms < 0 || ms > longest_ms)
    return {lease_message::broken, {}};
  return {lease_message::lease, std::chrono::milliseconds{ms}};
}

/// Counts closes and leases by second after the signal. Leases are only written down: nobody comes
/// back.
class drain_traffic : public traffic {
public:
  explicit drain_traffic(std::size_t clients) : leases_(clients) {}

  /// The signal was sent.
  void start(time_point at) { start_ = at; }

  void received(client& c, opcode, std::string_view payload, time_point at) override {
    if (!c.leased)
      return;
    auto lease = lease_in(payload);
    if (lease.kind == lease_message::other)
      return;
    if (!start_ || lease.kind == lease_message::broken) {
      ++bad_leases;
      return;
    }
    ++leases_[c.index];
    figures.arrivals.add(at - *start_ + lease.after);
  }

  void close_received(client& c, time_point at) override {
    ++figures.close_codes[std::to_string(c.close_code)];
    if (!start_) {
      ++early;
      return;
    }
    (c.leased ? figures.leased_closes : figures.plain_closes).add(at - *start_);
    last_close = std::max(last_close, at - *start_);
    without_lease += c.leased && leases_[c.index] == 0 ? 1 : 0;
  }

  void ended(client& c, time_point) override { figures.unclean += c.close_heard ? 0 : 1; }

  drain_figures figures;
  std::uint64_t early = 0;         ///< closed before the signal
  std::uint64_t bad_leases = 0;    ///< `drain` messages without a lease, or before the signal
  std::uint64_t without_lease = 0; ///< holdfast.v1 clients closed without one
  duration last_close{};

private:
  std::optional<time_point> start_;
  std::vector<std::uint32_t> leases_;
};

/// Whether client `index` is among the `share` that speaks holdfast.v1; they are evenly mixed in.
bool speaks_v1(std::size_t index, double share) {
  auto i = static_cast<double>(index);
  return std::floor((i + 1) * share) > std::floor(i * share);
}

/// What a lone node's clients should see, beside what they saw: the last plain client is closed
/// after one slot each at the rate, or faster where that would not fit in front of the deadline.
drain_plan_figures compare(const planned_drain& plan, const drain_traffic& events) {
  auto plain = static_cast<double>(events.figures.plain);
  auto leased = static_cast<double>(events.figures.leased);
  auto window = seconds_of(plan.drain_timeout - plan.flush_timeout - plan.close_timeout);
  drain_plan_figures result;
  result.planned = std::min(plain / plan.reconnect_rate, std::max(window, 0.0));
  result.actual = seconds_of(events.last_close);
  result.first_arrival = result.planned + seconds_of(plan.restart_allowance);
  result.last_arrival = result.first_arrival + leased / plan.reconnect_rate;
  return result;
}

void judge(const drain_traffic& events, session& s) {
  verdict judge{s.result()};
  judge.none(events.early, "connection", "ended before the drain");
  judge.none(events.figures.unclean, "connection", "ended without a close frame");
  judge.none(events.bad_leases, "drain message", "had no lease or came unasked");
  judge.none(events.without_lease, "holdfast.v1 client", "got no lease before its close");
  if (s.result().interrupted)
    return;
  judge.none(events.figures.living, "connection", "outlived the drain");
  judge.demand(s.server().ended(), "the server's process did not end");
}

/// Sends the signal and watches until nobody is left and the process has ended.
void drain(session& s, fleet& all, drain_traffic& events, const drain_options& options) {
  all.watch(s.server().descriptor());
  auto start = fleet::now();
  auto left = [&] { return std::uint64_t{all.opened() - all.living()}; };
  s.line().begin({"draining", left, "connections", all.living()}, start);
  events.start(start);
  meter part{s.server()};
  s.server().terminate();
  auto ended = all.run_until(start + options.give_up,
                             [&] { return all.living() == 0 && s.server().ended(); });
  s.result().part = part.stop();
  if (ended)
    events.figures.process_ended = fleet::now() - start;
}

} // namespace

void run(session& s, const drain_options& options) {
  if (!offered_protocols(s.fleet_of_run().headers).empty())
    throw failure{"drain chooses the subprotocol itself: leave Sec-WebSocket-Protocol out"};
  constexpr std::chrono::seconds settling{1}; // verdicts and greetings are part of opening
  drain_traffic events{s.fleet_of_run().connections};
  fleet all{s.to(), s.fleet_of_run(), events, s.line()};
  all.open([&](std::size_t i) { return speaks_v1(i, options.share_v1); });
  all.run(fleet::now() + settling);
  auto& clients = all.clients();
  auto leased = std::count_if(clients.begin(), clients.end(), [](const client& c) {
    return c.leased && c.state == client_state::open;
  });
  auto& figures = events.figures;
  figures.leased = static_cast<std::size_t>(leased);
  figures.plain = all.open_now() - figures.leased;
  if (!interrupted())
    drain(s, all, events, options);
  figures.living = all.living();
  if (options.plan.reconnect_rate > 0)
    figures.plan = compare(options.plan, events);
  s.result().figures = figures;
  s.ended();
  judge(events, s);
  verdict{s.result()}.whole_fleet(all);
}

} // namespace holdfast::bench
