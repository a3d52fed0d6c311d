// The exchange that a handler gets for a client's request.
#pragma once

#include "app/admin/http/connection.hpp"
#include "app/admin/http/exchange.hpp"

#include <memory>
#include <string>

namespace holdfast::admin {

/// Holds its client until it is over or the client has gone, whichever is first.
class pending_exchange final : public exchange {
public:
  pending_exchange(std::shared_ptr<connection> client, request asked)
    : client_{std::move(client)},
      executor_{client_->executor()},
      asked_{std::move(asked)} {}
  ~pending_exchange() override;

  using exchange::respond;

  const request& asked() const override { return asked_; }
  void respond(int status, std::string_view content_type, std::string body,
               header_list headers) override;
  bool start(int status, std::string_view content_type) override;
  bool write(std::string data) override;
  std::size_t unsent() const override { return client_ ? client_->unsent() : 0; }
  void when_drained(std::function<void()> f) override;
  void when_gone(std::function<void()> f) override;
  void finish() override;

  // For the connection.

  /// The handler has thrown.
  void failed(const char* why);

  /// The kernel has taken bytes.
  void sent();

  void client_has_gone();

private:
  /// It is over. Who calls this needs nothing of the object afterwards: a callback may have held
  /// the last pointer to it.
  std::shared_ptr<connection> let_go();

  std::shared_ptr<connection> client_; // none: it is over
  asio::any_io_executor executor_;
  request asked_;
  bool streaming_ = false;
  bool gone_ = false; // before it was over
  std::function<void()> drained_;
  std::function<void()> on_gone_;
};

} // namespace holdfast::admin
