// What a connection of the admin server sends, and how long it waits.
#include "app/admin/http/connection.hpp"
#include "app/admin/http/pending_exchange.hpp"

#include <asio/post.hpp>

#include <ctime>
#include <utility>

namespace holdfast::admin {

void connection::answer(int status, std::string_view content_type, std::string_view body,
                        const exchange::header_list& headers) {
  bool bare = status == 204 || status == 304; // RFC 7230 section 3.3.3: these end with the head
  send_head(status, bare ? std::string_view{} : content_type,
            bare ? std::nullopt : std::make_optional(body.size()), headers);
  if (!bare && !framing_.head_only)
    send(body);
  answered();
}

void connection::refuse(const problem& why) {
  if (phase_ == phase::closed)
    return;
  phase_ = phase::answering;
  disarm();
  framing_.keep_alive = false;
  exchange::header_list headers;
  if (why.status == 401)
    headers.emplace_back("WWW-Authenticate", "Bearer");
  answer(why.status, "application/json", to_json(why), headers);
}

bool connection::begin_stream(int status, std::string_view content_type) {
  streaming_ = true;
  // Without chunks the end of the stream is the end of the connection.
  framing_.keep_alive = framing_.keep_alive && framing_.http_1_1;
  send_head(status, content_type, std::nullopt, {});
  if (framing_.head_only)
    answered();
  return !framing_.head_only;
}

void connection::send_head(int status, std::string_view content_type,
                           std::optional<std::size_t> length,
                           const exchange::header_list& headers) {
  reply_head head{
    status,           content_type, length, streaming_ && framing_.http_1_1, framing_.keep_alive,
    framing_.http_1_1};
  send(to_bytes(head, headers, std::time(nullptr)));
}

void connection::send_piece(std::string_view data) {
  if (framing_.http_1_1)
    send(to_chunk(data));
  else
    send(data);
}

void connection::end_stream() {
  if (framing_.http_1_1)
    send(last_chunk);
  answered();
}

void connection::answered() {
  answered_ = true;
  if (unsent() > 0)
    return;
  asio::post(socket_.get_executor(), [me = shared_from_this()] {
    if (me->answered_ && me->phase_ == phase::answering)
      me->end_of_answer();
  });
}

void connection::send(std::string_view bytes) {
  if (phase_ == phase::closed)
    return;
  bool writing = unsent() > 0;
  waiting_.append(bytes);
  if (phase_ == phase::answering && deadline_ == time_point::max())
    arm_for_writing();
  if (!writing && !bytes.empty())
    write();
}

void connection::write() {
  if (sent_ == sending_.size()) {
    constexpr std::size_t kept = 64 * 1024;
    sending_.clear();
    if (sending_.capacity() > kept)
      sending_.shrink_to_fit();
    sending_.swap(waiting_);
    sent_ = 0;
  }
  socket_.async_write_some(
    asio::buffer(sending_) + sent_,
    [me = shared_from_this()](const asio::error_code& failed, std::size_t size) {
      if (failed)
        me->close();
      else if (me->phase_ != phase::closed)
        me->written(size);
    });
}

void connection::written(std::size_t size) {
  sent_ += size;
  if (auto pending = exchange_.lock())
    pending->sent();
  if (unsent() > 0) {
    if (phase_ == phase::answering)
      arm_for_writing();
    write();
    return;
  }
  if (phase_ != phase::answering)
    return; // it was told to continue
  disarm();
  if (answered_)
    end_of_answer();
}

void connection::arm_for_writing() {
  arm(streaming_ ? service_->idle_timeout : service_->request_timeout);
}

/// Deadlines move with every piece that is written; the timer is left alone until it is early.
void connection::arm(duration in) {
  deadline_ = std::chrono::steady_clock::now() + in;
  if (!timer_runs_ || timer_.expiry() > deadline_)
    await_timer();
}

void connection::await_timer() {
  timer_runs_ = true;
  timer_.expires_at(deadline_);
  timer_.async_wait([me = weak_from_this()](const asio::error_code& cancelled) {
    auto still_here = me.lock();
    if (!cancelled && still_here)
      still_here->look_at_deadline();
  });
}

void connection::look_at_deadline() {
  timer_runs_ = false;
  if (phase_ == phase::closed || deadline_ == time_point::max())
    return;
  if (std::chrono::steady_clock::now() < deadline_)
    await_timer();
  else
    out_of_time();
}

void connection::out_of_time() {
  disarm();
  switch (phase_) {
  case phase::head:
  case phase::body:
    refuse(
      {408, "timeout", "the request did not come to its end in time", "send all of it at once"});
    break;
  case phase::idle:
  case phase::answering:
  case phase::farewell:
  case phase::closed: close();
  }
}

} // namespace holdfast::admin
