// Boost.Beast's asynchronous server on one thread, put together from its examples
// (advanced-server for the request's path, chat-multi for the queue), to measure Holdfast against.
#include "tests/benchmark/peers/peer.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace beast = boost::beast;
namespace http = beast::http;
namespace net = boost::asio;
namespace websocket = beast::websocket;
using holdfast::duration;
using tcp = net::ip::tcp;

namespace {

constexpr std::chrono::milliseconds tick{20};

class session;

struct registry {
  std::set<session*> everyone;
  std::set<session*> subscribers; ///< of /broadcast
};

class session : public std::enable_shared_from_this<session> {
public:
  session(tcp::socket socket, registry& sessions) : ws_{std::move(socket)}, sessions_{sessions} {}

  ~session() {
    sessions_.everyone.erase(this);
    sessions_.subscribers.erase(this);
  }

  void run() {
    beast::get_lowest_layer(ws_).socket().set_option(tcp::no_delay{true});
    beast::get_lowest_layer(ws_).expires_after(std::chrono::seconds{30});
    auto request = std::make_shared<http::request<http::string_body>>();
    http::async_read(beast::get_lowest_layer(ws_), buffer_, *request,
                     [self = shared_from_this(), request](beast::error_code failed, std::size_t) {
                       if (!failed)
                         self->upgrade(request);
                     });
  }

  void send(std::shared_ptr<const std::string> text) {
    queue_.push_back(std::move(text));
    if (queue_.size() == 1)
      write_next();
  }

  void ping() {
    if (std::exchange(pinging_, true))
      return;
    ws_.async_ping({}, [self = shared_from_this()](beast::error_code) { self->pinging_ = false; });
  }

private:
  void upgrade(const std::shared_ptr<http::request<http::string_body>>& request) {
    beast::get_lowest_layer(ws_).expires_never();
    ws_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    ws_.async_accept(*request, [self = shared_from_this(), request](beast::error_code failed) {
      if (failed)
        return;
      self->sessions_.everyone.insert(self.get());
      auto target = request->target();
      self->broadcasts_ = target.substr(0, target.find('?')) == "/broadcast";
      if (self->broadcasts_)
        self->sessions_.subscribers.insert(self.get());
      self->read();
    });
  }

  void read() {
    ws_.async_read(buffer_, [self = shared_from_this()](beast::error_code failed, std::size_t) {
      if (failed)
        return;
      if (self->broadcasts_)
        self->publish();
      else
        self->echo();
    });
  }

  void echo() {
    ws_.text(ws_.got_text());
    ws_.async_write(buffer_.data(),
                    [self = shared_from_this()](beast::error_code failed, std::size_t size) {
                      if (failed)
                        return;
                      self->buffer_.consume(size);
                      self->read();
                    });
  }

  void publish() {
    auto text = std::make_shared<const std::string>(beast::buffers_to_string(buffer_.data()));
    buffer_.consume(buffer_.size());
    for (auto* subscriber : sessions_.subscribers)
      subscriber->send(text);
    read();
  }

  void write_next() {
    ws_.async_write(net::buffer(*queue_.front()),
                    [self = shared_from_this()](beast::error_code failed, std::size_t) {
                      if (failed)
                        return;
                      self->queue_.erase(self->queue_.begin());
                      if (!self->queue_.empty())
                        self->write_next();
                    });
  }

  websocket::stream<beast::tcp_stream> ws_;
  registry& sessions_;
  beast::flat_buffer buffer_;
  std::vector<std::shared_ptr<const std::string>> queue_;
  bool broadcasts_ = false;
  bool pinging_ = false;
};

class server {
public:
  server(net::io_context& io, const holdfast::peer::request& asked)
    : acceptor_{io, {net::ip::make_address("127.0.0.1"), asked.port}},
      timer_{io},
      ping_interval_{asked.ping_interval} {
    accept();
    if (ping_interval_ > duration::zero())
      arm();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
  void accept() {
    acceptor_.async_accept([this](beast::error_code failed, tcp::socket socket) {
      if (!failed)
        std::make_shared<session>(std::move(socket), sessions_)->run();
      accept();
    });
  }

  void arm() {
    timer_.expires_after(tick);
    timer_.async_wait([this](beast::error_code) {
      arm();
      ping_share();
    });
  }

  /// Pings this tick's share of the sessions, each in its turn.
  void ping_share() {
    auto& all = sessions_.everyone;
    due_
      += static_cast<double>(all.size()) * (std::chrono::duration<double>{tick} / ping_interval_);
    for (; due_ >= 1 && !all.empty(); due_ -= 1) {
      auto next = all.upper_bound(last_pinged_);
      if (next == all.end())
        next = all.begin();
      last_pinged_ = *next;
      last_pinged_->ping();
    }
  }

  tcp::acceptor acceptor_;
  net::steady_timer timer_;
  duration ping_interval_;
  registry sessions_;
  session* last_pinged_ = nullptr; ///< only compared with
  double due_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  auto asked = holdfast::peer::parse(argc, argv);
  net::io_context io{1};
  server all{io, asked};
  holdfast::peer::announce(all.port());
  io.run(); // SIGTERM ends the process: there is nothing to save
}
