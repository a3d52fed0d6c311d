#include "actors/shard_look.hpp"

#include "actors/shard.hpp"

#include <algorithm>

namespace holdfast {

namespace {

/// More would keep the shard's connections waiting.
constexpr std::uint32_t most_slots = 2048;

book_check compare(std::string what, std::uint64_t counted, std::uint64_t booked) {
  auto ok = counted == booked;
  auto detail = std::to_string(counted) + (ok ? "" : ", not " + std::to_string(booked));
  return {std::move(what), ok, std::move(detail)};
}

} // namespace

connection_page scan(shard& home, const scan_connections& x) {
  connection_page page;
  auto& slots = home.slots();
  auto end
    = std::min<std::uint64_t>(std::uint64_t{x.from} + std::min(x.slots, most_slots), slots.size());
  for (slot_index i = x.from; i < end; ++i) {
    auto* c = slots[i].actor;
    if (!c || c->ended() || !x.which.matches(c->facts()))
      continue;
    ++page.matched;
    auto place = c->place(x.order.key);
    if (!x.behind || x.after.comes_before(place, x.order.descending))
      page.rows.push_back({std::move(place), c->view(false)});
  }
  page.next = static_cast<slot_index>(std::max<std::uint64_t>(x.from, end));
  page.done = page.next >= slots.size();
  return page;
}

std::vector<connection_view> find(shard& home, connection_id id) {
  std::vector<connection_view> found;
  home.slots().for_each([&](slot_index, slot& s) {
    if (s.actor->id() == id && !s.actor->ended())
      found.push_back(s.actor->view());
  });
  return found;
}

shard_books check_books_of(shard& home) {
  shard_books books;
  books.shard = home.index();
  std::array<std::uint64_t, state_count> in_state{};
  std::uint64_t admitted = 0;
  home.slots().for_each([&](slot_index, slot& s) {
    ++in_state[static_cast<std::size_t>(s.actor->state())];
    if (s.actor->admitted() && s.actor->state() != connection_state::closed)
      ++admitted;
  });
  auto& counters = home.counters();
  for (std::size_t i = 0; i < in_state.size(); ++i)
    if (auto state = static_cast<connection_state>(i); state != connection_state::closed)
      books.checks.push_back(
        compare("connections " + std::string{to_string(state)}, in_state[i], counters.in_state[i]));
  books.checks.push_back(
    compare("admitted and not ended", admitted, counters.admitted - counters.ended));
  return books;
}

} // namespace holdfast
