// What a verification sends: every size that has its own way through a server, in every way.
#pragma once

#include "app/bench/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::bench {

/// A small generator (SplitMix64): the same numbers for the same seed, everywhere.
class random_numbers {
public:
  explicit random_numbers(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next();

  /// 0 .. `bound` - 1; `bound` is not 0. Slightly uneven, which is no matter here.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

private:
  std::uint64_t state_;
};

/// How a message comes to the server.
enum class sending : std::uint8_t {
  whole,     ///< one frame, one write
  fragments, ///< frames cut anywhere, inside a character too, with a ping between two of them
  pieces,    ///< one frame, written to the socket a few bytes at a time
};

std::string_view to_string(sending way);

struct verify_message {
  std::uint32_t size = 0;
  opcode op = opcode::text;
  sending way = sending::whole;
};

/// All sizes up to `largest` that are worth a try, in rising order: 0 to 300, powers of two and
/// their neighbours (so the borders of the three length fields), `largest`, and 64 random ones.
std::vector<std::uint32_t> verify_sizes(std::size_t largest, std::uint64_t seed);

/// Each size as text and as binary, sent in each way, in random order.
std::vector<verify_message> verify_plan(const std::vector<std::uint32_t>& sizes,
                                        std::uint64_t seed);

/// Fills `out` with a message of this size: any bytes, or UTF-8 with characters of one to four.
void fill_message(std::string& out, const verify_message& message, std::uint64_t seed);

/// Where to cut a message of this size into 2 to 6 fragments: rising, some may be empty.
std::vector<std::size_t> fragment_ends(std::size_t size, std::uint64_t seed);

} // namespace holdfast::bench
