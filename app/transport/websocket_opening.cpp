// The opening handshake of a connection.
#include "app/transport/websocket_connection.hpp"
#include "app/transport/websocket_shard.hpp"

namespace holdfast::transport {

/// Returns how much was used.
std::size_t websocket_connection::read_request(std::string_view bytes) {
  auto& config = loop().config();
  auto& request = opening_->request();
  std::size_t used = bytes.size();
  auto progress = request.read(bytes, {config.header_size, config.uri_size}, used);
  if (progress == http_request::progress::incomplete)
    return used;
  auto failed = judge(progress);
  auto verdict = failed ? *failed : judge(request);
  if (verdict.why == refusal::upgrade_required && !loop().events().serves(request.path()))
    verdict = {opening_verdict::action::refuse, 404, refusal::not_found, {}};
  bool head_only = !failed && request.method() == "HEAD";
  switch (verdict.what) {
  case opening_verdict::action::upgrade: upgrade(); break;
  case opening_verdict::action::refuse: refuse(verdict, head_only); break;
  case opening_verdict::action::health: {
    bool ready = loop().events().ready();
    answer({ready ? 200u : 503u, ready ? "ok" : "draining", 0, head_only});
    break;
  }
  }
  return used;
}

/// Asks the shard, and answers the request to upgrade.
void websocket_connection::upgrade() {
  auto reply = loop().events().handshake(*opening_, *this);
  if (stage_ != stage::opening)
    return;
  if (reply.status != 101) {
    answer({reply.status, {}, reply.retry_after_s, false});
    return;
  }
  std::string text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Accept: ";
  text.append(accept_of(opening_->request().header("Sec-WebSocket-Key")));
  if (!reply.subprotocol.empty())
    text.append("\r\nSec-WebSocket-Protocol: ").append(reply.subprotocol);
  send_bytes(text.append("\r\n\r\n"));
  disarm();
  stage_ = stage::open;
  settle();
  if (reply.close != close_code::none) {
    send_close_frame(reply.close, info(reply.close).reason);
    limit_closing();
    return;
  }
  slot_ = reply.slot;
  has_slot_ = true;
  set_intake(intake::off);
  loop().events().established(slot_);
}

void websocket_connection::answer(const http_answer& answer) {
  answered_ = true;
  send_bytes(to_bytes(answer));
  settle();
  set_intake(intake::discard);
  loop().arm(*this, loop().config().close_timeout);
  if (flushed())
    on_flushed();
}

void websocket_connection::refuse(const opening_verdict& verdict, bool head_only) {
  loop().events().refused(verdict.why);
  answer({verdict.status, verdict.detail, 0, head_only});
}

/// It took too long.
void websocket_connection::give_up_opening() {
  if (answered_) {
    reset_ = !flushed();
    finish(false);
    return;
  }
  if (!opening_->request().empty()) {
    refuse({opening_verdict::action::refuse, info(refusal::handshake_timeout).http_status,
            refusal::handshake_timeout, "the request took too long"},
           false);
    return;
  }
  loop().events().refused(refusal::handshake_timeout);
  finish(false);
}

void websocket_connection::settle() {
  if (settled_)
    return;
  settled_ = true;
  auto from = opening_->address();
  shard_->openings.give_back(std::move(opening_));
  loop().events().socket_settled(from);
}

} // namespace holdfast::transport
