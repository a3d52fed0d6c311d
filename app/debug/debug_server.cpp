#include "app/debug/debug_server.hpp"

#include "app/debug/debug_request.hpp"

#include <asio/read_until.hpp>
#include <asio/write.hpp>

#include <array>
#include <memory>
#include <stdexcept>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace holdfast {

namespace {

using protocol = asio::local::stream_protocol;

/// A caller that says nothing, or does not take his answer, is let go after this.
constexpr auto client_patience = std::chrono::seconds{10};

/// The caller who could not be accepted still waits, and would be told of at once.
constexpr auto pause_without_descriptors = std::chrono::milliseconds{200};

/// One caller. Kept alive by whatever it waits for.
class caller final : public std::enable_shared_from_this<caller> {
public:
  caller(protocol::socket socket, node& served)
    : socket_{std::move(socket)},
      deadline_{socket_.get_executor()},
      node_{served} {}

  void run() {
    deadline_.expires_after(client_patience);
    deadline_.async_wait([me = weak_from_this()](const asio::error_code& ec) {
      auto still_here = me.lock();
      asio::error_code ignored;
      if (!ec && still_here)
        still_here->socket_.close(ignored);
    });
    asio::async_read_until(socket_, asio::dynamic_buffer(text_, longest_debug_request), '\n',
                           [me = shared_from_this()](const asio::error_code& ec, std::size_t size) {
                             if (!ec)
                               me->asked(me->text_.substr(0, size - 1));
                           });
  }

private:
  void asked(const std::string& line) {
    carry_out_debug_request(
      node_, line, [me = shared_from_this()](const debug_answer& answer) { me->answer(answer); });
  }

  void answer(const debug_answer& answer) {
    text_ = std::to_string(to_int(answer.code)) + "\n" + answer.text;
    asio::async_write(socket_, asio::buffer(text_),
                      [me = shared_from_this()](const asio::error_code&, std::size_t) {
                        asio::error_code ignored;
                        me->socket_.shutdown(protocol::socket::shutdown_both, ignored);
                        me->deadline_.cancel();
                      });
  }

  protocol::socket socket_;
  asio::steady_timer deadline_;
  node& node_;
  std::string text_;
};

} // namespace

std::string debug_socket_path(const std::string& run_dir) {
  auto path = run_dir + "/debug.sock";
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    throw std::runtime_error{"the path " + path
                             + " is too long for a socket (107 bytes); choose a "
                               "shorter run directory with --set node.run_dir=DIR"};
  return path;
}

debug_server::debug_server(asio::io_context& io, const std::string& run_dir, node& served)
  : node_{served},
    path_{debug_socket_path(run_dir)},
    acceptor_{io},
    pause_{io} {
  ::unlink(path_.c_str());
  acceptor_.open();
  auto before = ::umask(0177); // nobody else may connect, at no moment
  asio::error_code failed;
  acceptor_.bind(protocol::endpoint{path_}, failed);
  ::umask(before);
  if (!failed)
    acceptor_.listen(protocol::acceptor::max_listen_connections, failed);
  if (failed)
    throw std::runtime_error{"cannot listen on " + path_ + ": " + failed.message()};
  accept();
}

debug_server::~debug_server() {
  ::unlink(path_.c_str());
}

void debug_server::accept() {
  acceptor_.async_accept([this](const asio::error_code& ec, protocol::socket socket) {
    if (ec == asio::error::operation_aborted)
      return;
    if (ec) {
      accept_later();
      return;
    }
    std::make_shared<caller>(std::move(socket), node_)->run();
    accept();
  });
}

void debug_server::accept_later() {
  pause_.expires_after(pause_without_descriptors);
  pause_.async_wait([this](const asio::error_code& ec) {
    if (!ec)
      accept();
  });
}

} // namespace holdfast
