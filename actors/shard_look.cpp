#include "actors/shard_look.hpp"

#include "actors/shard.hpp"

#include <algorithm>

namespace holdfast {

namespace {

/// More would keep the shard's connections waiting.
constexpr std::uint32_t most_slots = 2048;

/// Some slots in a row.
struct slot_range {
  slot_index end;
  bool last; // there are no more behind it
};

slot_range part_of(shard& home, slot_index from, std::uint32_t slots) {
  auto size = home.slots().size();
  auto end = std::min<std::uint64_t>(std::uint64_t{from} + std::min(slots, most_slots), size);
  return {static_cast<slot_index>(std::max<std::uint64_t>(from, end)), end == size};
}

struct candidate {
  connection_place place;
  connection* who;
};

void keep_first(std::vector<candidate>& all, std::size_t wanted, bool descending) {
  if (all.size() <= wanted)
    return;
  auto end = all.begin() + static_cast<std::ptrdiff_t>(wanted);
  std::nth_element(all.begin(), end, all.end(), [&](const candidate& a, const candidate& b) {
    return a.place.comes_before(b.place, descending);
  });
  all.erase(end, all.end());
}

std::string joined(const std::vector<std::string>& findings) {
  std::string text;
  for (auto& finding : findings)
    text += (text.empty() ? "" : "; ") + finding;
  return text;
}

book_check compare(std::string what, std::uint64_t counted, std::uint64_t booked) {
  auto ok = counted == booked;
  auto detail = std::to_string(counted) + (ok ? "" : ", not " + std::to_string(booked));
  return {std::move(what), ok, std::move(detail)};
}

} // namespace

connection_page scan(shard& home, const scan_connections& x) {
  connection_page page;
  auto part = part_of(home, x.from, x.slots);
  std::vector<candidate> found;
  for (auto i = x.from; i < part.end; ++i) {
    auto* c = home.slots()[i].actor;
    if (!c || c->ended())
      continue;
    ++page.scanned;
    if (!x.which.matches(c->facts()))
      continue;
    ++page.matched;
    auto place = c->place(x.order.key);
    if (!x.behind || x.after.comes_before(place, x.order.descending))
      found.push_back({std::move(place), c});
  }
  // The views are what costs: only of those that are wanted.
  keep_first(found, x.rows, x.order.descending);
  page.rows.reserve(found.size());
  for (auto& each : found)
    page.rows.push_back({std::move(each.place), each.who->view(false)});
  page.next = part.end;
  page.done = part.last;
  return page;
}

validated_connections validate(shard& home, const validate_connections& x) {
  validated_connections result;
  auto limits = x.limits;
  if (!home.pulse || !home.pings()) // nobody would have found a zombie
    limits.silence = {};
  auto part = part_of(home, x.from, x.slots);
  for (auto i = x.from; i < part.end; ++i) {
    auto* c = home.slots()[i].actor;
    if (!c)
      continue;
    ++result.checked;
    ++result.by_state[static_cast<std::size_t>(c->state())];
    auto view = c->view(false);
    auto health = judge(view, limits);
    if (health.healthy)
      ++result.healthy;
    else
      result.problems.push_back({view.id, std::move(view.user), joined(health.findings)});
  }
  result.next = part.end;
  result.done = part.last;
  return result;
}

std::vector<connection_view> find(shard& home, connection_id id) {
  auto* place = home.slots().find(id);
  if (!place || place->actor->ended())
    return {};
  return {place->actor->view()};
}

shard_books check_books_of(shard& home) {
  shard_books books;
  books.shard = home.index();
  books.places = home.connections();
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
