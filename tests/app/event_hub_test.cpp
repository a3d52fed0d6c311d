#include "app/event_hub.hpp"

#include <asio/executor_work_guard.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <thread>

using namespace holdfast;

namespace {

/// A log that takes warnings.
class quiet_log final : public event_log {
public:
  bool wants(log_level level) const override { return level >= log_level::warn; }
  void write(log_level level, std::string_view event, std::initializer_list<event_field>) override {
    if (wants(level))
      written.emplace_back(event);
  }

  std::vector<std::string> written;
};

/// "name key=value", or "gap N".
std::string text_of(const event_news& news) {
  if (auto* gap = std::get_if<event_gap>(&news))
    return "gap " + std::to_string(gap->missed);
  auto& record = std::get<event_record>(news);
  auto text = record.name;
  for (auto& [key, value] : record.fields) {
    text += " " + key + "=";
    if (auto* number = std::get_if<std::int64_t>(&value))
      text += std::to_string(*number);
    else
      text += std::get<std::string>(value);
  }
  return text;
}

using texts = std::vector<std::string>;

struct hub_with_a_loop {
  auto into(texts& heard) {
    return [&heard](const event_news& news) { heard.push_back(text_of(news)); };
  }

  /// Turns of the loop that had something to do.
  std::size_t turn() {
    io.restart();
    return io.poll();
  }

  quiet_log log;
  asio::io_context io;
  event_hub hub{log, io};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(event_hubs, hub_with_a_loop)

BOOST_AUTO_TEST_CASE(while_nobody_listens_the_log_alone_is_written) {
  hub.write(log_level::error, "broken", {});
  hub.write(log_level::debug, "detail", {});
  BOOST_TEST(log.written == texts{"broken"});
  BOOST_TEST(!hub.wants(log_level::info));
  BOOST_TEST(hub.wants(log_level::warn));
  BOOST_TEST(turn() == 0u);
}

BOOST_AUTO_TEST_CASE(a_subscriber_hears_events_with_their_fields_in_order) {
  texts heard;
  auto subscription = hub.subscribe(log_level::info, into(heard));
  {
    auto user = std::string{"ann"}; // gone before the loop turns
    hub.write(log_level::info, "opened", {{"user", user}, {"count", std::int64_t{3}}});
  }
  hub.write(log_level::warn, "slow", {});
  hub.write(log_level::debug, "detail", {});
  BOOST_TEST(heard == texts{});
  BOOST_TEST(turn() == 1u); // one post for all of them
  BOOST_TEST(heard == (texts{"opened user=ann count=3", "slow"}));
  BOOST_TEST(log.written == texts{"slow"});
}

BOOST_AUTO_TEST_CASE(an_event_says_when_it_was) {
  std::optional<event_record> heard;
  auto subscription = hub.subscribe(
    log_level::info, [&](const event_news& news) { heard = std::get<event_record>(news); });
  auto now = [] {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
  };
  auto before = now();
  hub.write(log_level::error, "broken", {});
  auto after = now();
  turn();
  BOOST_REQUIRE(heard);
  BOOST_TEST((before <= heard->when && heard->when <= after));
  BOOST_TEST((heard->level == log_level::error));
}

BOOST_AUTO_TEST_CASE(what_a_subscriber_wants_is_wanted_as_long_as_he_is_there) {
  texts heard;
  auto all = hub.subscribe(log_level::debug, into(heard));
  auto some = hub.subscribe(log_level::info, into(heard));
  BOOST_TEST(hub.wants(log_level::debug));
  all.end();
  BOOST_TEST(!hub.wants(log_level::debug));
  BOOST_TEST(hub.wants(log_level::info));
  some = {};
  BOOST_TEST(!hub.wants(log_level::info));
  hub.write(log_level::error, "broken", {});
  BOOST_TEST(turn() == 0u);
}

BOOST_AUTO_TEST_CASE(each_subscriber_hears_his_own_levels) {
  texts all, errors;
  auto first = hub.subscribe(log_level::debug, into(all));
  auto second = hub.subscribe(log_level::error, into(errors));
  hub.write(log_level::debug, "detail", {});
  hub.write(log_level::error, "broken", {});
  turn();
  BOOST_TEST(all == (texts{"detail", "broken"}));
  BOOST_TEST(errors == texts{"broken"});
}

BOOST_AUTO_TEST_CASE(who_has_left_hears_nothing_of_what_was_waiting) {
  texts heard;
  {
    auto subscription = hub.subscribe(log_level::info, into(heard));
    hub.write(log_level::info, "opened", {});
  }
  turn();
  BOOST_TEST(heard == texts{});
}

BOOST_AUTO_TEST_CASE(more_than_the_queue_holds_is_a_gap_of_known_size) {
  texts heard, errors;
  auto subscription = hub.subscribe(log_level::info, into(heard));
  auto other = hub.subscribe(log_level::error, into(errors));
  for (std::size_t i = 0; i < event_hub::max_waiting; ++i)
    hub.write(log_level::info, "opened", {});
  hub.write(log_level::error, "broken", {});
  hub.write(log_level::info, "opened", {});
  hub.write(log_level::debug, "detail", {});
  BOOST_TEST(turn() == 1u);
  BOOST_TEST(heard.size() == event_hub::max_waiting + 1);
  BOOST_TEST(heard.back() == "gap 2");
  BOOST_TEST(errors == texts{"gap 1"}); // of his levels
  hub.write(log_level::error, "broken", {});
  turn();
  BOOST_TEST(heard.back() == "broken");
  BOOST_TEST(errors == (texts{"gap 1", "broken"}));
}

BOOST_AUTO_TEST_CASE(a_callback_may_end_itself_and_others_and_begin_new_ones) {
  texts heard;
  event_hub::subscription mine, other, fresh;
  mine = hub.subscribe(log_level::info, [&](const event_news& news) {
    heard.push_back("mine " + text_of(news));
    mine.end();
    other.end();
    fresh = hub.subscribe(log_level::info, into(heard));
  });
  other = hub.subscribe(log_level::info, [&](const event_news&) { heard.push_back("other"); });
  hub.write(log_level::info, "one", {});
  turn();
  BOOST_TEST(heard == texts{"mine one"});
  hub.write(log_level::info, "two", {});
  turn();
  BOOST_TEST(heard == (texts{"mine one", "two"}));
}

BOOST_AUTO_TEST_CASE(a_callback_that_writes_is_heard_in_the_next_turn) {
  texts heard;
  auto subscription = hub.subscribe(log_level::info, [&](const event_news& news) {
    heard.push_back(text_of(news));
    if (heard.size() == 1)
      hub.write(log_level::info, "echo", {});
  });
  hub.write(log_level::info, "call", {});
  turn();
  BOOST_TEST(heard == (texts{"call", "echo"})); // poll() runs what was posted meanwhile
}

BOOST_AUTO_TEST_CASE(writers_on_many_threads_lose_nothing_that_is_not_counted) {
  constexpr int writers = 4;
  constexpr std::int64_t each = 20'000;
  std::int64_t heard = 0, missed = 0, out_of_order = 0, last[writers] = {-1, -1, -1, -1};
  auto subscription = hub.subscribe(log_level::info, [&](const event_news& news) {
    if (auto* gap = std::get_if<event_gap>(&news)) {
      missed += static_cast<std::int64_t>(gap->missed);
      return;
    }
    auto& fields = std::get<event_record>(news).fields;
    auto writer = std::get<std::int64_t>(fields[0].second);
    auto number = std::get<std::int64_t>(fields[1].second);
    out_of_order += number > last[writer] ? 0 : 1;
    last[writer] = number;
    ++heard;
  });
  auto done = std::make_unique<asio::executor_work_guard<asio::io_context::executor_type>>(
    io.get_executor());
  std::thread loop{[this] { io.run(); }};
  std::vector<std::thread> threads;
  for (std::int64_t writer = 0; writer < writers; ++writer)
    threads.emplace_back([this, writer] {
      for (std::int64_t i = 0; i < each; ++i)
        hub.write(log_level::info, "written", {{"writer", writer}, {"number", i}});
    });
  for (auto& thread : threads)
    thread.join();
  done.reset();
  loop.join();
  BOOST_TEST(heard + missed == writers * each);
  BOOST_TEST(heard >= static_cast<std::int64_t>(event_hub::max_waiting));
  BOOST_TEST(out_of_order == 0);
}

BOOST_AUTO_TEST_SUITE_END()
