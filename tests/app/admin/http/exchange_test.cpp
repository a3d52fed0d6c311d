// What a handler can do with a request: answers, streams, and clients that do not play along.
#include "tests/app/admin/http/served.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <vector>

using namespace holdfast::admin;
using namespace holdfast::admin::test;

namespace {

std::string error_code(const answer& got) {
  return nlohmann::json::parse(got.body).at("error").at("code");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(admin_http_exchange, served)

BOOST_AUTO_TEST_CASE(an_answer_has_the_headers_of_the_handler) {
  start();
  auto client = connect();
  client.send(get("/a"));
  auto x = kept("/a");
  on_thread([&] {
    x->respond(405, "application/json", "{}",
               {{"Allow", "GET"}, {"Cache-Control", "max-age=9"}, {"X-Split", "a\r\nEvil: b"}});
  });
  auto got = client.read_answer();
  BOOST_TEST(got.head.substr(0, 32) == "HTTP/1.1 405 Method Not Allowed\r");
  BOOST_TEST(got.says("Allow: GET"));
  BOOST_TEST(got.says("Cache-Control: max-age=9"));
  BOOST_TEST(!got.says("Cache-Control: no-store"));
  BOOST_TEST(got.value("Evil").empty());
}

BOOST_AUTO_TEST_CASE(an_answer_that_has_no_body_does_not_break_the_next_one) {
  start();
  auto client = connect();
  for (auto status : {204, 304}) {
    client.send(get("/a") + post("/now", "next"));
    auto x = kept("/a");
    on_thread([&] { x->respond(status, "text/plain", "lost"); });
    BOOST_TEST(client.read_head().status() == status);
    BOOST_TEST(client.read_answer().body == "next");
  }
}

BOOST_AUTO_TEST_CASE(only_the_first_answer_counts) {
  start();
  auto client = connect();
  client.send(get("/a"));
  auto x = kept("/a");
  respond(x, "one");
  respond(x, "two");
  BOOST_TEST(!on_thread([&] { return x->start(200, "text/plain"); }));
  BOOST_TEST(client.read_answer().body == "one");
  BOOST_TEST(client.ask(post("/now", "next")).body == "next");
}

BOOST_AUTO_TEST_CASE(a_request_that_nobody_answers_is_answered) {
  start();
  auto client = connect();
  client.send(get("/a"));
  auto x = kept("/a");
  on_thread([&] { x.reset(); });
  auto got = client.read_answer();
  BOOST_TEST(got.status() == 503);
  BOOST_TEST(error_code(got) == "unavailable");
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_costs_one_answer) {
  handler = [](const std::shared_ptr<exchange>&) { throw std::runtime_error{"oops \xff"}; };
  start();
  auto client = connect();
  for (int i = 0; i < 2; ++i)
    BOOST_TEST(client.ask(get("/a")).status() == 500);
}

BOOST_AUTO_TEST_CASE(a_stream_comes_piece_by_piece_and_ends) {
  start();
  auto client = connect();
  client.send(get("/events"));
  auto x = stream("/events");
  BOOST_TEST(client.read_head().says("Transfer-Encoding: chunked"));
  BOOST_TEST(write(x, "one\n"));
  BOOST_TEST(client.read_chunk() == "one\n");
  BOOST_TEST(write(x, ""));
  BOOST_TEST(write(x, "two\n"));
  BOOST_TEST(client.read_chunk() == "two\n");
  on_thread([&] { x->finish(); });
  BOOST_TEST(client.read_chunk().empty());
  BOOST_TEST(!write(x, "late"));
  BOOST_TEST(client.ask(post("/now", "next")).body == "next");
}

BOOST_AUTO_TEST_CASE(an_old_client_gets_a_stream_up_to_the_end_of_the_connection) {
  start();
  auto client = connect();
  client.send("GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  auto x = stream("/events");
  write(x, "one\n");
  on_thread([&] { x->finish(); });
  BOOST_TEST(client.read_head().value("Transfer-Encoding").empty());
  BOOST_TEST(client.read_to_end().value() == "one\n");
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_only_asked_for_its_head_is_not_begun) {
  start();
  auto client = connect();
  client.send("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n" + post("/now", "next"));
  auto x = kept("/events");
  BOOST_TEST(!on_thread([&] { return x->start(200, "text/event-stream"); }));
  BOOST_TEST(client.read_head().says("Content-Type: text/event-stream"));
  BOOST_TEST(client.read_answer().body == "next");
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_let_go_of_is_broken_off) {
  start();
  auto client = connect();
  client.send(get("/events"));
  auto x = stream("/events");
  client.read_head();
  on_thread([&] { x.reset(); });
  BOOST_TEST(client.read_to_end().value_or("reset").empty()); // no last chunk
}

BOOST_AUTO_TEST_CASE(who_leaves_a_stream_is_noticed) {
  start_with_tcp();
  for (bool local : {true, false}) {
    auto client = local ? connect() : wire{port()};
    client.send(get("/events"));
    auto x = stream("/events");
    auto name = local ? "gone over Unix" : "gone over TCP";
    note_when_gone(x, name);
    client.hang_up();
    BOOST_TEST(await_note(name));
    BOOST_TEST(!write(x, "late"));
    BOOST_TEST(on_thread([&] { return x->unsent(); }) == 0u);
    on_thread([&] { x->finish(); });
    BOOST_TEST(noted(name) == 1u);
  }
}

BOOST_AUTO_TEST_CASE(who_leaves_before_the_answer_is_noticed_even_when_asked_for_later) {
  start();
  auto client = connect();
  client.send(get("/a"));
  auto x = kept("/a");
  note_when_gone(x, "gone");
  client.hang_up();
  BOOST_TEST(await_note("gone"));
  respond(x, "late");
  BOOST_TEST(!on_thread([&] { return x->start(200, "text/plain"); }));
  note_when_gone(x, "still gone");
  BOOST_TEST(await_note("still gone"));
}

BOOST_AUTO_TEST_CASE(who_leaves_after_the_answer_is_nobodys_concern) {
  start();
  auto client = connect();
  client.send(get("/a"));
  auto x = kept("/a");
  note_when_gone(x, "gone");
  respond(x, "done");
  client.read_answer();
  client.hang_up();
  auto other = connect();
  other.ask(get("/now"));
  note_when_gone(x, "gone");
  other.ask(get("/now"));
  BOOST_TEST(noted("gone") == 0u);
}

BOOST_AUTO_TEST_CASE(callbacks_are_let_go_of_when_the_exchange_is_over) {
  std::weak_ptr<exchange> watched;
  handler = [&](const std::shared_ptr<exchange>& x) {
    if (x->asked().path == "/now") {
      x->respond(200, "text/plain", "");
      return;
    }
    watched = x;
    x->when_gone([x] {}); // a circle
    x->when_drained([x] {});
    if (x->asked().path == "/answered")
      x->respond(200, "text/plain", "");
    note(x->asked().path);
  };
  start();
  auto is_gone = [&] { return on_thread([&] { return watched.expired(); }); };
  auto client = connect();
  client.ask(get("/answered"));
  BOOST_TEST(is_gone());
  client.send(get("/kept"));
  BOOST_TEST(await_note("/kept"));
  BOOST_TEST(!is_gone());
  client.hang_up();
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (!is_gone() && std::chrono::steady_clock::now() < deadline)
    connect().ask(get("/now"));
  BOOST_TEST(is_gone());
}

BOOST_AUTO_TEST_CASE(a_reader_that_does_not_read_is_cut_off_and_others_are_served_meanwhile) {
  start_with_tcp();
  wire idler{port(), 4096};
  idler.send(get("/events"));
  auto x = stream("/events");
  note_when_gone(x, "gone");
  auto other = connect();
  std::string piece(32 * 1024, 'x');
  std::size_t written = 0, most = 0;
  while (write(x, piece)) {
    written += piece.size();
    most = std::max(most, on_thread([&] { return x->unsent(); }));
    BOOST_REQUIRE(written < 64u * 1024 * 1024);
    BOOST_TEST(other.ask(post("/now", "meanwhile")).body == "meanwhile");
  }
  BOOST_TEST(most > most_unsent - 2 * piece.size());
  BOOST_TEST(most <= most_unsent);
  BOOST_TEST(await_note("gone"));
  BOOST_TEST(on_thread([&] { return x->unsent(); }) == 0u);
}

BOOST_AUTO_TEST_CASE(a_writer_is_told_when_there_is_room_again) {
  start();
  auto client = connect();
  client.send(get("/events"));
  auto x = stream("/events");
  client.read_head();
  std::size_t written = 0;
  while (on_thread([&] { return x->unsent(); }) < drained_below) {
    BOOST_REQUIRE(write(x, std::string(16 * 1024, 'x')));
    written += 16 * 1024;
  }
  on_thread([&] {
    x->when_drained([this] { note("replaced"); });
    x->when_drained([this, x] {
      note("drained");
      if (x->unsent() >= drained_below)
        note("too early");
    });
  });
  connect().ask(get("/now"));
  BOOST_TEST(noted("drained") == 0u);
  for (std::size_t got = 0; got < written;)
    got += client.read_chunk().size();
  BOOST_TEST(await_note("drained"));
  BOOST_TEST(noted("too early") == 0u);
  BOOST_TEST(noted("replaced") == 0u);
  on_thread([&] { x->when_drained([this] { note("at once"); }); });
  BOOST_TEST(await_note("at once"));
  BOOST_TEST(noted("drained") == 1u);
}

BOOST_AUTO_TEST_CASE(a_hundred_streams_starve_nobody) {
  start();
  std::vector<wire> readers;
  std::vector<std::shared_ptr<exchange>> streams;
  for (int i = 0; i < 100; ++i) {
    readers.push_back(connect());
    readers.back().send(get("/events"));
    streams.push_back(stream("/events"));
    readers.back().read_head();
  }
  auto other = connect();
  for (int round = 0; round < 5; ++round) {
    auto text = std::to_string(round) + "\n";
    on_thread([&] {
      for (auto& x : streams)
        x->write(text);
    });
    BOOST_TEST(other.ask(post("/now", text)).body == text);
    for (auto& reader : readers)
      BOOST_REQUIRE(reader.read_chunk() == text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
