#include "app/admin/http/connection.hpp"

#include "app/admin/http/pending_exchange.hpp"
#include "app/admin/http/percent.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace holdfast::admin {

namespace {

/// What a client may send ahead while it waits for an answer, in bytes. Beyond it nothing is read,
/// so that its leaving shows only when something is sent.
constexpr std::size_t most_ahead = 16 * 1024;

std::string lower(std::string_view text) {
  std::string lowered{text};
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lowered;
}

} // namespace

connection::connection(socket client, std::shared_ptr<const service> serves, std::string reached,
                       std::function<void(connection&)> ended)
  : socket_{std::move(client)},
    service_{std::move(serves)},
    reached_{std::move(reached)},
    ended_{std::move(ended)},
    timer_{socket_.get_executor()} {}

void connection::serve() {
  arm(service_->idle_timeout);
  read();
}

void connection::turn_away(const problem& why) {
  refuse(why);
  read();
}

void connection::close() {
  if (phase_ == phase::closed)
    return;
  phase_ = phase::closed;
  auto me = shared_from_this();
  asio::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  if (auto pending = exchange_.lock())
    pending->client_has_gone();
  if (auto ended = std::move(ended_))
    ended(*this);
}

void connection::read() {
  bool enough = phase_ == phase::answering && in_.size() >= most_ahead;
  if (reading_ || enough || phase_ == phase::closed)
    return;
  reading_ = true;
  socket_.async_read_some(
    asio::buffer(buffer_),
    [me = shared_from_this()](const asio::error_code& failed, std::size_t size) {
      me->reading_ = false;
      if (failed)
        me->close(); // also when it is only the client's half: nothing tells that from its end
      else
        me->received(size);
    });
}

void connection::received(std::size_t size) {
  if (phase_ == phase::closed)
    return;
  if (phase_ != phase::farewell) {
    in_.append(buffer_.data(), size);
    advance();
  }
  read();
}

void connection::advance() {
  if (phase_ == phase::idle && !in_.empty()) {
    phase_ = phase::head;
    arm(service_->request_timeout);
  }
  if (phase_ == phase::head)
    read_head();
  if (phase_ == phase::body)
    read_body();
}

void connection::read_head() {
  std::size_t used = 0;
  auto progress = head_.read(in_, service_->head, used);
  in_.erase(0, used);
  if (auto wrong = judge_progress(progress, service_->head))
    refuse(*wrong);
  else if (progress == transport::http_request::progress::complete)
    judge_head();
}

void connection::judge_head() {
  auto judged = judge_framing(head_, service_->body_limit);
  if (auto* wrong = std::get_if<problem>(&judged)) {
    framing_.head_only = head_.method() == "HEAD"; // a refusal has no body then, either
    refuse(*wrong);
    return;
  }
  auto path = percent_decode(head_.path());
  auto query = decode_query(head_.query());
  framing_ = std::get<framing>(judged);
  if (!path || !query) {
    refuse({400, "bad_request", "the target is not UTF-8 in percent-encoding",
            "encode what is not a letter or a figure"});
    return;
  }
  std::optional<problem> denied;
  if (service_->access)
    denied = judge_access(head_, *path, *service_->access, reached_);
  if (denied) {
    refuse(*denied);
    return;
  }
  request_ = {};
  request_.path = std::move(*path);
  request_.query = std::move(*query);
  phase_ = phase::body;
  if (framing_.asks_to_continue && in_.empty())
    send("HTTP/1.1 100 Continue\r\n\r\n");
}

void connection::read_body() {
  auto& body = request_.body;
  auto size = std::min(in_.size(), framing_.body - body.size());
  body.append(in_, 0, size);
  in_.erase(0, size);
  if (body.size() == framing_.body)
    hand_over();
}

void connection::hand_over() {
  phase_ = phase::answering;
  disarm();
  request_.method = framing_.head_only ? "GET" : head_.method();
  request_.accept = lower(head_.header("Accept"));
  request_.content_type = lower(head_.header("Content-Type"));
  request_.host = head_.header("Host");
  request_.origin = head_.header("Origin");
  request_.local = !service_->access;
  head_.clear();
  auto pending = std::make_shared<pending_exchange>(shared_from_this(), std::move(request_));
  exchange_ = pending;
  try {
    service_->handler(pending);
  } catch (const std::exception& error) {
    pending->failed(error.what());
  }
}

/// The kernel has all of it.
void connection::end_of_answer() {
  answered_ = streaming_ = false;
  disarm();
  if (!framing_.keep_alive) {
    say_farewell();
    return;
  }
  framing_ = {};
  phase_ = phase::idle;
  arm(service_->idle_timeout);
  advance();
  read();
}

/// Closing with unread bytes would reset the connection, and our answer with it.
void connection::say_farewell() {
  phase_ = phase::farewell;
  in_.clear();
  asio::error_code ignored;
  socket_.shutdown(socket::shutdown_send, ignored);
  arm(service_->farewell_timeout);
  read();
}

} // namespace holdfast::admin
