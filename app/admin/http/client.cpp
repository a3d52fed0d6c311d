#include "app/admin/http/client.hpp"

#include "app/admin/http/client_socket.hpp"
#include "app/admin/http/response_reader.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace holdfast::admin {

namespace {

using kind = client_error::kind;

constexpr std::size_t longest_answer = 64 * 1024 * 1024;
constexpr std::size_t longest_line = 1024 * 1024;

time_point in(duration time) {
  return std::chrono::steady_clock::now() + time;
}

/// Calls `line` for each line that is complete now. False when it does.
bool hand_on(std::string& text, const client_connection::line_function& line) {
  std::size_t from = 0;
  bool goes_on = true;
  while (goes_on) {
    auto end = text.find('\n', from);
    if (end == std::string::npos)
      break;
    auto one = std::string_view{text}.substr(from, end - from);
    if (!one.empty() && one.back() == '\r')
      one.remove_suffix(1);
    from = end + 1;
    goes_on = line(one);
  }
  text.erase(0, from);
  return goes_on;
}

void check_word(std::string_view text, const char* what) {
  bool printable
    = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (text.empty() || !printable)
    throw client_error{kind::usage, std::string{what} + " has to be printable, without blanks"};
}

} // namespace

class client_connection::implementation {
public:
  explicit implementation(client_options options)
    : options_{std::move(options)},
      socket_{parse_node(options_.node), options_.stopped} {
    if (!options_.token.empty())
      check_word(options_.token, "a token");
  }

  /// Of the answer to `bytes`, which may be sent twice when `again`.
  response ask(const std::string& bytes, bool head_only, bool again) {
    bool reused = reader_ && socket_.is_fresh();
    if (!reused)
      connect();
    deadline_ = in(options_.answer_timeout);
    try {
      bool taken = socket_.send(bytes, deadline_);
      // Who refuses a request may do so before its end; what is said then is worth reading.
      if (!taken)
        reader_cannot_go_on_ = true;
      return reader_->read_head(head_only);
    } catch (const client_error& error) {
      bool closed_meanwhile = error.why() == kind::unreachable && !reader_->begun();
      forget();
      if (!reused || !again || !closed_meanwhile)
        throw;
    }
    return ask(bytes, head_only, false);
  }

  std::string read_body() {
    std::string body;
    while (true) {
      auto piece = reader_->read_piece();
      if (piece.empty())
        break;
      if (body.size() + piece.size() > longest_answer)
        throw client_error{kind::protocol, "the answer is longer than 64 MiB"};
      body += piece;
    }
    end_of_answer();
    return body;
  }

  void read_lines(const line_function& line) {
    std::string text;
    while (true) {
      deadline_
        = options_.stream_timeout > duration{} ? in(options_.stream_timeout) : time_point::max();
      auto piece = reader_->read_piece();
      if (piece.empty())
        break;
      text += piece;
      if (!hand_on(text, line)) {
        forget();
        return;
      }
      if (text.size() > longest_line)
        throw client_error{kind::protocol, "a line is longer than 1 MiB"};
    }
    end_of_answer();
    if (!text.empty())
      line(text);
  }

  std::string to_bytes(std::string_view method, std::string_view target, std::string_view body,
                       std::string_view content_type, std::string_view accept) const {
    check_word(method, "a method");
    check_word(target, "a target");
    std::string text{method};
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(socket_.where().authority);
    if (!options_.token.empty())
      text.append("\r\nAuthorization: Bearer ").append(options_.token);
    if (!accept.empty())
      text.append("\r\nAccept: ").append(accept);
    bool changes = method != "GET" && method != "HEAD";
    if (changes || !body.empty()) {
      text.append("\r\nContent-Type: ");
      text.append(content_type.empty() ? "application/json" : content_type);
      text.append("\r\nContent-Length: ").append(std::to_string(body.size()));
    }
    return text.append("\r\n\r\n").append(body);
  }

  /// The next request gets a connection of its own.
  void forget() {
    socket_.close();
    reader_.reset();
  }

private:
  void connect() {
    forget();
    socket_.connect(in(options_.connect_timeout));
    reader_cannot_go_on_ = false;
    reader_.emplace([this](std::string& to) { return socket_.receive(to, deadline_); });
  }

  void end_of_answer() {
    if (!reader_->keeps_alive() || reader_cannot_go_on_)
      forget();
  }

  client_options options_;
  client_socket socket_;
  std::optional<response_reader> reader_;
  bool reader_cannot_go_on_ = false;
  time_point deadline_{};
};

client_connection::client_connection(client_options options)
  : implementation_{std::make_unique<implementation>(std::move(options))} {}

client_connection::~client_connection() = default;

response client_connection::request(std::string_view method, std::string_view target,
                                    std::string_view body, std::string_view content_type,
                                    std::string_view accept) {
  auto& me = *implementation_;
  auto bytes = me.to_bytes(method, target, body, content_type, accept);
  bool safe = method == "GET" || method == "HEAD";
  auto answer = me.ask(bytes, method == "HEAD", safe);
  try {
    answer.body = me.read_body();
  } catch (...) {
    me.forget();
    throw;
  }
  return answer;
}

response client_connection::stream(std::string_view target, const line_function& line,
                                   std::string_view accept) {
  auto& me = *implementation_;
  auto answer = me.ask(me.to_bytes("GET", target, {}, {}, accept), false, true);
  try {
    if (answer.status == 200)
      me.read_lines(line);
    else
      answer.body = me.read_body();
  } catch (const client_error& error) {
    me.forget();
    if (answer.status != 200 || error.why() != kind::stopped)
      throw;
  } catch (...) {
    me.forget(); // what `line` has thrown
    throw;
  }
  return answer;
}

} // namespace holdfast::admin
