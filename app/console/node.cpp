#include "app/console/node.hpp"

#include "app/admin/http/client.hpp"
#include "app/read_file.hpp"
#include "app/units.hpp"

#include <cerrno>
#include <unistd.h>

namespace holdfast::console {

namespace {

constexpr auto json_type = "application/json";

using failed = admin::client_error;

no_answer::kind kind_of(failed::kind why) {
  switch (why) {
  case failed::kind::usage: return no_answer::kind::usage;
  case failed::kind::unreachable: return no_answer::kind::unreachable;
  case failed::kind::timeout: return no_answer::kind::timeout;
  case failed::kind::protocol: return no_answer::kind::nonsense;
  case failed::kind::stopped: return no_answer::kind::stopped;
  }
  return no_answer::kind::unreachable;
}

/// Whether the system keeps this user out; the client only knows that it could not connect.
bool is_denied(const std::string& address) {
  return address.compare(0, 7, "http://") != 0 && ::access(address.c_str(), W_OK) != 0
         && (errno == EACCES || errno == EPERM);
}

class node_api : public api {
public:
  node_api(const node_choice& node, std::function<bool()> stopped) : node_{node} {
    options_.node = node.address;
    options_.token = node.token;
    options_.connect_timeout = node.patience;
    options_.answer_timeout = node.patience;
    options_.stopped = std::move(stopped);
  }

  outcome ask(const request& what) override {
    return guarded([&](admin::client_connection& to) {
      auto type = what.method == "POST" ? json_type : "";
      return to.request(what.method, what.target, what.body, type, what.accept);
    });
  }

  outcome stream(const request& what, const std::function<bool(std::string_view)>& line) override {
    return guarded(
      [&](admin::client_connection& to) { return to.stream(what.target, line, what.accept); });
  }

private:
  /// Whom it was about is said anyway.
  std::string reason_in(const std::string& text) const {
    auto known = "cannot reach " + node_.address + ": ";
    return text.compare(0, known.size(), known) == 0 ? text.substr(known.size()) : text;
  }

  template <class Call>
  outcome guarded(Call call) {
    try {
      if (!connection_)
        connection_ = std::make_unique<admin::client_connection>(options_);
      auto came = call(*connection_);
      return answer{came.status, std::move(came.body)};
    } catch (const failed& error) {
      auto why = kind_of(error.why());
      connection_.reset();
      if (why == no_answer::kind::unreachable && is_denied(node_.address))
        why = no_answer::kind::denied;
      return no_answer{why, reason_in(error.what())};
    }
  }

  node_choice node_;
  admin::client_options options_;
  std::unique_ptr<admin::client_connection> connection_;
};

std::string token_in(const std::string& text) {
  auto end = text.find_last_not_of(" \t\r\n");
  return end == std::string::npos ? std::string{} : text.substr(0, end + 1);
}

} // namespace

std::variant<node_choice, std::string> choose_node(const asked& what, const std::string& usual) {
  node_choice node;
  node.address = what.has("--socket")    ? what.value_of("--socket")
                 : what.has("--run-dir") ? what.value_of("--run-dir") + "/holdfast.sock"
                 : what.has("--url")     ? what.value_of("--url")
                                         : usual;
  if (what.has("--timeout"))
    node.patience = *parse_duration(what.value_of("--timeout"));
  if (!what.has("--token-file"))
    return node;
  auto path = what.value_of("--token-file");
  auto content = read_file(path);
  node.token = token_in(content.text);
  if (!content.error.empty())
    return "--token-file: " + path + ": " + content.error;
  if (node.token.empty())
    return "--token-file: " + path + " is empty";
  return node;
}

std::unique_ptr<api> make_api(const node_choice& node, std::function<bool()> stopped) {
  return std::make_unique<node_api>(node, std::move(stopped));
}

} // namespace holdfast::console
