// Where the bytes of an idle connection are: `scripts/bench memory` runs it.
//
// First the sizes of its parts. Then the budget: a node serves in this process, its clients are in
// another, and every block that a connection leaves on the heap is entered with whoever allocated
// it. The sum stands beside the growth of PSS in a run without the book-keeping.
#include "actors/heartbeat.hpp"
#include "actors/type_ids.hpp"
#include "app/transport/websocket_connection.hpp"
#include "protocol/send_queue.hpp"
#include "tests/benchmark/memory/ledger.hpp"
#include "tests/benchmark/memory/served_node.hpp"

#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace holdfast;
using namespace holdfast::budget;

namespace {

/// What lives on the heap of this process, and its proportional set size; bytes.
struct footprint {
  double heap = read_heap();
  double pss = read_pss();

private:
  static double read_heap() {
    auto all = ::mallinfo2();
    return static_cast<double>(all.uordblks + all.hblkhd);
  }

  static double read_pss() {
    std::ifstream file{"/proc/self/smaps_rollup"};
    for (std::string line; std::getline(file, line);)
      if (line.compare(0, 4, "Pss:") == 0)
        return std::strtod(line.c_str() + 4, nullptr) * 1024;
    return 0;
  }
};

/// Runs `f` in a process of its own, which measures what f() returns and ends.
double in_child(const std::function<double()>& f) {
  int ends[2];
  require(::pipe(ends) == 0, "pipe");
  std::fflush(stdout);
  auto child = ::fork();
  require(child >= 0, "fork");
  if (child == 0) {
    auto result = f();
    std::_Exit(::write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
  }
  double result = 0;
  ::close(ends[1]);
  require(::read(ends[0], &result, sizeof result) == sizeof result, "the measuring process");
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return result;
}

void print_sizes() {
  using transport::byte_stream;
  using transport::websocket_connection;
  std::printf("sizeof, bytes\n"
              "  WebSocket connection  %5zu  (of it the byte stream: %zu)\n"
              "  connection actor      %5zu  (CAF's part: %zu; its control block in front: %zu)\n"
              "    of it the recorder  %5zu  (its ring, made with the third entry: %zu)\n"
              "  slot                  %5zu\n"
              "  heartbeat entry       %5zu\n"
              "  only while needed: send queue %zu, handshake %zu, frame reader %zu\n"
              "  for comparison: event_based_actor %zu\n",
              sizeof(websocket_connection), sizeof(byte_stream), sizeof(connection),
              sizeof(caf::local_actor), sizeof(caf::actor_control_block), sizeof(flight_recorder),
              sizeof(flight_entry) * flight_recorder::capacity, sizeof(slot),
              heartbeat::bytes_per_slot(), sizeof(send_queue), sizeof(transport::opening),
              sizeof(transport::frame_reader), sizeof(caf::event_based_actor));
}

/// PSS a connection.
double measure(handler_mode mode, std::size_t connections) {
  return in_child([mode, connections] {
    served_node node{mode};
    node.start(connections);
    footprint before;
    node.connect_all();
    return (footprint{}.pss - before.pss) / static_cast<double>(connections);
  });
}

/// What functions of ours allocate for a connection. Rows of others stand without words.
std::string_view in_words(std::string_view who) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {
    {"transport::websocket_factory::adopt", "WebSocket connection"},
    {"transport::byte_stream::open_stream", "list of live connections"},
    {"shard::accept", "connection actor; monitor of its end"},
    {"connection::more", "query and groups"},
    {"slot_table::take", "slots, with room to grow"},
    {"admission::decide", "the user in the pool"},
    {"own_actor_host::make", "actor of its own handler"},
    {"heartbeat::make_room", "heartbeat entries, with room to grow"},
  };
  for (auto& [function, words] : known)
    if (function == who)
      return words;
  return {};
}

void print_row(const ledger_row& row, double connections) {
  auto who = std::string_view{row.who};
  if (who.compare(0, 10, "holdfast::") == 0)
    who.remove_prefix(10);
  auto what = in_words(who);
  std::printf("  %-37.*s %-36.*s %6.2f %7zu %7.1f\n", static_cast<int>(what.size()), what.data(),
              static_cast<int>(who.size()), who.data(),
              static_cast<double>(row.blocks) / connections, row.size,
              static_cast<double>(row.held) / connections);
}

/// Prints every kind of block, and gives their sum a connection.
double print_blocks(const std::vector<ledger_row>& rows, double connections) {
  double sum = 0;
  double rest = 0;
  std::printf("  %-37s %-36s %6s %7s %7s\n", "what", "allocated by", "blocks", "of size", "bytes");
  for (const auto& row : rows) {
    auto bytes = static_cast<double>(row.held) / connections;
    sum += bytes;
    if (bytes < 1)
      rest += bytes;
    else
      print_row(row, connections);
  }
  std::printf("  %-90s %7.1f\n", "less than a byte each", rest);
  return sum;
}

/// The same as `measure`, with every block in the ledger.
void print_budget(handler_mode mode, std::size_t connections) {
  auto pss = measure(mode, connections);
  served_node node{mode};
  node.start(connections);
  footprint before;
  start_ledger();
  node.connect_all();
  stop_ledger();
  auto n = static_cast<double>(connections);
  auto heap = (footprint{}.heap - before.heap) / n;
  auto name = to_string(mode);
  std::printf("\nbudget of an idle connection of a named user that has said something, one of %zu, "
              "handler %.*s\n",
              connections, static_cast<int>(name.size()), name.data());
  auto sum = print_blocks(read_ledger(), n);
  auto total = [](const char* what, double bytes) { std::printf("  %-90s %7.1f\n", what, bytes); };
  total("sum, with the allocator's headers", sum);
  total("growth of the heap", heap);
  total("growth of PSS, in a run without the book-keeping", pss);
  total("of that not in the sum (negative: taken from what was free before)", pss - sum);
}

} // namespace

int main(int argc, char** argv) {
  std::size_t connections = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000;
  rlimit files{};
  require(::getrlimit(RLIMIT_NOFILE, &files) == 0, "getrlimit");
  files.rlim_cur = files.rlim_max;
  require(::setrlimit(RLIMIT_NOFILE, &files) == 0, "setrlimit");
  print_sizes();
  for (auto mode : {handler_mode::inlined, handler_mode::per_connection, handler_mode::shared})
    in_child([mode, connections] {
      print_budget(mode, connections);
      std::fflush(stdout);
      return 0.0;
    });
}
