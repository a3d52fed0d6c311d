// Mode fanout: one publishes, everybody gets it.
#include "app/bench/interruption.hpp"
#include "app/bench/numbered_text.hpp"
#include "app/bench/pace.hpp"
#include "app/bench/session.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace holdfast::bench {

namespace {

/// Publishes at a rate on the first open connection, and counts what every connection gets.
class fanout_traffic : public traffic {
public:
  fanout_traffic(std::size_t clients, const fanout_options& options)
    : options_{options},
      text_{options.size},
      expected_(clients) {}

  void start(fleet& all, time_point at) {
    all_ = &all;
    auto& clients = all.clients();
    auto is_open = [](const client& c) { return c.state == client_state::open; };
    subscribers_ = all.open_now();
    auto first = std::find_if(clients.begin(), clients.end(), is_open);
    if (first == clients.end())
      return;
    publisher_ = &*first;
    pace_.emplace(at, options_.rate);
    all.turn_at(at);
  }

  void measure(time_point begin, time_point end) {
    counted_from_ = begin;
    counted_until_ = end;
  }

  void stop() { stopping_ = true; }

  void turn(time_point now) override {
    if (stopping_ || publisher_->state != client_state::open)
      return;
    for (; pace_->due(published_) <= now; ++published_)
      all_->send(*publisher_, opcode::text, text_.with(published_));
    all_->turn_at(pace_->due(published_));
    all_->flush(*publisher_);
  }

  void received(client& c, opcode op, std::string_view payload, time_point at) override {
    if (all_ == nullptr)
      return; // a greeting
    auto number = text_.number_of(payload);
    auto& expected = expected_[c.index];
    if (op != opcode::text || !number || *number >= published_ || *number < expected) {
      ++foreign;
      return;
    }
    expected = *number + 1; // beyond the next one: some were left out
    ++delivered;
    deliveries += at >= counted_from_ && at < counted_until_ ? 1 : 0;
    auto due = pace_->due(*number);
    if (due >= counted_from_ && due < counted_until_)
      latency.record(at - due);
  }

  void ended(client& c, time_point) override { drops.add(c); }

  std::uint64_t published() const { return published_; }

  /// Deliveries that those who are still there wait for.
  std::uint64_t awaited() const {
    std::uint64_t sum = 0;
    for (auto& c : all_->clients())
      sum += c.state == client_state::open ? published_ - expected_[c.index] : 0;
    return sum;
  }

  /// Publications times subscribers, less what was delivered.
  std::uint64_t undelivered() const { return published_ * subscribers_ - delivered; }

  std::uint64_t delivered = 0;
  std::uint64_t deliveries = 0; ///< while it measured
  std::uint64_t foreign = 0;    ///< messages that were not published here, or came twice
  histogram latency;
  drop_count drops;

private:
  fanout_options options_;
  fleet* all_ = nullptr;
  client* publisher_ = nullptr;
  numbered_text text_;
  std::optional<pace> pace_;
  std::size_t subscribers_ = 0;
  std::uint64_t published_ = 0;
  std::vector<std::uint64_t> expected_; ///< number of the next delivery, by index
  time_point counted_from_ = time_point::max();
  time_point counted_until_ = time_point::max();
  bool stopping_ = false;
};

void judge(const fanout_traffic& events, session& s) {
  verdict judge{s.result()};
  judge.demand(events.deliveries > 0 || s.result().interrupted,
               "no delivery came while it measured");
  judge.none(events.undelivered(), "message", "never came to a subscriber");
  judge.demand(events.delivered != events.published() || events.undelivered() == 0,
               "each message came to one connection: does this path send them to everyone?");
  judge.none(events.foreign, "message", "came that nobody here had published, or twice");
  judge.no_drops(events.drops);
}

} // namespace

void run(session& s, const fanout_options& options) {
  constexpr std::chrono::seconds for_the_rest{10};
  fanout_traffic events{s.fleet_of_run().connections, options};
  fleet all{s.to(), s.fleet_of_run(), events, s.line()};
  all.open();
  all.rest_between_looks(std::chrono::milliseconds{1});
  auto delivered = [&] { return events.delivered; };
  auto start = fleet::now();
  s.line().begin({"warming up", delivered, "deliveries", 0, options.warmup}, start);
  events.start(all, start);
  all.run(start + options.warmup);
  s.measure(all, {"measuring", delivered, "deliveries", 0, options.seconds},
            [&](time_point begin, time_point end) { events.measure(begin, end); });
  events.stop();
  s.line().begin({"waiting for the rest", delivered, "deliveries"}, fleet::now());
  all.settle(for_the_rest, [&] { return events.awaited() == 0; });
  s.ended();

  fanout_figures figures;
  figures.publications = events.published();
  figures.deliveries = events.deliveries;
  figures.missing = events.undelivered();
  figures.latency = events.latency;
  s.result().figures = figures;
  judge(events, s);
  verdict{s.result()}.whole_fleet(all);
  verdict{s.result()}.closes(all);
}

} // namespace holdfast::bench
