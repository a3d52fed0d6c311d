// Where the bytes of an idle connection are: hosted connection actors with recorder, wheel entry,
// slot, user and counters, in isolation from any socket. `scripts/bench memory` runs it.
#include "actors/heartbeat.hpp"
#include "actors/node.hpp"
#include "protocol/send_queue.hpp"
#include "tests/support/fake_node.hpp"

#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

using namespace holdfast;
using namespace holdfast::test;

namespace {

/// A socket that takes everything and keeps nothing.
class null_socket final : public transport_connection {
public:
  send_outcome send(frame_opcode, std::string_view) override { return send_outcome::taken; }
  send_outcome send(const shared_frame&) override { return send_outcome::taken; }
  send_outcome send_control(std::string_view) override { return send_outcome::taken; }
  void ping(std::uint64_t) override {}
  void close(close_code, std::string_view, close_patience) override {}
  void abort() override {}
  void pause_reading() override {}
  void resume_reading() override {}
  outbound_state outbound() const override { return {}; }
};

class request final : public handshake_request {
public:
  explicit request(std::string query) : query_{std::move(query)} {}

  std::string_view path() const override { return "/echo"; }
  std::string_view query() const override { return query_; }
  std::string_view header(std::string_view) const override { return {}; }
  const client_address& address() const override { return address_; }
  std::string_view address_text() const override { return "203.0.113.9:51234"; }

private:
  std::string query_;
  client_address address_ = client_address::from_v4(0xcb007109);
};

/// Proportional set size of this process, in bytes.
double pss() {
  std::ifstream file{"/proc/self/smaps_rollup"};
  for (std::string line; std::getline(file, line);)
    if (line.compare(0, 4, "Pss:") == 0)
      return std::strtod(line.c_str() + 4, nullptr) * 1024;
  return 0;
}

double heap() {
  return static_cast<double>(mallinfo2().uordblks);
}

struct figures {
  double pss;
  double heap;
};

/// Bytes a connection.
figures measure(std::size_t count, bool named, bool active) {
  auto settings = test_settings();
  settings.max_total_connections = count;
  fake_node node{settings};
  null_socket socket;
  std::vector<slot_index> slots;
  slots.reserve(count);
  malloc_trim(0);
  figures before{pss(), heap()};
  for (std::size_t i = 0; i < count; ++i) {
    auto reply = node.at(0).handshake(request{named ? "user=u" + std::to_string(i) : ""}, socket);
    node.at(0).established(reply.slot);
    slots.push_back(reply.slot);
  }
  node.run();
  if (active)
    for (auto slot : slots)
      node.at(0).message(slot, frame_opcode::text, "hello");
  malloc_trim(0);
  auto n = static_cast<double>(count);
  figures result{(pss() - before.pss) / n, (heap() - before.heap) / n};
  for (auto slot : slots)
    node.at(0).ended(slot, {});
  node.log.events.clear();
  node.run();
  return result;
}

void print_sizes() {
  std::printf("sizeof, bytes\n"
              "  connection actor      %5zu  (CAF control block in front of it: %zu)\n"
              "    of it recorder      %5zu  (its ring, allocated with the third entry: %zu)\n"
              "  slot                  %5zu\n"
              "  heartbeat entry       %5zu\n"
              "  send queue            %5zu  (only while something waits)\n"
              "  event_based_actor     %5zu  (for comparison)\n",
              sizeof(connection), sizeof(caf::actor_control_block), sizeof(flight_recorder),
              sizeof(flight_entry) * flight_recorder::capacity, sizeof(slot),
              holdfast::heartbeat::bytes_per_slot(), sizeof(send_queue),
              sizeof(caf::event_based_actor));
}

} // namespace

int main(int argc, char** argv) {
  std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000;
  print_sizes();
  std::printf("%zu connections without their sockets, bytes each   PSS    heap\n", count);
  auto print = [](const char* what, figures f) {
    std::printf("  %-44s %8.0f %7.0f\n", what, f.pss, f.heap);
  };
  print("anonymous, idle", measure(count, false, false));
  print("of a named user each, idle", measure(count, true, false));
  print("of a named user each, one message echoed", measure(count, true, true));
  return 0;
}
