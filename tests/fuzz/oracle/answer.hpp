// The server's answer to an opening handshake, read strictly.
#pragma once

#include "tests/fuzz/oracle/accept_key.hpp"
#include "tests/fuzz/require.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::fuzz {

class answer {
public:
  /// `head` ends with the empty line.
  explicit answer(std::string_view head) {
    auto line = cut_line(head);
    require(line.size() > 13 && line.substr(0, 9) == "HTTP/1.1 " && line[12] == ' ',
            "an answer begins with its status");
    for (auto digit : line.substr(9, 3)) {
      require(digit >= '0' && digit <= '9', "a status is a number");
      status_ = status_ * 10 + static_cast<unsigned>(digit - '0');
    }
    while (!(line = cut_line(head)).empty()) {
      auto colon = line.find(": ");
      require(colon != std::string_view::npos && colon > 0, "a field has a name and a value");
      for (auto c : line)
        require(c >= ' ' && c < 127, "a field is text");
      require(field(line.substr(0, colon)).empty(), "no field is repeated");
      fields_.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    require(head.empty(), "the head ends with its empty line");
  }

  unsigned status() const { return status_; }

  /// Empty when there is none.
  std::string_view field(std::string_view name) const {
    for (auto& each : fields_) {
      if (each.first == name)
        return each.second;
    }
    return {};
  }

  void check_upgrade(std::string_view key, std::string_view subprotocol) const {
    require(field("Upgrade") == "websocket" && field("Connection") == "Upgrade", "an upgrade");
    require(field("Sec-WebSocket-Accept") == accept_key(key), "the key is answered");
    require(field("Sec-WebSocket-Protocol") == subprotocol, "the subprotocol is the chosen one");
    require(field("Content-Length").empty(), "an upgrade has no body");
  }

  void check_end(std::string_view body, bool without_body, unsigned retry_after) const {
    require(field("Connection").substr(0, 5) == "close", "the answer ends the connection");
    auto length = field("Content-Length");
    require(length == std::to_string(body.size()) || (without_body && body.empty()),
            "the body is as long as announced");
    require(!length.empty() && !field("Content-Type").empty(), "the body is described");
    require((status_ == 405) == !field("Allow").empty(), "405 names the methods");
    require((status_ == 426) == (field("Sec-WebSocket-Version") == "13"), "426 names the version");
    require(field("Retry-After") == (retry_after == 0 ? "" : std::to_string(retry_after)),
            "who is to retry is told when");
  }

private:
  static std::string_view cut_line(std::string_view& from) {
    auto end = from.find("\r\n");
    require(end != std::string_view::npos, "lines end in CR LF");
    auto line = from.substr(0, end);
    from.remove_prefix(end + 2);
    return line;
  }

  unsigned status_ = 0;
  std::vector<std::pair<std::string, std::string>> fields_;
};

} // namespace holdfast::fuzz
