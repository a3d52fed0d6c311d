#include "actors/tracer.hpp"

#include <algorithm>
#include <utility>

namespace holdfast {

namespace {

template <class Message>
void send_to(const caf::strong_actor_ptr& asker, Message message) {
  caf::anon_send(caf::actor_cast<caf::actor>(asker), std::move(message));
}

} // namespace

errc tracer::begin(const caf::strong_actor_ptr& asker, const start_trace& wanted) {
  stop(caf::actor_cast<caf::actor_addr>(asker));
  if (traces_.size() == most_traces)
    return errc::too_many_traces;
  auto until = shard_.now() + std::clamp(wanted.span, duration{}, longest_trace);
  traces_.push_back({asker, wanted.which, trace_log{wanted.limit, until}});
  shard_.traced = this;
  return errc::none;
}

tracer::trace* tracer::find(const caf::actor_addr& asker) {
  auto found = std::find_if(traces_.begin(), traces_.end(), [&](const trace& x) {
    return caf::actor_cast<caf::actor_addr>(x.asker) == asker;
  });
  return found == traces_.end() ? nullptr : &*found;
}

void tracer::stop(const caf::actor_addr& asker) {
  if (auto* found = find(asker))
    traces_.erase(traces_.begin() + (found - traces_.data()));
  rest_if_idle();
}

void tracer::end() {
  traces_.clear();
  rest_if_idle();
}

void tracer::rest_if_idle() {
  if (traces_.empty() && shard_.traced == this) // else it is a successor's
    shard_.traced = nullptr;
}

void tracer::taken(const caf::actor_addr& asker, std::uint64_t events) {
  if (auto* found = find(asker))
    found->log.taken(events);
}

void tracer::flush() {
  auto now = shard_.now();
  for (auto it = traces_.begin(); it != traces_.end();) {
    if (auto events = it->log.gather(shard_.index()))
      send_to(it->asker, std::move(*events));
    if (auto why = it->log.over(now)) {
      send_to(it->asker, it->log.last_words(shard_.index(), *why));
      it = traces_.erase(it);
    } else {
      ++it;
    }
  }
  rest_if_idle();
}

trace_event tracer::begin_event(const connection_facts& facts, trace_kind what) const {
  trace_event x;
  x.at = shard_.unit().time().wall();
  x.what = what;
  x.id = facts.id;
  x.user = facts.user;
  x.address = facts.address;
  return x;
}

void tracer::refused(const refused_client& x) {
  connection_facts facts;
  facts.user = x.user;
  facts.address = x.address;
  facts.route = x.route;
  for (auto& each : traces_) {
    if (!each.which.matches(facts) || !each.log.has_room())
      continue;
    auto event = begin_event(facts, trace_kind::refused);
    event.refused_for = x.why;
    event.detail = x.detail;
    each.log.add(std::move(event));
  }
}

} // namespace holdfast
