#include "protocol/selector.hpp"

#include "protocol/topic.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace holdfast {

namespace {

template <class T>
bool among(const std::vector<T>& wanted, const T& found) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), found) != wanted.end();
}

bool user_among(const std::vector<std::string>& wanted, std::string_view user) {
  return wanted.empty()
         || std::any_of(wanted.begin(), wanted.end(),
                        [user](const std::string& each) { return each == user; });
}

bool within(const std::optional<cidr_block>& block, std::string_view address) {
  if (!block)
    return true;
  auto client = parse_client_address(without_port(address));
  return client && block->contains(*client);
}

bool subscribed(std::string_view topic, const std::vector<std::string>* groups) {
  auto is_it = [topic](const std::string& group) { return topic_of(group) == topic; };
  return topic.empty() || (groups && std::any_of(groups->begin(), groups->end(), is_it));
}

template <class T>
bool over(const std::optional<T>& bound, T value) {
  return !bound || value > *bound;
}

constexpr std::array<connection_key, 7> keys{
  connection_key::id,  connection_key::age,   connection_key::idle, connection_key::queue,
  connection_key::rtt, connection_key::state, connection_key::user};

/// Reads a number and the colon behind it; false when there is none.
template <class T>
bool take_number(std::string_view& text, T& into) {
  auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return false;
  auto* last = text.data() + colon;
  auto [end, error] = std::from_chars(text.data(), last, into);
  text.remove_prefix(colon + 1);
  return error == std::errc{} && end == last;
}

} // namespace

bool selector::selects_everyone() const {
  return ids.empty() && users.empty() && !from && route.empty() && !state && !idle_over && !age_over
         && !rtt_over && !queue_over && topic.empty();
}

bool selector::matches(const connection_facts& x) const {
  return among(ids, x.id) && user_among(users, x.user) && (route.empty() || route == x.route)
         && (!state || *state == x.state) && over(idle_over, x.idle) && over(age_over, x.age)
         && over(rtt_over, x.rtt) && over(queue_over, x.queued_bytes) && within(from, x.address)
         && subscribed(topic, x.groups);
}

std::string_view without_port(std::string_view address) {
  auto colon = address.rfind(':');
  // What a proxy forwards has no port, and an IPv6 address then no brackets either.
  bool bare = colon != address.find(':') && address.substr(0, 1) != "[";
  auto host = bare ? address : address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  return host;
}

std::string_view to_string(connection_key key) {
  switch (key) {
  case connection_key::id: return "id";
  case connection_key::age: return "age";
  case connection_key::idle: return "idle";
  case connection_key::queue: return "queue";
  case connection_key::rtt: return "rtt";
  case connection_key::state: return "state";
  case connection_key::user: return "user";
  }
  return "invalid";
}

std::optional<connection_key> parse_connection_key(std::string_view text) {
  for (auto key : keys)
    if (to_string(key) == text)
      return key;
  return std::nullopt;
}

bool connection_place::comes_before(const connection_place& other, bool descending) const {
  if (number != other.number)
    return (number < other.number) != descending;
  if (text != other.text)
    return (text < other.text) != descending;
  return id < other.id;
}

std::string to_cursor(const connection_place& place) {
  return std::to_string(place.number) + ":" + std::to_string(place.id) + ":" + place.text;
}

std::optional<connection_place> parse_cursor(std::string_view text) {
  connection_place place;
  if (!take_number(text, place.number) || !take_number(text, place.id))
    return std::nullopt;
  place.text = text;
  return place;
}

} // namespace holdfast
