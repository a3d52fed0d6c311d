// Mode storm: everyone connects at once.
#include "app/bench/session.hpp"

namespace holdfast::bench {

namespace {

/// Counts how long handshakes take.
class storm_traffic : public traffic {
public:
  void opened(client& c, time_point at) override { handshakes.record(at - c.began); }

  void ended(client& c, time_point) override { drops.add(c); }

  histogram handshakes;
  drop_count drops;
};

} // namespace

void run(session& s, const storm_options&) {
  storm_traffic events;
  fleet all{s.to(), s.fleet_of_run(), events, s.line()};
  meter part{s.server()};
  all.open();
  s.result().part = part.stop();
  s.result().figures = storm_figures{events.handshakes};
  s.ended();
  verdict{s.result()}.no_drops(events.drops);
  verdict{s.result()}.whole_fleet(all);
  verdict{s.result()}.closes(all);
}

} // namespace holdfast::bench
