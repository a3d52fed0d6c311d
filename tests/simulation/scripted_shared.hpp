// The shared handler of the simulation: hears of its connections late, from a unit of its own.
#pragma once

#include "actors/handler.hpp"

namespace holdfast::simulation {

/// Hears of what a shared handler hears. Only one is alive at a time.
class shared_witness {
public:
  virtual void shared_began() = 0;
  virtual void shared_knows(connection_id id, bool adopted) = 0;
  virtual void shared_handles(connection_id id, std::uint64_t sequence) = 0;
  virtual void shared_forgets(connection_id id) = 0;

  /// It has thrown for a connection that has just opened: that one is closed for it.
  virtual void lost_handler(connection_id id) = 0;

protected:
  ~shared_witness() = default;
};

/// Understands some of the words of `scripted`: e n t c oG sN.
class scripted_shared final : public handler {
public:
  explicit scripted_shared(shared_witness& witness) : witness_{witness} { witness_.shared_began(); }

  void opened(session& s) override;
  void adopted(session& s) override { witness_.shared_knows(s.id(), true); }
  void inbound(session& from, const inbound_message& message) override;
  void closed(const close_receipt& receipt) override { witness_.shared_forgets(receipt.id); }

private:
  static void obey(session& s, std::string_view word);

  shared_witness& witness_;
};

} // namespace holdfast::simulation
