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

/// Publishes at a rate, on the first open connection of each topic by turns, and counts what every
/// connection gets. Without topics there is one that all are in. Publications are numbered: number
/// n belongs to topic n % topics.
class fanout_traffic : public traffic {
public:
  fanout_traffic(const fleet_options& clients, const fanout_options& options)
    : options_{options},
      text_{options.size},
      publishers_(std::max<std::size_t>(1, clients.topics)),
      subscribers_(publishers_.size()),
      expected_(clients.connections) {
    for (std::size_t i = 0; i < expected_.size(); ++i)
      expected_[i] = topic_of(i);
  }

  void start(fleet& all, time_point at) {
    all_ = &all;
    for (auto& c : all.clients()) {
      if (c.state != client_state::open)
        continue;
      auto& publisher = publishers_[topic_of(c.index)];
      publisher = publisher ? publisher : &c;
      ++subscribers_[topic_of(c.index)];
    }
    if (all.open_now() == 0)
      return;
    pace_.emplace(at, options_.rate);
    all.turn_at(at);
  }

  void measure(time_point begin, time_point end) {
    counted_from_ = begin;
    counted_until_ = end;
  }

  void stop() { stopping_ = true; }

  void turn(time_point now) override {
    if (stopping_)
      return;
    for (; pace_->due(published_) <= now; ++published_) {
      auto* publisher = publishers_[published_ % publishers_.size()];
      if (!publisher || publisher->state != client_state::open)
        continue;
      all_->send(*publisher, opcode::text, text_.with(published_));
      all_->flush(*publisher);
      owed_ += subscribers_[published_ % publishers_.size()];
    }
    all_->turn_at(pace_->due(published_));
  }

  void received(client& c, opcode op, std::string_view payload, time_point at) override {
    if (all_ == nullptr)
      return; // a greeting
    auto number = text_.number_of(payload);
    auto& expected = expected_[c.index];
    if (op != opcode::text || !number || *number >= published_ || *number < expected
        || *number % publishers_.size() != topic_of(c.index)) {
      ++foreign;
      return;
    }
    expected = *number + publishers_.size(); // beyond the next one: some were left out
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
    auto topics = publishers_.size();
    for (auto& c : all_->clients())
      if (c.state == client_state::open && expected_[c.index] < published_)
        sum += (published_ - expected_[c.index] + topics - 1) / topics;
    return sum;
  }

  /// Publications times subscribers, less what was delivered.
  std::uint64_t undelivered() const { return owed_ - delivered; }

  std::uint64_t delivered = 0;
  std::uint64_t deliveries = 0; ///< while it measured
  std::uint64_t foreign = 0;    ///< messages that were not published here, or came twice
  histogram latency;
  drop_count drops;

private:
  std::size_t topic_of(std::size_t client) const { return client % publishers_.size(); }

  fanout_options options_;
  fleet* all_ = nullptr;
  numbered_text text_;
  std::optional<pace> pace_;
  std::vector<client*> publishers_;      ///< by topic
  std::vector<std::size_t> subscribers_; ///< who was there as it began, by topic
  std::uint64_t published_ = 0;
  std::uint64_t owed_ = 0;              ///< publications times subscribers
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
  fanout_traffic events{s.fleet_of_run(), options};
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
