// One connection: its socket, its state machine, its flight recorder.
#pragma once

#include "actors/handler.hpp"
#include "actors/handlers/shared_events.hpp"
#include "actors/interfaces.hpp"
#include "actors/lean_actor.hpp"
#include "protocol/control_message.hpp"

#include <memory>
#include <string>
#include <vector>

namespace holdfast {

class shard;
struct route;

/// What a connection is made from.
struct connection_seed {
  connection_id id;
  slot_index slot = 0;
  transport_connection* socket = nullptr;
  const route* where = nullptr;
  std::string user;
  std::string address;
  std::string query;
  named_texts headers;    ///< that its route's handler asks for
  named_texts attributes; ///< of its token
  bool priority = false;
  bool speaks_v1 = false;
  duration opening{}; ///< from its socket's accept until now
};

/// Hosted on its shard and owned by the slot table. The shard calls it directly with what the
/// transport tells; everybody else sends messages. Threads: its shard's.
class connection final : public lean_actor, private session {
public:
  using behavior_type = connection_actor::behavior_type;
  using signatures = connection_actor::signatures;

  connection(caf::actor_config& cfg, shard* home, connection_seed seed);

  // ---- told by the shard, directly

  /// The verdict was yes: the handler hears of it, and reading begins.
  void admit(std::uint32_t count, std::uint32_t limit);
  void reject(std::uint32_t count, std::uint32_t limit);

  /// The verdict does not come.
  void refuse(refusal why);

  void on_message(frame_opcode opcode, std::string_view payload);
  void on_heard();
  void on_closing(close_code code, cause why);
  void on_ended(const transport_end& end);

  /// A publication, as the frame of its kind of client. False: it takes no more.
  void deliver(const shared_frame& frame, std::size_t payload_bytes);

  /// Who is there, or has come or gone: a plain client gets it as text.
  void tell_presence(const std::string& text) { send_control(text); }

  /// The shard is no longer congested by what this connection and others publish.
  void read_on();

  void begin_close(close_code code, cause why, std::string_view detail);
  void abort(cause why);

  // ---- told by what stands between it and its handler, if that is an actor of its own

  /// What the handler's actor shows of itself.
  void show(std::string_view key, std::string_view value);

  /// Calls `f`, which may send a lot: it leaves in one go.
  template <class F>
  void gather_output(F&& f) {
    corked all{socket_};
    f();
  }

  /// The handler's actor has ended without having been told to.
  void handler_gone(const std::string& text);

  /// A command of the client that the handler has answered `later`.
  void finish_command(command_outcome outcome, const std::optional<std::string>& id);

  /// For the handler, when it is told something from outside.
  session& as_session() { return *this; }

  /// Every session that a shard's own handlers see is a connection.
  static connection& of(session& s) { return static_cast<connection&>(s); }

  handler& app() const;

  /// What opened() may ask for, to be read elsewhere.
  std::shared_ptr<const opening_request> take_request();
  const named_texts& attributes() const;

  /// Not read from until read_on(): what it sends cannot be dealt with as fast.
  void hold_back();

  /// Calls `f` as one calls the handler: an exception closes the connection.
  template <class F>
  void call_guarded(F&& f) {
    if (live())
      guard_handler(f);
  }

  connection_id id() const override { return id_; }
  std::string_view user() const override { return user_; }
  const std::string& user_name() const { return user_; }
  bool speaks_v1() const override { return v1_; }
  connection_state state() const { return state_; }
  bool admitted() const { return admitted_; }
  bool waits_for_verdict() const { return state_ == connection_state::handshaking; }
  time_point accepted_at() const { return accepted_at_; }
  time_point admitted_at() const { return admitted_at_; }
  slot_index slot_at() const { return slot_; }
  cause why() const { return why_; } ///< it is a zombie, is closing, or has closed
  bool superseded() const { return why_ == cause::superseded; }

  /// The pool's member has taken notice of its end.
  bool released() const { return released_; }
  void set_released() { released_ = true; }
  const std::vector<std::string>& groups() const;

  /// Of these, the topics in which it counts as present.
  const std::vector<std::string>& present_in() const;
  bool priority() const { return priority_; }
  /// What can be seen of it. `details`: with history and topics, which a list does without.
  connection_view view(bool details = true) const;

  /// What a selector asks.
  connection_facts facts() const;
  connection_place place(connection_key key) const;

  std::size_t queued_bytes() const { return socket_ ? socket_->outbound().queued_bytes : 0; }

protected:
  void receive(element& x) override;
  void failed(std::string text) override;
  void terminated() override;

private:
  // Only what few connections need.
  struct extras {
    std::unique_ptr<opening_request> request; // until opened() has returned
    std::vector<std::string> groups;
    std::vector<std::string> present_in;
    named_texts attributes;
    named_texts shown; // by its handler's own actor
    std::uint64_t acknowledged = 0;
    unsigned bad_messages = 0;
    std::unique_ptr<drain_notice> early_notice; // came before the verdict

    bool unused() const {
      return groups.empty() && attributes.empty() && shown.empty() && acknowledged == 0
             && bad_messages == 0 && !early_notice;
    }
  };

  // ---- session: what the handler may do
  std::string_view route() const override;
  std::string query(std::string_view name) const override;
  std::string_view header(std::string_view name) const override;
  std::string_view attribute(std::string_view name) const override;
  bool set_attribute(std::string_view name, std::string_view value) override;
  void set_priority(bool priority) override { priority_ = priority; }
  send_outcome send(payload_kind kind, std::string_view payload) override;
  void send_error(std::string_view code, std::string_view message) override;
  void close(close_code code, std::string_view reason) override;
  void pause_reading() override;
  void resume_reading() override;
  bool subscribe(std::string_view topic, bool presence) override;
  void unsubscribe(std::string_view topic) override;
  void publish(std::string_view topic, payload_kind kind, std::string_view payload) override;
  bool join(std::string_view group) override;
  void leave(std::string_view group) override;
  void publish_to_group(std::string_view group, payload_kind kind,
                        std::string_view payload) override;
  void after(duration delay, std::function<void(session&)> f) override;

  /// Calls the handler. False when it threw: then the close has begun.
  template <class F>
  bool guard_handler(F&& f) {
    try {
      f();
      return true;
    } catch (...) {
      handler_crashed(what_was_thrown(std::current_exception()));
      return false;
    }
  }

  void judged(time_point now);
  bool live() const;
  extras& more();
  void forget_request();
  void publish_to(std::string group, std::string_view topic, payload_kind kind,
                  std::string_view payload);
  void handler_crashed(std::string text);
  void move_to(connection_state next, cause why, std::uint32_t number);
  bool inbound(payload_kind kind, std::string_view payload);
  void count_in(payload_kind kind, std::size_t payload_bytes);
  void control(std::string_view text);
  void on_client(client_message& m);
  void on_client(client_ack& m);
  void on_client(client_ping& m);
  bool enter(std::string_view group);
  void depart(std::string_view group);
  void on_client(client_subscribe& m);
  void on_client(client_unsubscribe& m);
  void on_client(client_publish& m);
  template <class F>
  void command(const std::optional<std::string>& id, F&& f);
  void bad_message(const decode_error& error);
  void send_control(const std::string& text);
  send_outcome account(send_outcome outcome, payload_kind kind, std::size_t payload_bytes);
  void welcome();
  void suspect(const suspected& x);
  void zombie(const declared_zombie& x);
  void notice(const drain_notice& x);
  void voided();
  std::unique_ptr<std::string> last_words(const transport_end& end) const;
  close_receipt receipt(const transport_end& end) const;
  void leave_receipt(const transport_end& end);

  shard* shard_;
  transport_connection* socket_;
  const struct route* route_;
  std::unique_ptr<handler> own_; // instead of the route's
  connection_id id_;
  slot_index slot_;
  connection_state state_ = connection_state::handshaking;
  ended_by who_ = ended_by::network;
  cause why_ = cause::none;
  bool v1_;
  bool admitted_ = false;
  bool draining_ = false;
  bool priority_ = false;
  bool released_ = false;
  close_code code_ = close_code::none;
  std::uint16_t opening_; // from its socket's accept to accepted_at_, in quarters of a millisecond
  time_point accepted_at_;
  time_point admitted_at_{};
  std::string user_;
  std::string address_;
  traffic in_;
  traffic out_;
  flight_recorder recorder_;
  std::unique_ptr<extras> extras_;
  std::unique_ptr<std::string> detail_;
};

} // namespace holdfast
