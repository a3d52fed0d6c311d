#include "protocol/expiry_queue.hpp"

namespace holdfast {

void expiry_queue::set(slot_index slot, time_point at) {
  clear(slot);
  if (slot >= positions_.size())
    positions_.resize(std::size_t{slot} + 1, nowhere);
  heap_.push_back({at, slot});
  place(heap_.size() - 1, heap_.back());
  rise(heap_.size() - 1);
}

void expiry_queue::clear(slot_index slot) {
  if (slot >= positions_.size() || positions_[slot] == nowhere)
    return;
  auto hole = std::size_t{positions_[slot]};
  positions_[slot] = nowhere;
  auto last = heap_.back();
  heap_.pop_back();
  if (hole == heap_.size())
    return;
  place(hole, last);
  rise(hole);
  sink(hole);
}

std::optional<slot_index> expiry_queue::next(time_point now) {
  if (heap_.empty() || heap_.front().at > now)
    return std::nullopt;
  auto slot = heap_.front().slot;
  clear(slot);
  return slot;
}

void expiry_queue::place(std::size_t at, const entry& x) {
  heap_[at] = x;
  positions_[x.slot] = static_cast<std::uint32_t>(at);
}

void expiry_queue::rise(std::size_t at) {
  auto moved = heap_[at];
  while (at > 0 && moved.at < heap_[(at - 1) / 2].at) {
    place(at, heap_[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  place(at, moved);
}

void expiry_queue::sink(std::size_t at) {
  auto moved = heap_[at];
  for (auto child = 2 * at + 1; child < heap_.size(); child = 2 * at + 1) {
    if (child + 1 < heap_.size() && heap_[child + 1].at < heap_[child].at)
      ++child;
    if (moved.at <= heap_[child].at)
      break;
    place(at, heap_[child]);
    at = child;
  }
  place(at, moved);
}

} // namespace holdfast
