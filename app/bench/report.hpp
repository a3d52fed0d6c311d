// What a run has to say: figures, and what did not hold.
#pragma once

#include "app/bench/histogram.hpp"
#include "app/bench/options.hpp"
#include "app/bench/process.hpp"
#include "app/bench/second_bins.hpp"
#include "protocol/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace holdfast::bench {

/// How often something was counted, by its name.
using tally = std::map<std::string, std::uint64_t>;

struct echo_figures {
  std::uint64_t messages = 0; ///< that came back while it measured
  std::uint64_t late = 0;     ///< paced: had to wait because too many were on their way
  histogram latency;
};

struct verify_figures {
  std::uint64_t messages = 0; ///< sent and compared
  std::uint64_t bytes = 0;
  std::uint64_t mismatches = 0;
  std::uint64_t pings = 0;
  std::uint64_t pongs = 0;
};

/// Growth of the server's PSS since before the first connection, a connection.
struct memory_figures {
  std::int64_t before = 0; ///< bytes of the whole process
  std::optional<std::int64_t> open;
  std::optional<std::int64_t> after_a_message;
  std::optional<std::int64_t> at_end;
};

struct interval_figures {
  duration min{};
  duration mean{};
  duration max{};
};

struct idle_figures {
  std::size_t open_at_end = 0;
  tally dropped;              ///< by close code
  std::uint64_t pings = 0;    ///< since the first connection
  std::uint64_t answered = 0; ///< of them
  std::uint64_t steady = 0;   ///< pings while it measured
  std::uint32_t fewest = 0;   ///< pings on a connection
  std::uint32_t most = 0;
  std::optional<interval_figures> interval; ///< between two pings on a connection
  second_bins by_second;
  std::optional<memory_figures> memory;
};

struct storm_figures {
  histogram handshakes;
};

struct fanout_figures {
  std::uint64_t publications = 0; ///< of the whole run
  std::uint64_t deliveries = 0;   ///< while it measured
  std::uint64_t missing = 0;
  histogram latency; ///< from a publication's turn to each delivery
};

/// What a lone node's plan says beside what was seen.
struct drain_plan_figures {
  double planned = 0; ///< seconds until the last plain client is closed
  double actual = 0;
  double first_arrival = 0;
  double last_arrival = 0;
};

struct drain_figures {
  std::size_t leased = 0; ///< open before the signal
  std::size_t plain = 0;
  std::optional<drain_plan_figures> plan;
  std::optional<duration> process_ended; ///< after the signal
  tally close_codes;
  std::uint64_t unclean = 0; ///< ended without a close frame
  std::size_t living = 0;    ///< at the end
  second_bins plain_closes;
  second_bins leased_closes;
  second_bins arrivals; ///< as the leases plan them
};

struct report {
  request asked;
  std::size_t opened = 0;
  tally refused;
  measured_part part; ///< of length zero: it did not come to that
  std::variant<echo_figures, verify_figures, idle_figures, storm_figures, fanout_figures,
               drain_figures>
    figures;
  bool interrupted = false;
  std::vector<std::string> failures; ///< what did not hold, in sentences
  std::vector<std::string> remarks;  ///< what the figures may not be taken for
};

/// "echo", "idle" and so on.
std::string mode_name(const report& of);

/// What was measured `count` times: microseconds of the server's CPU for each; nothing if the
/// server's process is not known or nothing was counted.
std::optional<double> server_us_per(const measured_part& part, std::uint64_t count);

/// CPU seconds as a percentage of one core over the time of `part`; nothing for no time.
std::optional<double> percent_of_a_core(const measured_part& part, std::optional<duration> cpu);

/// One JSON object, on one line.
std::string to_json(const report& of);

/// For people: at most 80 columns.
std::string to_text(const report& of);

} // namespace holdfast::bench
