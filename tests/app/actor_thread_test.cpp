#include "app/actor_thread.hpp"

#include "actors/clock.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <future>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

struct system_with_admin {
  caf::actor_system_config config;
  caf::actor_system system{config};
  system_clock time;
  actor_thread admin{system, time, "admin"};

  template <class T>
  T get(std::future<T> from) {
    BOOST_REQUIRE((from.wait_for(10s) == std::future_status::ready));
    return from.get();
  }

  /// What `f` gives on the thread.
  template <class F>
  auto there(F f) {
    using result = decltype(f());
    auto task = std::make_shared<std::packaged_task<result()>>(std::move(f));
    asio::post(admin.io(), [task] { (*task)(); });
    return get(task->get_future());
  }

  /// An actor that never ends by itself.
  caf::actor spawn_idle() {
    return admin.spawn(
      [](caf::event_based_actor*) { return caf::behavior{[](int x) { return x + 1; }}; });
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(actor_threads, system_with_admin)

BOOST_AUTO_TEST_CASE(its_actors_run_on_it_and_answer_others) {
  admin.start();
  auto idle = there([this] { return spawn_idle(); });
  caf::scoped_actor self{system};
  int answer = 0;
  self->request(idle, 10s, 41).receive([&](int x) { answer = x; }, [](const caf::error&) {});
  BOOST_TEST(answer == 42);
  auto id = there([] { return std::this_thread::get_id(); });
  BOOST_TEST((id != std::this_thread::get_id()));
  BOOST_TEST(there([this] { return admin.unit().on_my_thread(); }));
}

BOOST_AUTO_TEST_CASE(no_actor_survives_its_stop_not_even_one_that_waits_for_an_answer) {
  admin.start();
  auto deaf = system.spawn([](caf::event_based_actor* self) {
    self->set_default_handler(caf::skip);
    return caf::behavior{[](float) {}};
  });
  there([&] {
    for (int i = 0; i < 200; ++i)
      spawn_idle();
    admin.spawn(
      [deaf](caf::event_based_actor* self) { self->request(deaf, 3600s, 1).then([](int) {}); });
    return 0;
  });
  admin.stop();
  BOOST_TEST(system.registry().running() == 1u); // the deaf one
  caf::anon_send_exit(deaf, caf::exit_reason::kill);
}

BOOST_AUTO_TEST_CASE(what_was_made_for_it_ends_without_a_thread_as_well) {
  spawn_idle();
  auto closed = false;
  admin.at_stop([&] { closed = true; });
  admin.stop();
  BOOST_TEST(closed);
  BOOST_TEST(system.registry().running() == 0u);
}

BOOST_AUTO_TEST_CASE(what_stands_on_it_is_closed_there_latest_first_and_once) {
  admin.start();
  std::vector<std::string> closed;
  there([&] {
    admin.at_stop([&, id = std::this_thread::get_id()] {
      closed.push_back(id == std::this_thread::get_id() ? "first" : "elsewhere");
    });
    admin.at_stop([&] { closed.emplace_back("second"); });
    return 0;
  });
  admin.stop();
  admin.stop();
  BOOST_TEST(closed == (std::vector<std::string>{"second", "first"}));
}

BOOST_AUTO_TEST_CASE(a_timer_that_is_far_away_does_not_hold_up_the_end) {
  admin.start();
  asio::steady_timer far{admin.io()};
  auto called = false;
  there([&] {
    far.expires_after(1h);
    far.async_wait([&](const asio::error_code&) { called = true; });
    auto idle = spawn_idle();
    admin.unit().send_at(time.now() + 1h, idle, 1);
    return 0;
  });
  auto stopped = std::async(std::launch::async, [this] { admin.stop(); });
  BOOST_TEST((stopped.wait_for(10s) == std::future_status::ready));
  BOOST_TEST(!called);
}

BOOST_AUTO_TEST_CASE(it_has_a_copy_of_the_handles_until_it_stops) {
  admin.start();
  services peers;
  peers.members.resize(2);
  admin.set_peers(peers);
  BOOST_TEST(there([this] { return admin.peers().members.size(); }) == 2u);
  admin.stop();
  BOOST_TEST(admin.peers().members.size() == 0u);
}

BOOST_AUTO_TEST_CASE(signals_stay_with_others) {
  admin.start();
  auto blocked = there([] {
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, nullptr, &now);
    return sigismember(&now, SIGTERM) == 1 && sigismember(&now, SIGUSR1) == 1;
  });
  BOOST_TEST(blocked);
  sigset_t ours;
  pthread_sigmask(SIG_SETMASK, nullptr, &ours);
  BOOST_TEST(sigismember(&ours, SIGUSR1) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
