// What every mode works with.
#pragma once

#include "app/bench/fleet.hpp"
#include "app/bench/process.hpp"
#include "app/bench/progress.hpp"
#include "app/bench/report.hpp"
#include "app/bench/url.hpp"
#include "app/bench/verdict.hpp"

#include <functional>

namespace holdfast::bench {

/// One run: where to, what it says on the way, and what it will say at the end.
class session {
public:
  /// `progress_shown`: on standard error. Throws `failure` if the URL or the process is none.
  session(const request& asked, bool progress_shown);

  const url& to() const { return to_; }
  const fleet_options& fleet_of_run() const { return result_.asked.run.fleet; }
  const observed_process& server() const { return server_; }
  progress& line() { return line_; }
  report& result() { return result_; }

  /// Runs `all` for `shown.length` and measures what that costs; does nothing once interrupted().
  /// `window` is told from when to when: before as planned, and afterwards as it was.
  void measure(fleet& all, const phase& shown,
               const std::function<void(time_point, time_point)>& window);

  /// Writes down whether the run came to its own end.
  void ended();

private:
  report result_;
  url to_;
  observed_process server_;
  progress line_;
};

// Each runs one mode to its end and fills in the report. They throw `failure`.
void run(session& s, const echo_options& options);
void run(session& s, const verify_options& options);
void run(session& s, const idle_options& options);
void run(session& s, const storm_options& options);
void run(session& s, const fanout_options& options);
void run(session& s, const drain_options& options);

} // namespace holdfast::bench
