#include "app/admin/http/pending_exchange.hpp"

#include <asio/post.hpp>

#include <utility>

namespace holdfast::admin {

pending_exchange::~pending_exchange() {
  if (!client_)
    return;
  if (streaming_)
    client_->close();
  else
    client_->refuse({503, "unavailable", "nobody has answered this request", "ask again"});
}

std::shared_ptr<connection> pending_exchange::let_go() {
  auto drained = std::move(drained_);
  auto on_gone = std::move(on_gone_);
  return std::move(client_);
}

void pending_exchange::respond(int status, std::string_view content_type, std::string body,
                               header_list headers) {
  if (client_ && !streaming_)
    let_go()->answer(status, content_type, body, headers);
}

bool pending_exchange::start(int status, std::string_view content_type) {
  if (!client_ || streaming_)
    return false;
  streaming_ = client_->begin_stream(status, content_type);
  if (streaming_)
    return true;
  let_go();
  return false;
}

bool pending_exchange::write(std::string data) {
  if (!client_ || !streaming_)
    return false;
  if (!data.empty())
    client_->send_piece(data);
  if (client_->unsent() <= most_unsent)
    return true;
  client_->close();
  return false;
}

void pending_exchange::finish() {
  if (client_ && streaming_)
    let_go()->end_stream();
}

void pending_exchange::when_drained(std::function<void()> f) {
  if (!client_)
    return;
  drained_ = std::move(f);
  sent();
}

void pending_exchange::when_gone(std::function<void()> f) {
  if (gone_)
    asio::post(executor_, std::move(f));
  else if (client_)
    on_gone_ = std::move(f);
}

void pending_exchange::failed(const char* why) {
  if (!client_)
    return;
  if (streaming_)
    client_->close();
  else
    let_go()->answer(500, "application/json",
                     to_json({500, "unavailable", why, "this is a defect; please report it"}), {});
}

void pending_exchange::sent() {
  if (drained_ && client_ && client_->unsent() < drained_below)
    asio::post(executor_, std::exchange(drained_, nullptr));
}

void pending_exchange::client_has_gone() {
  if (!client_)
    return;
  gone_ = true;
  if (on_gone_)
    asio::post(executor_, std::exchange(on_gone_, nullptr));
  let_go();
}

} // namespace holdfast::admin
