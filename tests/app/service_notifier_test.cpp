#include "app/service_notifier.hpp"
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

node_settings two_shards() {
  auto settings = test_settings();
  settings.shards = 2;
  settings.shutdown.lb_grace = 5s; // a drain stays there for a while
  return settings;
}

/// A node in virtual time, with a manager who remembers.
struct managed_node {
  explicit managed_node(std::optional<duration> watchdog = {}) {
    notifier.emplace(node.context(), watchdog,
                     [this](std::string_view text) { told.emplace_back(text); });
    notifier->start();
    node.run();
  }

  ~managed_node() {
    notifier->stop();
    node.run();
  }

  /// How often it was told something that holds `part`, since this was asked last.
  std::size_t heard(const std::string& part) {
    auto count = std::count_if(told.begin(), told.end(), [&](const std::string& text) {
      return text.find(part) != std::string::npos;
    });
    told.clear();
    return static_cast<std::size_t>(count);
  }

  std::string last() const { return told.empty() ? "nothing" : told.back(); }

  /// Puts an actor that answers nothing in the place of another one.
  template <class Handle>
  void deafen(Handle& place) {
    auto deaf = spawn_on(node.context().unit, probe_ptr{}, [](caf::event_based_actor* self) {
      self->set_default_handler(
        [](caf::scheduled_actor*, caf::message_view&) -> caf::result<caf::message> {
          return caf::delegated<caf::message>{}; // CAF then waits for an answer that never comes
        });
      return caf::behavior{[](tick_atom) {}};
    });
    place = caf::actor_cast<Handle>(deaf);
  }

  fake_node node{two_shards()};
  std::vector<std::string> told;
  std::optional<service_notifier> notifier;
};

} // namespace

BOOST_AUTO_TEST_SUITE(service_notifying)

BOOST_AUTO_TEST_CASE(a_node_that_serves_says_so_at_once_and_every_ten_seconds) {
  managed_node m;
  BOOST_TEST(m.last() == "READY=1\nSTATUS=serving 0 of 1,000 connections");
  m.told.clear();
  m.node.connect(0, "/echo?user=ann");
  m.node.advance(9900ms);
  BOOST_TEST(m.told.size() == 0u);
  m.node.advance(200ms);
  BOOST_TEST(m.told.size() == 1u);
  BOOST_TEST(m.last() == "READY=1\nSTATUS=serving 1 of 1,000 connections");
  m.node.advance(60s);
  BOOST_TEST(m.heard("READY=1") == 7u);
}

BOOST_AUTO_TEST_CASE(a_drain_is_told_with_its_phases_its_progress_and_the_time_it_needs) {
  managed_node m;
  for (auto user : {"ann", "bob"})
    m.node.connect(0, std::string{"/echo?user="} + user);
  m.told.clear();
  auto& shutdown = m.node.settings.shutdown;
  auto longest = to_ms(longest_drain(shutdown) + service_notifier::drain_slack);
  m.node.tell_shutdown(start_drain{drain_reason::signal});
  BOOST_TEST(m.told.front().rfind("STOPPING=1\nSTATUS=", 0) == 0u, m.told.front());
  BOOST_TEST(m.told.front().find("\nEXTEND_TIMEOUT_USEC=" + std::to_string(longest) + "000")
             != std::string::npos);
  BOOST_TEST(m.last().find("unready: 2 left, 0 s of 5 s\n") != std::string::npos, m.last());
  m.told.clear();
  m.node.advance(1100ms);
  BOOST_REQUIRE(m.told.size() == 1u);
  BOOST_TEST(m.last().find("STOPPING=1\nSTATUS=unready: 2 left, 1 s of 5 s\n") == 0u, m.last());
  auto at = m.last().find("EXTEND_TIMEOUT_USEC=");
  BOOST_REQUIRE(at != std::string::npos);
  auto left = std::stoll(m.last().substr(at + 20)) / 1000;
  BOOST_TEST(left <= longest - 1000); // what was asked for has not grown
  BOOST_TEST(left > longest - 1200);
  m.node.advance(10s);
  BOOST_TEST(m.node.ledger.has_value());
  BOOST_TEST(m.heard("STATUS=drained") > 0u);
}

BOOST_AUTO_TEST_CASE(a_drain_that_was_cancelled_leaves_a_service_that_is_ready) {
  managed_node m;
  m.node.connect(0, "/echo?user=ann");
  m.told.clear();
  m.node.tell_shutdown(start_drain{drain_reason::admin});
  BOOST_TEST(m.heard("STOPPING=1") == 0u);
  m.node.ask<errc>(m.node.peers().shutdown, cancel_drain{});
  BOOST_TEST(m.last() == "READY=1\nSTATUS=serving 1 of 1,000 connections");
}

BOOST_AUTO_TEST_CASE(the_time_it_needs_is_counted_anew_for_each_drain) {
  managed_node m;
  m.node.connect(0, "/echo?user=ann");
  auto longest = to_ms(longest_drain(m.node.settings.shutdown) + service_notifier::drain_slack);
  for (int i = 0; i < 2; ++i) {
    m.told.clear();
    m.node.tell_shutdown(start_drain{drain_reason::admin});
    BOOST_TEST(m.heard("EXTEND_TIMEOUT_USEC=" + std::to_string(longest) + "000") > 0u);
    m.node.advance(1s);
    m.node.ask<errc>(m.node.peers().shutdown, cancel_drain{});
  }
}

BOOST_AUTO_TEST_CASE(a_reload_is_told_before_and_after_and_not_while_the_node_stops) {
  managed_node m;
  m.node.connect(0, "/echo?user=ann");
  m.told.clear();
  m.notifier->reloading();
  auto now = to_ms(m.node.time.now().time_since_epoch());
  BOOST_TEST(m.last().find("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now) + "000\n") == 0u);
  m.notifier->reloaded();
  BOOST_TEST(m.last() == "READY=1\nSTATUS=serving 1 of 1,000 connections");
  m.node.tell_shutdown(start_drain{drain_reason::signal});
  m.told.clear();
  m.notifier->reloading();
  m.notifier->reloaded();
  BOOST_TEST(m.heard("RELOADING=1") + m.heard("READY=1") == 0u);
}

BOOST_AUTO_TEST_CASE(without_a_watchdog_nobody_is_asked) {
  managed_node m;
  m.node.advance(60s);
  BOOST_TEST(m.heard("WATCHDOG=1") == 0u);
}

BOOST_AUTO_TEST_CASE(a_watchdog_is_fed_three_times_in_its_period) {
  managed_node m{30s};
  BOOST_TEST(m.heard("WATCHDOG=1") == 1u);
  m.node.advance(60s);
  BOOST_TEST(m.heard("WATCHDOG=1") == 6u);
  BOOST_TEST(m.node.log.count("actors_silent") == 0u);
}

BOOST_AUTO_TEST_CASE(one_silent_actor_and_the_watchdog_gets_nothing) {
  using replace = void (*)(managed_node&);
  const std::pair<std::string, replace> cases[] = {
    {"pool", [](managed_node& m) { m.deafen(m.node.peers().pool); }},
    {"health", [](managed_node& m) { m.deafen(m.node.peers().health); }},
    {"router", [](managed_node& m) { m.deafen(m.node.peers().router); }},
    {"shutdown", [](managed_node& m) { m.deafen(m.node.peers().shutdown); }},
    {"pool/0", [](managed_node& m) { m.deafen(m.node.peers().members[0]); }},
    {"pool/1", [](managed_node& m) { m.deafen(m.node.peers().members[1]); }},
    {"heartbeat/0", [](managed_node& m) { m.deafen(m.node.peers().heartbeats[0]); }},
    {"heartbeat/1", [](managed_node& m) { m.deafen(m.node.peers().heartbeats[1]); }},
  };
  for (auto& [name, deafen] : cases) {
    BOOST_TEST_CONTEXT(name) {
      managed_node m{30s};
      auto peers = m.node.peers();
      deafen(m);
      m.told.clear();
      m.node.advance(60s);
      BOOST_TEST(m.heard("WATCHDOG=1") == 0u);
      BOOST_TEST(m.node.log.count("actors_silent") == 1u); // said once, not for every roll
      auto said = std::find_if(m.node.log.events.begin(), m.node.log.events.end(),
                               [](auto& e) { return e.name == "actors_silent"; });
      BOOST_TEST(said->text.find("actors=" + name + " ") != std::string::npos, said->text);
      m.node.peers() = peers; // as if it had found its voice again
      m.node.advance(120s);
      BOOST_TEST(m.heard("WATCHDOG=1") > 0u);
      BOOST_TEST(m.node.log.count("actors_answer") == 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(who_has_died_is_the_supervisors_business) {
  managed_node m{30s};
  m.told.clear();
  m.node.kill(m.node.peers().members[1]);
  m.node.kill(m.node.peers().health);
  m.node.advance(30s);
  BOOST_TEST(m.heard("WATCHDOG=1") == 3u);
}

BOOST_AUTO_TEST_CASE(an_actor_that_nobody_can_restart_does_not_get_its_drain_killed) {
  managed_node m{30s};
  m.node.connect(0, "/echo?user=ann");
  for (int i = 0; i < 8; ++i)
    m.node.kill(m.node.peers().router);
  BOOST_TEST(m.node.log.count("actor_lost") == 1u);
  m.told.clear();
  m.node.advance(10s);
  BOOST_TEST(m.heard("WATCHDOG=1") == 1u);
}

BOOST_AUTO_TEST_CASE(after_its_end_it_says_nothing) {
  managed_node m{30s};
  m.notifier->stop();
  m.node.run();
  m.told.clear();
  m.node.advance(60s);
  m.notifier->reloading();
  m.notifier->reloaded();
  BOOST_TEST(m.told.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
