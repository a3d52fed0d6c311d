#include "app/bench/echo.hpp"

#include "app/bench/interruption.hpp"
#include "app/bench/session.hpp"

#include <algorithm>

namespace holdfast::bench {

echo_traffic::echo_traffic(std::size_t clients, const echo_options& options)
  : options_{options},
    text_{options.size},
    lanes_(clients),
    sent_at_(options.rate > 0 ? 0 : clients * options.inflight) {}

void echo_traffic::start(fleet& all, time_point at) {
  all_ = &all;
  if (options_.rate > 0)
    pace_.emplace(at, options_.rate);
  for (auto& c : all.clients()) {
    if (c.state != client_state::open)
      continue;
    lanes_[c.index].position = static_cast<std::uint32_t>(round_.size());
    round_.push_back(c.index);
  }
  if (pace_ && !round_.empty())
    return all.turn_at(at);
  for (auto index : round_) {
    auto& c = all.clients()[index];
    auto now = fleet::now();
    for (std::size_t k = 0; k < options_.inflight; ++k)
      send_next(c, now);
    all.flush(c);
  }
}

void echo_traffic::measure(time_point begin, time_point end) {
  counted_from_ = begin;
  counted_until_ = end;
  turns_until_ = std::min(turns_until_, end);
}

void echo_traffic::stop(time_point at, bool abandon) {
  if (pace_ && !abandon && !round_.empty())
    turn(at);
  stopping_ = true;
  abandoned_ = abandon;
}

void echo_traffic::received(client& c, opcode op, std::string_view payload, time_point at) {
  if (all_ == nullptr)
    return; // a greeting
  auto& l = lanes_[c.index];
  if (l.received == l.sent) {
    ++mismatched_; // nothing was asked for
    return;
  }
  auto number = l.received++;
  auto expected = options_.binary ? opcode::binary : opcode::text;
  mismatched_ += op == expected && payload == text_.with(number) ? 0 : 1;
  --on_their_way_;
  ++came_back_;
  record(c, l, number, at);
  if (may_send(c))
    send_next(c, at);
}

void echo_traffic::ended(client& c, time_point) {
  if (all_ != nullptr) {
    auto& l = lanes_[c.index];
    on_their_way_ -= l.sent - l.received;
    lost_ += l.sent - l.received;
    l.received = l.sent;
  }
  drops_.add(c);
}

void echo_traffic::turn(time_point now) {
  auto first = turns_;
  auto& clients = all_->clients();
  auto comes = [&](time_point due) { return due <= now && due < turns_until_; };
  for (; !stopping_ && comes(pace_->due(turns_)); ++turns_) {
    auto& c = clients[round_[turns_ % round_.size()]];
    if (c.state != client_state::open)
      continue;
    if (has_room(lanes_[c.index]))
      send_next(c, now);
    else
      ++late_;
  }
  // A connection may have had several turns, which go out together.
  for (auto i = first; i < turns_ && i < first + round_.size(); ++i)
    if (auto& c = clients[round_[i % round_.size()]]; !c.out.empty())
      all_->flush(c);
  if (auto next = pace_->due(turns_); !stopping_ && next < turns_until_)
    all_->turn_at(next);
}

std::uint64_t echo_traffic::waiting() const {
  std::uint64_t sum = 0;
  for (auto index : round_)
    if (auto& l = lanes_[index]; pace_ && all_->clients()[index].state == client_state::open)
      sum += turns_of(l) - l.sent;
  return sum;
}

// How many of the turns so far were this connection's.
std::uint64_t echo_traffic::turns_of(const lane& l) const {
  return turns_ / round_.size() + (l.position < turns_ % round_.size() ? 1 : 0);
}

time_point echo_traffic::due(const lane& l, std::uint64_t number) const {
  return pace_->due(l.position + number * round_.size());
}

bool echo_traffic::may_send(const client& c) const {
  if (c.state != client_state::open || abandoned_)
    return false;
  auto& l = lanes_[c.index];
  return pace_ ? l.sent < turns_of(l) : !stopping_;
}

void echo_traffic::send_next(client& c, time_point at) {
  auto& l = lanes_[c.index];
  auto number = l.sent++;
  all_->send(c, options_.binary ? opcode::binary : opcode::text, text_.with(number));
  if (!pace_)
    sent_at_[c.index * options_.inflight + number % options_.inflight] = at;
  ++on_their_way_;
}

void echo_traffic::record(const client& c, const lane& l, std::uint64_t number, time_point at) {
  if (at >= counted_from_ && at < counted_until_)
    ++echoed_;
  if (!pace_) {
    if (at >= counted_from_ && at < counted_until_)
      latency_.record(at - sent_at_[c.index * options_.inflight + number % options_.inflight]);
    return;
  }
  // What was due while it measured counts whenever it comes back: leaving out the latest ones would
  // flatter the server.
  auto when = due(l, number);
  if (when >= counted_from_ && when < counted_until_)
    latency_.record(at - when);
}

namespace {

void judge(const echo_traffic& events, session& s) {
  verdict judge{s.result()};
  judge.demand(events.echoed() > 0 || s.result().interrupted,
               "no message came back while it measured");
  judge.none(events.mismatched(), "message", "came back changed");
  judge.demand(events.mismatched() == 0 || events.mismatched() < events.echoed() / 2,
               "most came back changed: does this path send everyone his own messages back?");
  judge.no_drops(events.drops());
  judge.none(events.lost(), "message", "never came back because the connection ended");
  if (events.waiting() == 0)
    judge.none(events.on_their_way(), "message", "never came back");
  else if (!s.result().interrupted)
    judge.none(events.waiting() + events.on_their_way(), "message",
               "had no time to come back: the server answers fewer a second than --rate");
}

} // namespace

void run(session& s, const echo_options& options) {
  constexpr std::chrono::seconds for_the_rest{10};
  echo_traffic events{s.fleet_of_run().connections, options};
  fleet all{s.to(), s.fleet_of_run(), events, s.line()};
  all.open();
  auto came_back = [&] { return events.came_back(); };
  s.line().begin({"warming up", came_back, "messages", 0, options.warmup}, fleet::now());
  auto start = fleet::now();
  events.start(all, start);
  all.run(start + options.warmup);
  s.measure(all, {"measuring", came_back, "messages", 0, options.seconds},
            [&](time_point begin, time_point end) { events.measure(begin, end); });
  events.stop(fleet::now(), interrupted());
  s.line().begin({"waiting for the rest", came_back, "messages"}, fleet::now());
  all.settle(for_the_rest, [&] { return events.on_their_way() + events.waiting() == 0; });
  s.line().clear();

  s.result().figures = echo_figures{events.echoed(), events.late(), events.latency()};
  s.ended();
  judge(events, s);
  verdict{s.result()}.whole_fleet(all);
  verdict{s.result()}.closes(all);
}

} // namespace holdfast::bench
