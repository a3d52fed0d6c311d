// The admin server's connections: requests of one client, against a second reading of RFC 7230, and
// what handlers do with them.
//
// Input: the bytes of a client, so that a seed is a request as anyone would write it. 0xff begins a
// step: `.` sends what has come, `h` closes the client's half, `c` leaves; the exchange that waits
// is answered by `a`, becomes a stream by `s`, which gets a piece by `w` and ends by `f`; `x` lets
// it go. 0xff is a 0xff; `t` at the very beginning: over TCP.

#include "app/admin/http/connection.hpp"
#include "app/admin/http/response_reader.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/oracle/reference_stream.hpp"
#include "tests/fuzz/peer.hpp"
#include "tests/fuzz/require.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <memory>
#include <string>
#include <vector>

namespace holdfast::fuzz {

namespace {

using namespace admin;

/// Small, so that inputs can reach them.
constexpr transport::http_request::limits head_limits{1024, 128};
constexpr std::size_t body_limit = 100;

const std::string token = "secret";

/// What a handler has done with a request.
struct treatment {
  request asked;
  bool answered = false; ///< whole, or its stream has ended well
  bool streamed = false;
  bool dropped = false;
  std::string body;
};

class visit {
public:
  visit(asio::io_context& io, input from) : io_{io}, in_{from}, client_{false} {}

  void run() {
    begin();
    while (!in_.empty())
      step();
    push();
    while (pending_)
      answer();
    check();
    client_.close();
    turn();
    require(ended_ == 1 && connection_.expired(), "a client that has gone is forgotten");
  }

private:
  void begin() {
    service serves;
    serves.handler = [this](const std::shared_ptr<exchange>& x) { handle(x); };
    serves.head = head_limits;
    serves.body_limit = body_limit;
    serves.idle_timeout = serves.request_timeout = std::chrono::hours{1};
    auto rest = in_;
    over_tcp_ = rest.byte() == 0xff && rest.byte() == 't';
    if (over_tcp_) {
      in_ = rest;
      serves.access = access_rules{true, token, {}};
    }
    connection::socket socket{io_, {AF_UNIX, 0}, client_.server_end()};
    auto made
      = std::make_shared<connection>(std::move(socket), std::make_shared<const service>(serves),
                                     "127.0.0.1", [this](connection&) { ++ended_; });
    connection_ = made;
    made->serve();
  }

  void handle(const std::shared_ptr<exchange>& x) {
    require(!pending_, "one request is answered after the other");
    treated_.push_back({x->asked()});
    pending_ = x;
    if (x->asked().path.substr(0, 2) == "/n")
      respond();
  }

  void step() {
    auto byte = in_.byte();
    if (byte != 0xff) {
      unsent_ += static_cast<char>(byte);
      return;
    }
    auto what = in_.byte();
    if (what == 0xff) {
      unsent_ += '\xff';
      return;
    }
    push();
    switch (what) {
    case 'h': client_.half_close(); break;
    case 'c': client_.close(); break;
    case 'a': respond(); break;
    case 's': stream(); break;
    case 'w': write(); break;
    case 'f': finish(); break;
    case 'x': drop(); break;
    default: break;
    }
    turn();
  }

  treatment& current() { return treated_.back(); }

  std::string number() const { return std::to_string(treated_.size()); }

  void respond() {
    if (!pending_ || current().streamed)
      return;
    current().answered = true;
    current().body = number();
    std::exchange(pending_, nullptr)->respond(200, "text/plain", number());
  }

  void stream() {
    if (!pending_ || current().streamed)
      return;
    current().streamed = true;
    if (!pending_->start(200, "text/plain")) {
      current().answered = true; // to HEAD, or nobody is there
      pending_.reset();
    }
  }

  void write() {
    if (pending_ && pending_->write(number() + "\n"))
      current().body += number() + "\n";
  }

  void finish() {
    if (!pending_ || !current().streamed)
      return;
    current().answered = true;
    std::exchange(pending_, nullptr)->finish();
  }

  void drop() {
    if (pending_)
      current().dropped = true;
    pending_.reset();
  }

  void answer() {
    if (current().streamed)
      finish();
    else
      respond();
    turn();
  }

  void push() {
    if (client_.may_send()) {
      auto taken = client_.send(unsent_);
      sent_.append(unsent_, 0, taken);
      unsent_.erase(0, taken);
    }
    turn();
  }

  void turn() {
    while (io_.poll() > 0) {
    }
    while (client_.receive(got_, 64 * 1024)) {
    }
  }

  void check() {
    reference_stream reference{sent_, {head_limits.head, head_limits.uri}, body_limit};
    auto& expected = reference.requests();
    require(treated_.size() <= expected.size(), "what is handled is a request");
    for (std::size_t i = 0; i < treated_.size(); ++i)
      check_request(expected[i], treated_[i].asked);
    if (!client_.hung_up())
      check_answers(reference);
  }

  void check_request(const expected_request& sent, const request& asked) {
    require(asked.method == (sent.method == "HEAD" ? "GET" : sent.method), "the method is kept");
    require(asked.path == sent.path && asked.query == sent.query, "so is the target");
    require(asked.body == sent.body, "and the body");
    require(asked.local == !over_tcp_, "it is known where it came from");
    if (!over_tcp_)
      return;
    auto host = sent.host.substr(0, 9);
    require((host.empty() && sent.origin.empty()) || host == "localhost" || host == "127.0.0.1"
              || host.substr(0, 1) == "[" || host.empty(),
            "the host is this server");
    require(sent.origin.empty() || sent.origin == "http://" + sent.host
              || sent.origin == "https://" + sent.host,
            "the page is this server's");
    require(is_safe(sent)
              || (sent.authorization.size() == 7 + token.size()
                  && sent.authorization.substr(7) == token
                  && sent.content_type.substr(0, 16) == "application/json"),
            "a change shows the token and is JSON");
  }

  static bool is_safe(const expected_request& sent) {
    return sent.method == "GET" || sent.method == "HEAD" || sent.method == "OPTIONS";
  }

  void check_answers(const reference_stream& reference) {
    auto unread = std::string_view{got_};
    response_reader reader{[&](std::string& to) {
      to += unread.substr(0, 1);
      unread.remove_prefix(unread.empty() ? 0 : 1);
      return to.size() > 0;
    }};
    try {
      if (!read_answers(reference, reader))
        return;
    } catch (const client_error& error) {
      fail(error.what());
    }
    require(unread.empty() || unread == "HTTP/1.1 100 Continue\r\n\r\n", "nothing else is said");
  }

  /// False when a stream was broken off, after which nothing can be told.
  bool read_answers(const reference_stream& reference, response_reader& reader) {
    auto& expected = reference.requests();
    for (std::size_t i = 0; i < treated_.size(); ++i) {
      auto& done = treated_[i];
      auto& sent = expected[i];
      auto head = reader.read_head(sent.method == "HEAD");
      bool unanswered = done.dropped && !done.streamed;
      require_same(unanswered ? 503 : 200, static_cast<unsigned>(head.status), "it is answered");
      if (done.dropped && done.streamed) {
        require(client_.saw_end(), "a stream that is let go of breaks off");
        return false;
      }
      auto body = read_body(reader);
      require(unanswered || body == (sent.method == "HEAD" ? "" : done.body), "with its body");
      bool ends = unanswered || !sent.stays || (done.streamed && !sent.http_1_1);
      require(ends == client_.saw_end() || !ends, "who asks for the end gets it");
      require(reader.keeps_alive() == !ends, "and is told so");
      if (ends) {
        require(i + 1 == treated_.size(), "nothing follows the end");
        return true;
      }
    }
    check_refusal(reference, reader);
    return true;
  }

  void check_refusal(const reference_stream& reference, response_reader& reader) {
    bool denied = treated_.size() < reference.requests().size();
    if (denied) {
      auto& sent = reference.requests()[treated_.size()];
      require(over_tcp_, "what is right is handled");
      require(!is_safe(sent) || sent.host != "localhost" || sent.names_origin,
              "who may look may look");
    } else if (reference.refusals().empty() && !(over_tcp_ && client_.saw_end())) {
      require(!client_.saw_end(), "who is in the middle of a request is waited for");
      return;
    }
    auto without_body
      = denied ? reference.requests()[treated_.size()].method == "HEAD" : reference.refuses_head();
    auto status = static_cast<unsigned>(reader.read_head(without_body).status);
    auto& known = reference.refusals();
    bool wrong = std::find(known.begin(), known.end(), status) != known.end();
    bool no_access = over_tcp_ && (status == 401 || status == 403 || status == 415);
    require(no_access || (wrong && !denied), "the answer says what was wrong");
    read_body(reader);
    require(client_.saw_end() && !reader.keeps_alive(), "a refused request is the last");
  }

  static std::string read_body(response_reader& reader) {
    std::string body;
    for (auto piece = reader.read_piece(); !piece.empty(); piece = reader.read_piece())
      body += piece;
    return body;
  }

  asio::io_context& io_;
  input in_;
  peer client_;
  bool over_tcp_ = false;
  std::weak_ptr<connection> connection_;
  std::shared_ptr<exchange> pending_;
  std::vector<treatment> treated_;
  int ended_ = 0;
  std::string unsent_, sent_, got_;
};

} // namespace

} // namespace holdfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::fuzz;
  static asio::io_context io{1};
  static auto working = asio::make_work_guard(io);
  visit{io, {data, size}}.run();
  return 0;
}
