#include "actors/connection_trace.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace holdfast {

namespace {

constexpr duration member_patience = std::chrono::seconds{1};

class watcher : public std::enable_shared_from_this<watcher> {
public:
  watcher(caf::event_based_actor* self, host_unit& unit, services peers, start_trace wanted,
          std::function<void(std::vector<trace_event>)> events,
          std::function<void(const trace_summary&)> end)
    : self_{self},
      me_{self},
      unit_{unit},
      members_{std::move(peers.members)},
      wanted_{std::move(wanted)},
      events_{std::move(events)},
      end_{std::move(end)},
      telling_(members_.size(), true) {}

  void begin() {
    wanted_.limit = std::min(wanted_.limit, most_traced_events);
    wanted_.span = std::clamp(wanted_.span, duration{}, longest_trace);
    for (std::size_t i = 0; i < members_.size(); ++i) {
      self_->monitor(members_[i]);
      self_->request(members_[i], member_patience, wanted_)
        .then(
          [me = shared_from_this()](errc outcome) {
            if (outcome != errc::none)
              me->finish(trace_end::too_many);
          },
          [me = shared_from_this(), i](const caf::error&) {
            me->missing(i, trace_end::unreachable);
          });
    }
    // The shards end it, so that nothing that happened before is lost; unless they say nothing.
    unit_.send_at(unit_.time().now() + wanted_.span + member_patience, me_, tick_atom::value);
    if (members_.empty())
      finish(trace_end::unreachable);
  }

  caf::behavior behavior() {
    auto me = shared_from_this();
    self_->set_down_handler([me](caf::down_msg& down) { me->down(down.source); });
    return {
      [me](trace_events& x) { me->take(x); },
      [me](const trace_over& x) { me->over(x); },
      [me](tick_atom) { me->finish(trace_end::time); },
    };
  }

private:
  void take(trace_events& x) {
    if (ended_)
      return;
    auto count = x.events.size();
    summary_.left_out += x.left_out;
    auto room = wanted_.limit - summary_.told;
    if (x.events.size() > room)
      x.events.erase(x.events.begin() + static_cast<std::ptrdiff_t>(room), x.events.end());
    summary_.told += x.events.size();
    events_(std::move(x.events));
    self_->send(members_[x.shard], trace_taken{count});
    if (summary_.told == wanted_.limit)
      finish(trace_end::limit);
  }

  void over(const trace_over& x) {
    summary_.left_out += x.left_out;
    telling_[x.shard] = false;
    finish_if_quiet(x.why);
  }

  void down(const caf::actor_addr& who) {
    for (std::size_t i = 0; i < members_.size(); ++i)
      if (members_[i].address() == who && telling_[i]) {
        missing(i, trace_end::restarted);
        finish(trace_end::restarted);
      }
  }

  void missing(std::size_t member, trace_end why) {
    if (!telling_[member])
      return;
    telling_[member] = false;
    summary_.silent.push_back("pool/" + std::to_string(member));
    finish_if_quiet(why);
  }

  void finish_if_quiet(trace_end why) {
    if (std::find(telling_.begin(), telling_.end(), true) == telling_.end())
      finish(why);
  }

  void finish(trace_end why) {
    if (std::exchange(ended_, true))
      return;
    summary_.why = why;
    end_(summary_);
    for (auto& member : members_)
      self_->send(member, stop_trace{});
    me_ = nullptr;
    self_->quit();
  }

  caf::event_based_actor* self_;
  caf::actor me_; // nobody else need hold it
  host_unit& unit_;
  std::vector<pool_member_actor> members_;
  start_trace wanted_;
  std::function<void(std::vector<trace_event>)> events_;
  std::function<void(const trace_summary&)> end_;
  std::vector<bool> telling_; // by shard
  trace_summary summary_;
  bool ended_ = false;
};

} // namespace

caf::actor trace_connections(host_unit& unit, services peers, start_trace wanted,
                             std::function<void(std::vector<trace_event>)> events,
                             std::function<void(const trace_summary&)> end) {
  return spawn_on(unit, probe_ptr{},
                  [&unit, peers = std::move(peers), wanted = std::move(wanted),
                   events = std::move(events),
                   end = std::move(end)](caf::event_based_actor* self) -> caf::behavior {
                    auto watch = std::make_shared<watcher>(self, unit, peers, wanted, events, end);
                    watch->begin();
                    return watch->behavior();
                  });
}

} // namespace holdfast
