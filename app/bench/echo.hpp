// Mode echo: messages sent back and compared byte by byte.
#pragma once

#include "app/bench/fleet.hpp"
#include "app/bench/histogram.hpp"
#include "app/bench/numbered_text.hpp"
#include "app/bench/options.hpp"
#include "app/bench/pace.hpp"
#include "app/bench/verdict.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace holdfast::bench {

/// Sends messages on every connection and checks each that comes back. Without a rate, `inflight`
/// messages are always on their way on each connection. With a rate, the open connections take
/// turns: the time of each message is fixed beforehand, its latency counts from then, and one that
/// finds `inflight` on their way waits on its connection for the next that comes back.
class echo_traffic : public traffic {
public:
  echo_traffic(std::size_t clients, const echo_options& options);

  /// Begins on all open clients.
  void start(fleet& all, time_point at);

  /// What comes back in this time is counted, and the latency of what came back in it or, with a
  /// rate, was due in it.
  void measure(time_point begin, time_point end);

  /// No messages whose turn is after `at`. Those that wait are still sent, unless `abandon`.
  void stop(time_point at, bool abandon);

  void received(client& c, opcode op, std::string_view payload, time_point at) override;
  void ended(client& c, time_point at) override;
  void turn(time_point now) override;

  /// Counted while it measured.
  std::uint64_t echoed() const { return echoed_; }
  /// All that came back so far.
  std::uint64_t came_back() const { return came_back_; }
  std::uint64_t mismatched() const { return mismatched_; }
  /// Sent on connections that are still there, and not come back.
  std::uint64_t on_their_way() const { return on_their_way_; }
  /// Sent on connections that ended, and not come back.
  std::uint64_t lost() const { return lost_; }
  /// Paced: messages whose turn has come and that were not sent yet.
  std::uint64_t waiting() const;
  std::uint64_t late() const { return late_; }
  const histogram& latency() const { return latency_; }
  const drop_count& drops() const { return drops_; }

private:
  struct lane {
    std::uint32_t position = 0; ///< in the round
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
  };

  std::uint64_t turns_of(const lane& l) const;
  bool has_room(const lane& l) const { return l.sent - l.received < options_.inflight; }
  time_point due(const lane& l, std::uint64_t number) const;
  bool may_send(const client& c) const;
  void send_next(client& c, time_point at);
  void record(const client& c, const lane& l, std::uint64_t number, time_point at);

  echo_options options_;
  fleet* all_ = nullptr;
  numbered_text text_;
  std::optional<pace> pace_;
  std::uint64_t turns_ = 0;          ///< paced: that have come
  std::vector<std::uint32_t> round_; ///< indices of clients, in the order of their turns
  std::vector<lane> lanes_;          ///< by index
  std::vector<time_point> sent_at_;  ///< without a rate, `inflight` of each client
  time_point counted_from_ = time_point::max();
  time_point counted_until_ = time_point::max();
  time_point turns_until_ = time_point::max(); ///< however late the loop ends
  bool stopping_ = false;
  bool abandoned_ = false;
  std::uint64_t echoed_ = 0;
  std::uint64_t came_back_ = 0;
  std::uint64_t mismatched_ = 0;
  std::uint64_t on_their_way_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t late_ = 0;
  histogram latency_;
  drop_count drops_;
};

} // namespace holdfast::bench
