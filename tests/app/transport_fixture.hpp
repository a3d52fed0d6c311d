// A shard with an echoing application behind it.
#pragma once

#include "app/transport/shard_loop.hpp"
#include "tests/app/transport_client.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::transport::test {

using namespace std::chrono_literals;

/// Echoes what it hears, and remembers what it was told.
class echo_events final : public transport_events {
public:
  struct ending {
    close_code peer_code;
    std::string peer_reason;
    bool clean;
    cause why;
    std::string error;
    traffic never_written;
    std::uint64_t unconfirmed_bytes;
    std::uint64_t discarded_in;
  };

  struct record {
    int accepted = 0, settled = 0, established = 0, ticks = 0, turns = 0, pings = 0, pongs = 0;
    std::vector<std::string> messages;
    std::vector<refusal> refused;
    std::vector<std::pair<close_code, cause>> closing;
    std::vector<ending> endings;
    std::string path, query, address, protocol;
    time_point accepted_at{};
    std::string last_pong;
    loop_figures figures; // the last ones
    duration latest{};    // the latest tick was late by this
  };

  // Set before start(); called on the shard's thread.
  std::function<bool()> let_in = [] { return true; };
  std::function<handshake_reply(const handshake_request&)> reply
    = [](auto&) { return handshake_reply{}; };
  std::function<void(slot_index)> opened = [this](slot_index slot) { at(slot).resume_reading(); };
  std::function<void(slot_index, frame_opcode, std::string_view)> heard
    = [this](slot_index slot, frame_opcode opcode, std::string_view payload) {
        at(slot).send(opcode, payload);
      };
  std::function<void(time_point)> ticked = [](time_point) {};
  std::function<void()> turned = [] {};
  bool is_ready = true;

  /// On the shard's thread.
  transport_connection& at(slot_index slot) { return *connections_.at(slot); }

  /// Waits until the record satisfies `holds`. False when it does not in time.
  bool await(const std::function<bool(const record&)>& holds) {
    std::unique_lock<std::mutex> lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return holds(record_); });
  }

  record seen() {
    std::lock_guard<std::mutex> lock{mutex_};
    return record_;
  }

  ending the_end() {
    BOOST_REQUIRE(await([](auto& r) { return !r.endings.empty(); }));
    return seen().endings.front();
  }

  bool socket_accepted(const client_address&) override {
    if (!let_in())
      return false;
    note([](record& r) { ++r.accepted; });
    return true;
  }

  void socket_settled(const client_address&) override {
    note([](record& r) { ++r.settled; });
  }

  handshake_reply handshake(const handshake_request& request,
                            transport_connection& connection) override {
    note([&](record& r) {
      r.path = request.path();
      r.query = request.query();
      r.address = request.address_text();
      r.accepted_at = request.accepted_at();
      r.protocol = request.header("sec-websocket-protocol");
    });
    auto answer = reply(request);
    if (answer.status == 101 && answer.close == close_code::none) {
      answer.slot = next_slot_++;
      connections_[answer.slot] = &connection;
    }
    return answer;
  }

  void established(slot_index slot) override {
    opened(slot);
    note([](record& r) { ++r.established; });
  }

  void refused(refusal why) override {
    note([why](record& r) { r.refused.push_back(why); });
  }

  bool serves(std::string_view path) const override { return path != "/unknown"; }
  bool ready() const override { return is_ready; }

  void message(slot_index slot, frame_opcode opcode, std::string_view payload) override {
    note([&](record& r) { r.messages.emplace_back(payload); });
    heard(slot, opcode, payload);
  }

  void ping(slot_index) override {
    note([](record& r) { ++r.pings; });
  }

  void pong(slot_index, std::string_view payload) override {
    note([&](record& r) {
      ++r.pongs;
      r.last_pong = payload;
    });
  }

  void measured(const loop_figures& figures) override {
    note([&](record& r) {
      r.figures = figures;
      r.latest = std::max(r.latest, figures.late);
    });
  }

  void closing(slot_index, close_code code, cause why) override {
    note([&](record& r) { r.closing.emplace_back(code, why); });
  }

  void ended(slot_index slot, const transport_end& end) override {
    connections_.erase(slot);
    note([&](record& r) {
      r.endings.push_back({end.peer_code, std::string{end.peer_reason}, end.clean, end.why,
                           std::string{end.error}, end.never_written, end.unconfirmed_bytes,
                           end.discarded_in});
    });
  }

  void tick(time_point now) override {
    ticked(now);
    note([](record& r) { ++r.ticks; });
  }

  void turn_ended() override {
    turned();
    note([](record& r) { ++r.turns; });
  }

private:
  template <class F>
  void note(F f) {
    std::lock_guard<std::mutex> lock{mutex_};
    f(record_);
    changed_.notify_all();
  }

  std::map<slot_index, transport_connection*> connections_;
  slot_index next_slot_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  record record_; // guarded by mutex_
};

inline std::size_t open_descriptors() {
  using iterator = std::filesystem::directory_iterator;
  return static_cast<std::size_t>(std::distance(iterator{"/proc/self/fd"}, iterator{}));
}

struct one_scheduler_thread : caf::actor_system_config {
  one_scheduler_thread() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1);
  }
};

struct shard {
  one_scheduler_thread settings;
  caf::actor_system system{settings};
  system_clock time;
  transport_config config;
  echo_events events;
  std::optional<shard_loop> loop;
  std::uint16_t port = 0;

  void start() {
    loop.emplace(system, time, config, shard_index{0});
    loop->listen({{"127.0.0.1", 0}});
    port = loop->local_port(0);
    loop->start(events);
  }

  client connect() { return client{port}; }

  client open() {
    auto made = connect();
    made.upgrade();
    return made;
  }

  /// Runs `f` on the shard's thread and waits for it.
  void on_shard(std::function<void()> f) {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    loop->post([&] {
      f();
      std::lock_guard<std::mutex> lock{mutex};
      done = true;
      changed.notify_all();
    });
    std::unique_lock<std::mutex> lock{mutex};
    BOOST_REQUIRE(changed.wait_for(lock, patience, [&] { return done; }));
  }
};

} // namespace holdfast::transport::test
