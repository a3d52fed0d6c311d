// One client of the admin server.
#pragma once

#include "app/admin/http/access.hpp"
#include "app/admin/http/framing.hpp"
#include "app/admin/http/reply.hpp"
#include "app/admin/http/server.hpp"
#include "app/transport/http_request.hpp"

#include <asio/generic/stream_protocol.hpp>
#include <asio/steady_timer.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace holdfast::admin {

class pending_exchange;

/// What all clients of one listener have in common.
struct service {
  handler_function handler;
  std::optional<access_rules> access; ///< none: the Unix socket
  transport::http_request::limits head{16 * 1024, 8 * 1024};
  std::size_t body_limit;
  duration idle_timeout;
  duration request_timeout;
  duration farewell_timeout = std::chrono::seconds{2}; ///< for the client to hang up after us
};

/// Reads requests, has them answered one after the other, and hangs up on who takes too long. Kept
/// alive by what it waits for, and by whoever owes it an answer.
class connection final : public std::enable_shared_from_this<connection> {
public:
  using socket = asio::generic::stream_protocol::socket;

  /// `reached` is the numeric address that a TCP client has connected to. `ended` is called once,
  /// maybe within any other call.
  connection(socket client, std::shared_ptr<const service> serves, std::string reached,
             std::function<void(connection&)> ended);

  /// Begins; once, and one of the two.
  void serve();
  void turn_away(const problem& why);

  /// Hangs up at once.
  void close();

  // For the exchange that is under way: connection_answer.cpp

  /// A whole answer.
  void answer(int status, std::string_view content_type, std::string_view body,
              const exchange::header_list& headers);

  /// An answer, and the end of the connection: what follows may not be the request that it seems
  /// to be.
  void refuse(const problem& why);

  /// The head of a stream. False when the client wants no more than that.
  bool begin_stream(int status, std::string_view content_type);
  void send_piece(std::string_view data);
  void end_stream();

  /// Bytes that the kernel has not taken.
  std::size_t unsent() const { return sending_.size() - sent_ + waiting_.size(); }

  asio::any_io_executor executor() { return socket_.get_executor(); }

private:
  enum class phase : std::uint8_t {
    idle,      ///< nothing of a request has come
    head,      ///< in the middle of it
    body,      ///< in the middle of it
    answering, ///< by a handler, or by ourselves
    farewell,  ///< our side is closed; what still comes is thrown away
    closed,
  };

  // Reading: connection.cpp

  void read();
  void received(std::size_t size);
  void advance();
  void read_head();
  void judge_head();
  void read_body();
  void hand_over();
  void end_of_answer();
  void say_farewell();

  // Writing, and time: connection_answer.cpp

  void send_head(int status, std::string_view content_type, std::optional<std::size_t> length,
                 const exchange::header_list& headers);
  void send(std::string_view bytes);
  void write();
  void written(std::size_t size);
  void answered();
  void arm(duration in);
  void arm_for_writing();
  void disarm() { deadline_ = time_point::max(); }
  void await_timer();
  void look_at_deadline();
  void out_of_time();

  socket socket_;
  std::shared_ptr<const service> service_;
  std::string reached_;
  std::function<void(connection&)> ended_;
  phase phase_ = phase::idle;

  std::array<char, 4096> buffer_;
  bool reading_ = false;
  std::string in_; // came, and belongs to what is next
  transport::http_request head_;
  framing framing_;
  request request_;
  std::weak_ptr<pending_exchange> exchange_;
  bool streaming_ = false;
  bool answered_ = false; // everything of the answer is queued

  std::string sending_; // the kernel is asked to take it; `sent_` bytes of it are gone
  std::string waiting_;
  std::size_t sent_ = 0;

  asio::steady_timer timer_;
  bool timer_runs_ = false;
  time_point deadline_ = time_point::max();
};

} // namespace holdfast::admin
