// Mode echo --verify: everything that comes back is compared byte by byte.
#include "app/bench/figures.hpp"
#include "app/bench/interruption.hpp"
#include "app/bench/session.hpp"
#include "app/bench/verify_plan.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace holdfast::bench {

namespace {

constexpr std::string_view ping_prefix = "holdfast bench ";

/// Which message differs, and where.
std::string difference(const client& c, std::uint64_t number, const verify_message& sent,
                       std::string_view expected, opcode op, std::string_view got) {
  auto text = "connection " + std::to_string(c.index) + ", message " + std::to_string(number) + " ("
              + std::string{to_string(sent.op)} + ", " + counted(expected.size(), "byte")
              + ", sent " + std::string{to_string(sent.way)} + ") came back ";
  if (op != sent.op)
    return text + "as " + std::string{to_string(op)};
  if (expected.size() != got.size())
    return text + "with " + counted(got.size(), "byte");
  auto at = std::mismatch(expected.begin(), expected.end(), got.begin()).first;
  return text + "with another byte " + std::to_string(at - expected.begin());
}

/// Sends its plan on each connection, `inflight` messages at a time, and compares.
class verify_traffic : public traffic {
public:
  verify_traffic(std::size_t clients, const verify_options& options) : options_{options} {
    auto sizes = verify_sizes(options.size, options.seed);
    lanes_.resize(clients);
    for (std::size_t i = 0; i < clients; ++i)
      lanes_[i].plan = verify_plan(sizes, seed_of(i, 0));
  }

  void start(fleet& all) {
    all_ = &all;
    for (auto& c : all.clients()) {
      if (c.state != client_state::open)
        continue;
      lanes_[c.index].started = true;
      planned += lanes_[c.index].plan.size();
      for (std::size_t k = 0; k < options_.inflight; ++k)
        send_next(c);
      all.flush(c);
    }
  }

  void received(client& c, opcode op, std::string_view payload, time_point) override {
    if (all_ == nullptr)
      return; // a greeting
    auto& l = lanes_[c.index];
    if (l.received == l.sent) {
      ++figures.mismatches;
      return;
    }
    auto number = l.received++;
    auto& sent = l.plan[number];
    fill_message(expected_, sent, seed_of(c.index, number + 1));
    ++figures.messages;
    figures.bytes += expected_.size();
    if (op != sent.op || payload != expected_) {
      ++figures.mismatches;
      if (examples.size() < most_examples)
        examples.push_back(difference(c, number, sent, expected_, op, payload));
    }
    if (c.state == client_state::open)
      send_next(c);
  }

  void ponged(client& c, std::string_view payload) override {
    // A server may answer the last of several pings alone, or send pongs of its own.
    if (payload.substr(0, ping_prefix.size()) != ping_prefix)
      return;
    auto& l = lanes_[c.index];
    std::uint32_t number = 0;
    std::from_chars(payload.data() + ping_prefix.size(), payload.data() + payload.size(), number);
    if (number <= l.pong || number > l.pings) {
      ++figures.mismatches;
      return;
    }
    figures.pongs += number - l.pong;
    l.pong = number;
  }

  void ended(client& c, time_point) override {
    drops.add(c);
    auto& l = lanes_[c.index];
    if (!l.started)
      return;
    lost += l.sent - l.received;
    planned -= l.plan.size() - l.received;
    figures.pings -= l.pings - l.pong;
  }

  bool done() const { return figures.messages == planned && figures.pongs == figures.pings; }

  verify_figures figures;
  std::uint64_t planned = 0; ///< on the connections that are there, and what came back on others
  std::uint64_t lost = 0;    ///< on their way when their connection ended
  std::vector<std::string> examples;
  drop_count drops;

private:
  static constexpr std::size_t most_examples = 3;

  struct lane {
    std::vector<verify_message> plan;
    bool started = false;
    std::size_t sent = 0;
    std::size_t received = 0;
    std::uint32_t pings = 0;
    std::uint32_t pong = 0; ///< the last ping that was answered
  };

  std::uint64_t seed_of(std::size_t index, std::uint64_t number) const {
    auto seed = random_numbers{options_.seed + (std::uint64_t{index} << 32)}.next();
    return random_numbers{seed + number}.next();
  }

  void send_next(client& c) {
    auto& l = lanes_[c.index];
    if (l.sent == l.plan.size())
      return;
    auto number = l.sent++;
    auto& message = l.plan[number];
    auto seed = seed_of(c.index, number + 1);
    fill_message(outgoing_, message, seed);
    if (message.way == sending::fragments)
      send_fragments(c, message, seed);
    else
      all_->send(c, message.op, outgoing_);
    if (message.way == sending::pieces || c.piece != 0)
      c.piece = static_cast<std::uint32_t>(1 + c.out.size() / 24); // about 50 writes
  }

  void send_fragments(client& c, const verify_message& message, std::uint64_t seed) {
    auto ends = fragment_ends(message.size, seed + 1);
    auto ping_after = seed % (ends.size() - 1);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      auto part = std::string_view{outgoing_}.substr(begin, ends[i] - begin);
      all_->send(c, {i == 0 ? message.op : opcode::continuation, i + 1 == ends.size(), part});
      begin = ends[i];
      if (i == ping_after)
        send_ping(c);
    }
  }

  void send_ping(client& c) {
    auto number = ++lanes_[c.index].pings;
    ++figures.pings;
    all_->send(c, opcode::ping, std::string{ping_prefix} + std::to_string(number));
  }

  verify_options options_;
  fleet* all_ = nullptr;
  std::vector<lane> lanes_;
  std::string outgoing_;
  std::string expected_;
};

/// Handles events until all is done, or until nothing has come back for a while.
void run_to_the_end(fleet& all, const verify_traffic& events) {
  constexpr std::chrono::seconds silence{10};
  auto heard = [&] { return events.figures.messages + events.figures.pongs; };
  auto before = heard();
  auto news = [&] { return all.living() == 0 || events.done() || heard() != before; };
  while (!events.done() && all.living() > 0) {
    if (!all.run_until(fleet::now() + silence, news))
      return;
    before = heard();
  }
}

void judge(const verify_traffic& events, const verify_options& options, session& s) {
  verdict judge{s.result()};
  judge.none(events.figures.mismatches, "message", "came back changed");
  for (auto& example : events.examples)
    judge.demand(false, example);
  judge.no_drops(events.drops);
  for (auto& [cause, count] : events.drops.by_cause())
    judge.demand(cause.compare(0, 4, "1009") != 0, "the server takes no message of "
                                                     + counted(options.size, "byte")
                                                     + ": raise its limit or lower --size");
  auto& figures = events.figures;
  judge.demand(figures.messages > 0 || s.result().interrupted, "no message came back");
  judge.none(events.lost, "message", "never came back because the connection ended");
  if (s.result().interrupted)
    return;
  judge.none(events.planned - figures.messages, "message", "never came back, or was never sent");
  judge.none(figures.pings - figures.pongs, "ping", "got no pong");
}

} // namespace

void run(session& s, const verify_options& options) {
  verify_traffic events{s.fleet_of_run().connections, options};
  fleet all{s.to(), s.fleet_of_run(), events, s.line()};
  all.open();
  meter part{s.server()};
  events.start(all);
  s.line().begin({"verifying", [&] { return events.figures.messages; }, "messages", events.planned},
                 fleet::now());
  if (!interrupted())
    run_to_the_end(all, events);
  s.result().part = part.stop();
  s.result().figures = events.figures;
  s.ended();
  judge(events, options, s);
  verdict{s.result()}.whole_fleet(all);
  verdict{s.result()}.closes(all);
}

} // namespace holdfast::bench
