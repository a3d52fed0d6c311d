#include "actors/slot_table.hpp"

#include "actors/connection.hpp"

#include <algorithm>

namespace holdfast {

slot_index slot_table::take(time_point now) {
  slot_index index = 0;
  if (free_.empty()) {
    index = static_cast<slot_index>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  slots_[index].last_heard = now;
  slots_[index].last_activity = now;
  return index;
}

void slot_table::release(slot_index index) {
  released_.push_back(std::move(slots_[index].keeper));
  slots_[index] = slot{};
  free_.push_back(index);
}

slot* slot_table::find(slot_index index, connection_id id) {
  if (index >= slots_.size())
    return nullptr;
  auto& candidate = slots_[index];
  return candidate.actor && candidate.actor->id() == id ? &candidate : nullptr;
}

slot* slot_table::find(connection_id id) {
  auto found = std::find_if(slots_.begin(), slots_.end(),
                            [id](const slot& x) { return x.actor && x.actor->id() == id; });
  return found == slots_.end() ? nullptr : &*found;
}

} // namespace holdfast
