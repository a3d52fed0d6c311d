// What a run demands of the server.
#pragma once

#include "app/bench/fleet.hpp"
#include "app/bench/report.hpp"

#include <cstdint>
#include <string>

namespace holdfast::bench {

/// Counts connections that ended without our doing, by how they ended.
class drop_count {
public:
  /// Takes note of an ended client.
  void add(const client& c);

  std::uint64_t total() const { return total_; }

  /// By close code: "1009 message_too_big", or "no close frame".
  const tally& by_cause() const { return by_cause_; }

private:
  std::uint64_t total_ = 0;
  tally by_cause_;
};

/// Writes down what did not hold; a run with an entry ends with exit code 1.
class verdict {
public:
  explicit verdict(report& into) : into_{into} {}

  /// `count` of `noun` (in the singular) should have been none: "3 messages came back changed".
  void none(std::uint64_t count, const std::string& noun, const std::string& did);

  void demand(bool held, const std::string& otherwise);

  void no_drops(const drop_count& drops);

  /// Everybody was let in, and spoke WebSocket. Fills in what the report says about connections.
  void whole_fleet(const fleet& all);

  /// The closes that this begins are answered.
  void closes(fleet& all);

private:
  report& into_;
};

} // namespace holdfast::bench
