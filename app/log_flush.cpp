#include "app/log_flush.hpp"

#include "app/log.hpp"

#include <vector>

namespace holdfast {

namespace {

using flush_actor = cleanup_actor::extend<caf::reacts_to<tick_atom>>;
using promise = caf::typed_response_promise<cleaned_atom>;

struct flush_state {
  std::vector<promise> waiting;
};

flush_actor::behavior_type flush(flush_actor::stateful_pointer<flush_state> self, log_writer* log) {
  return {
    [self, log](const cleanup_wanted&) -> caf::result<cleaned_atom> {
      self->state.waiting.push_back(self->make_response_promise<cleaned_atom>());
      log->when_written([me = flush_actor{self}] { caf::anon_send(me, tick_atom::value); });
      return self->state.waiting.back();
    },
    [self](tick_atom) {
      for (auto& waiting : self->state.waiting)
        waiting.deliver(cleaned_atom::value);
      self->state.waiting.clear();
    },
  };
}

} // namespace

cleanup_actor spawn_log_flush(host_unit& unit, log_writer& log) {
  return spawn_on(unit, probe_ptr{}, flush, &log);
}

} // namespace holdfast
