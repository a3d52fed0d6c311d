// The handler of the simulation: does what its clients' messages say, throws included.
#pragma once

#include "actors/handler.hpp"

#include <caf/actor_addr.hpp>

#include <unordered_map>

namespace holdfast::simulation {

/// Hears of whatever a handler hears.
class handler_witness {
public:
  virtual void opened(connection_id id) = 0;
  virtual void inbound(connection_id id) = 0;
  virtual void closing(connection_id id, close_code code, cause why) = 0;
  virtual void closed(const close_receipt& receipt) = 0;
  virtual void zombie(connection_id id) = 0;
  virtual void phase(connection_id id, drain_phase x) = 0;
  virtual void joined(connection_id id, std::string_view group) = 0;
  virtual void left(connection_id id, std::string_view group) = 0;
  virtual void paused(connection_id id, bool paused) = 0;

  /// It counts as present in the topic from now on.
  virtual void watches(connection_id id, std::string_view topic) = 0;

  /// Its handler is an actor of its own.
  virtual void lives_in(connection_id id, const caf::actor_addr& actor) = 0;

  /// A connection's own handler is gone before it heard of the end.
  virtual void lost_handler(connection_id id) = 0;

protected:
  ~handler_witness() = default;
};

/// A message is a word: each of its letters is an order.
///
///   e echo   n nothing   t throw   x throw what is no exception   c close   p pause   r resume
///   jG join group G   lG leave it   oG publish to it   bG publish 700 KB to it   sN send N
///   messages   wT subscribe to topic T with presence   uT unsubscribe   gT publish to it
///
/// The query `do` is a word too, carried out by opened(); capital letters have the handler throw
/// later: Q in closing(), Z in closed(), Y in zombie(), F in phase(). Reading that was paused is
/// resumed by the next phase of a drain.
class scripted final : public handler {
public:
  scripted(handler_witness& witness, caf::event_based_actor* own) : witness_{witness}, own_{own} {}
  ~scripted() override;

  scripted(const scripted&) = delete;
  scripted& operator=(const scripted&) = delete;

  void opened(session& s) override;
  void inbound(session& from, const inbound_message& message) override;
  command_outcome subscribe(session& s, std::string_view topic, bool presence) override;
  command_outcome unsubscribe(session& s, std::string_view topic) override;
  command_outcome publish(session& s, std::string_view topic, payload_kind kind,
                          std::string_view payload) override;
  void zombie(session& s) override;
  void closing(session& s, close_code code, cause why) override;
  void closed(const close_receipt& receipt) override;
  void phase(session& s, drain_phase x) override;

private:
  void obey(session& s, std::string_view word);
  void obey(session& s, char order, std::string_view argument);
  void publish_to(session& s, std::string_view group, std::size_t padding);
  bool enter(session& s, std::string_view topic, bool presence);
  void throw_if(connection_id id, char letter) const;

  handler_witness& witness_;
  caf::event_based_actor* own_; // null: many connections share this handler
  std::unordered_map<connection_id, std::string> words_; // their `do`
};

} // namespace holdfast::simulation
