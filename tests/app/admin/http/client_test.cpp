// The admin client, against the server and against bytes that no server of ours would send.
#include "app/admin/http/client.hpp"
#include "app/admin/http/percent.hpp"
#include "app/admin/http/response_reader.hpp"
#include "tests/app/admin/http/served.hpp"

#include <atomic>

using namespace holdfast::admin;
using namespace holdfast::admin::test;
using kind = client_error::kind;

namespace {

/// Expects an error of this kind, and returns what it says.
template <class F>
std::string error_of(kind expected, F act) {
  try {
    act();
  } catch (const client_error& error) {
    BOOST_TEST(static_cast<int>(error.why()) == static_cast<int>(expected), error.what());
    return error.what();
  }
  BOOST_ERROR("there was no error");
  return {};
}

client_options to(const std::string& node) {
  client_options options;
  options.node = node;
  options.answer_timeout = patience;
  return options;
}

/// The body of an answer that comes in pieces of one byte.
std::string read_slowly(std::string bytes, bool head_only = false) {
  response_reader reader{[&](std::string& into) {
    into += bytes.substr(0, 1);
    bool any = !bytes.empty();
    bytes.erase(0, 1);
    return any;
  }};
  reader.read_head(head_only);
  std::string body;
  for (auto piece = reader.read_piece(); !piece.empty(); piece = reader.read_piece())
    body += piece;
  return body;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(admin_http_client, served)

BOOST_AUTO_TEST_CASE(a_request_and_its_answer_cross_both_kinds_of_socket) {
  options.token = "secret";
  start_with_tcp();
  for (auto& node : {path(), "http://127.0.0.1:" + std::to_string(port()),
                     "http://localhost:" + std::to_string(port()) + "/"}) {
    auto how = to(node);
    how.token = "secret";
    client_connection client{how};
    for (int i = 0; i < 3; ++i) {
      auto got = client.request("POST", "/now", "{\"a\":1}");
      BOOST_TEST(got.status == 200);
      BOOST_TEST(got.body == "{\"a\":1}");
      BOOST_TEST(got.header("content-type") == "text/plain");
      BOOST_TEST(got.header("nothing").empty());
    }
    BOOST_TEST(client.request("HEAD", "/now").body.empty());
    BOOST_TEST(client.request("GET", "/now").status == 200);
  }
}

BOOST_AUTO_TEST_CASE(the_handler_sees_what_the_client_has_sent) {
  start();
  std::thread asking{[&] {
    client_connection client{to(path())};
    client.request("POST", "/a?b=" + percent_encode("x y&z/\xc3\xa4"), "<a/>", "application/xml",
                   "text/event-stream");
  }};
  auto x = kept("/a");
  BOOST_TEST(x->asked().method == "POST");
  BOOST_TEST(x->asked().param("b").value() == "x y&z/\xc3\xa4");
  BOOST_TEST(x->asked().content_type == "application/xml");
  BOOST_TEST(x->asked().accept == "text/event-stream");
  BOOST_TEST(x->asked().body == "<a/>");
  respond(x, "");
  asking.join();
}

BOOST_AUTO_TEST_CASE(what_the_node_refuses_is_an_answer) {
  options.body_limit = 100;
  start_with_tcp();
  client_connection client{to(path())};
  std::string large;
  large.resize(10'000'000, 'x'); // so that it cannot all be sent
  auto refused = client.request("POST", "/now", large);
  BOOST_TEST(refused.status == 413);
  BOOST_TEST(refused.body.find("\"error\"") != std::string::npos);
  BOOST_TEST(client.request("POST", "/now", "next").body == "next");
  client_connection stranger{to("http://127.0.0.1:" + std::to_string(port()))};
  BOOST_TEST(stranger.request("POST", "/now", "{}").status == 403);
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_node_closed_is_made_again) {
  options.idle_timeout = 10ms;
  start();
  client_connection client{to(path())};
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(client.request("POST", "/now", "x").status == 200);
    connect().read_to_end(); // by now the client's connection has ended too
  }
}

BOOST_AUTO_TEST_CASE(lines_of_a_stream_are_handed_on_as_they_come) {
  start();
  std::vector<std::string> lines;
  std::thread reading{[&] {
    client_connection client{to(path())};
    auto got = client.stream(
      "/events",
      [&](std::string_view line) {
        lines.emplace_back(line);
        note("line " + std::to_string(lines.size()));
        return true;
      },
      "application/x-ndjson");
    BOOST_TEST(got.status == 200);
    BOOST_TEST(got.body.empty());
    BOOST_TEST(client.request("POST", "/now", "same").body == "same");
  }};
  auto x = stream("/events");
  BOOST_TEST(x->asked().accept == "application/x-ndjson");
  write(x, "one\ntw");
  BOOST_TEST(await_note("line 1"));
  write(x, "o\r\n\nthr");
  BOOST_TEST(await_note("line 3"));
  write(x, "ee");
  on_thread([&] { x->finish(); });
  reading.join();
  BOOST_TEST(lines == (std::vector<std::string>{"one", "two", "", "three"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(enough_of_a_stream_is_enough) {
  start();
  std::size_t lines = 0;
  std::thread reading{[&] {
    client_connection client{to(path())};
    client.stream("/events", [&](std::string_view) { return ++lines < 2; });
    BOOST_TEST(client.request("POST", "/now", "next").body == "next");
  }};
  auto x = stream("/events");
  note_when_gone(x, "gone");
  write(x, "one\ntwo\nthree\n");
  BOOST_TEST(await_note("gone"));
  reading.join();
  BOOST_TEST(lines == 2u);
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_refused_is_an_answer) {
  handler = [](const std::shared_ptr<exchange>& x) { x->respond(404, "text/plain", "no\n"); };
  start();
  client_connection client{to(path())};
  auto got = client.stream("/events", [](std::string_view) {
    BOOST_ERROR("there are no lines");
    return true;
  });
  BOOST_TEST(got.status == 404);
  BOOST_TEST(got.body == "no\n");
}

BOOST_AUTO_TEST_CASE(a_stream_that_breaks_off_is_an_error) {
  start();
  std::thread reading{[&] {
    client_connection client{to(path())};
    error_of(kind::unreachable, [&] { client.stream("/events", [](auto) { return true; }); });
  }};
  auto x = stream("/events");
  stop();
  reading.join();
}

BOOST_AUTO_TEST_CASE(a_wish_to_stop_ends_a_stream_and_fails_a_request) {
  start();
  std::atomic<bool> stop_now{false};
  auto how = to(path());
  how.stopped = [&] { return stop_now.load(); };
  std::thread reading{[&] {
    client_connection client{how};
    BOOST_TEST(client.stream("/events", [](auto) { return true; }).status == 200);
  }};
  auto x = stream("/events");
  write(x, "line\n");
  stop_now = true;
  reading.join();
  client_connection client{how};
  error_of(kind::stopped, [&] { client.request("GET", "/slow"); });
}

BOOST_AUTO_TEST_CASE(a_wish_to_stop_is_seen_while_lines_keep_coming) {
  start();
  std::atomic<bool> stop_now{false};
  auto how = to(path());
  how.stopped = [&] { return stop_now.load(); };
  std::thread reading{[&] {
    client_connection client{how};
    client.stream("/events", [](auto) { return true; });
    note("read");
  }};
  auto x = stream("/events");
  stop_now = true;
  while (noted("read") == 0 && write(x, std::string(1000, '\n'))) {
  }
  reading.join();
}

BOOST_AUTO_TEST_CASE(silence_runs_into_the_limits) {
  start();
  auto how = to(path());
  how.answer_timeout = 20ms;
  client_connection client{how};
  error_of(kind::timeout, [&] { client.request("GET", "/slow"); });
  how.answer_timeout = patience;
  how.stream_timeout = 20ms;
  std::thread reading{[&] {
    client_connection other{how};
    error_of(kind::timeout, [&] { other.stream("/events", [](auto) { return true; }); });
  }};
  auto x = stream("/events");
  reading.join();
}

BOOST_AUTO_TEST_CASE(a_node_that_is_not_there_is_unreachable) {
  auto ask = [](const std::string& node) {
    return error_of(kind::unreachable, [&] { client_connection{to(node)}.request("GET", "/now"); });
  };
  auto missing = ask(folder.file("nothing.sock"));
  BOOST_TEST(missing.find("No such file or directory") != std::string::npos, missing);
  start_with_tcp();
  auto gone = "http://127.0.0.1:" + std::to_string(port());
  stop();
  auto refused = ask(gone);
  BOOST_TEST(refused.find("Connection refused") != std::string::npos, refused);
  BOOST_TEST(refused.find(gone) != std::string::npos, refused);
}

BOOST_AUTO_TEST_CASE(an_address_is_a_path_or_an_http_url) {
  for (auto* node : {"", "https://localhost", "http://", "http://a b", "http://a/b", "ws://a",
                     "http://user@host", "http://host:", "http://host:port"})
    error_of(kind::usage, [&] { client_connection{to(node)}; });
  error_of(kind::usage, [&] { client_connection{to("/" + std::string(107, 'x'))}; });
}

BOOST_AUTO_TEST_CASE(a_request_cannot_be_split_in_two) {
  start();
  client_connection client{to(path())};
  for (auto* target : {"", "/a b", "/a\r\nX: y", "/\xc3\xa4"})
    error_of(kind::usage, [&] { client.request("GET", target); });
  auto how = to(path());
  how.token = "two\r\nwords";
  error_of(kind::usage, [&] { client_connection{how}; });
}

BOOST_AUTO_TEST_CASE(bodies_end_where_they_say) {
  BOOST_TEST(read_slowly("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabX") == "ab");
  BOOST_TEST(read_slowly("HTTP/1.1 200\r\nTRANSFER-encoding: Chunked\r\n\r\n"
                         "2;x=y\r\nab\r\nA\r\n0123456789\r\n0\r\nT: x\r\n\r\nX")
             == "ab0123456789");
  BOOST_TEST(read_slowly("HTTP/1.0 200 OK\r\n\r\nto the end") == "to the end");
  BOOST_TEST(read_slowly("HTTP/1.1 100 Continue\r\n\r\n"
                         "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
             == "x");
  BOOST_TEST(read_slowly("HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\nX").empty());
  BOOST_TEST(read_slowly("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nX", true).empty());
}

BOOST_AUTO_TEST_CASE(answers_that_are_none_are_told) {
  for (auto* bytes :
       {"SSH-2.0-OpenSSH\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nnothing\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"})
    error_of(kind::protocol, [&] { read_slowly(bytes); });
  error_of(kind::protocol, [] { read_slowly(std::string(20'000, 'x')); });
  for (auto* bytes : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"})
    error_of(kind::unreachable, [&] { read_slowly(bytes); });
}

BOOST_AUTO_TEST_CASE(percent_encoding_comes_back) {
  std::string all;
  for (int c = 0x20; c < 0x7f; ++c)
    all += static_cast<char>(c);
  all += "\xc3\xa4\xf0\x9f\x90\x99";
  BOOST_TEST(percent_decode(percent_encode(all)).value() == all);
  BOOST_TEST(decode_query("k=" + percent_encode(all))->front().second == all);
  BOOST_TEST(percent_encode("connection/a b", true) == "connection/a%20b");
  BOOST_TEST(percent_encode("a/b") == "a%2Fb");
  BOOST_TEST(percent_decode("a+b").value() == "a+b");
}

BOOST_AUTO_TEST_SUITE_END()
