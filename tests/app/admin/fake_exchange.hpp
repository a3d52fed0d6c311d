// An exchange without a socket: the request is made up, the answer is kept.
#pragma once

#include "app/admin/api/json.hpp"
#include "app/admin/http/exchange.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::admin::test {

class fake_exchange final : public exchange {
public:
  fake_exchange(std::string method, std::string path, std::string body = {},
                std::vector<std::pair<std::string, std::string>> query = {},
                std::string accept = {}) {
    request_.method = std::move(method);
    request_.path = std::move(path);
    request_.body = std::move(body);
    request_.query = std::move(query);
    request_.accept = std::move(accept);
    request_.local = true;
  }

  const request& asked() const override { return request_; }

  void respond(int with, std::string_view, std::string body, header_list headers) override {
    status = with;
    text = std::move(body);
    sent_headers = std::move(headers);
    ++answers;
  }

  bool start(int with, std::string_view) override {
    status = with;
    ++answers;
    return !gone;
  }

  bool write(std::string data) override {
    text += data;
    return !gone;
  }

  std::size_t unsent() const override { return 0; }
  void when_drained(std::function<void()> f) override { drained = std::move(f); }
  void when_gone(std::function<void()> f) override { left = std::move(f); }
  void finish() override { finished = true; }

  nlohmann::ordered_json body() const {
    return nlohmann::ordered_json::parse(text, nullptr, false);
  }

  /// The code of an error; empty: it was none.
  std::string error() const {
    auto value = body();
    return value.contains("error") ? value["error"]["code"].get<std::string>() : "";
  }

  bool gone = false;
  int status = 0;
  int answers = 0;
  bool finished = false;
  std::string text;
  header_list sent_headers;
  std::function<void()> drained, left;

private:
  request request_;
};

inline std::shared_ptr<fake_exchange>
asked(std::string method, std::string path, std::string body = {},
      std::vector<std::pair<std::string, std::string>> query = {}, std::string accept = {}) {
  return std::make_shared<fake_exchange>(std::move(method), std::move(path), std::move(body),
                                         std::move(query), std::move(accept));
}

} // namespace holdfast::admin::test
