#include "app/admin/api/selection.hpp"

#include "app/units.hpp"

#include <array>
#include <charconv>

namespace holdfast::admin {

namespace {

constexpr std::array<connection_state, 5> states{
  connection_state::handshaking, connection_state::open, connection_state::suspect,
  connection_state::zombie, connection_state::closing};

std::optional<connection_state> parse_state(std::string_view text) {
  for (auto state : states)
    if (to_string(state) == text)
      return state;
  return std::nullopt;
}

/// Reads one selector after the other.
class reader {
public:
  reader(exchange& from, const api_context& node) : from_{from}, node_{node} {}

  /// False when 400 was answered.
  bool take(const std::string& name, const std::string& value) {
    if (name == "id")
      return put(parse_connection_id(value), name, value,
                 "the id of a connection, as lists have it",
                 [this](connection_id id) { read_.ids.push_back(id); });
    if (name == "user")
      read_.users.push_back(value);
    else if (name == "addr")
      return put(parse_cidr_block(value), name, value,
                 "an address such as 203.0.113.9 or a network such as 203.0.113.0/24",
                 [this](const cidr_block& block) { read_.from = block; });
    else if (name == "route")
      read_.route = value;
    else if (name == "state")
      return put(parse_state(value), name, value, "handshaking, open, suspect, zombie or closing",
                 [this](connection_state state) { read_.state = state; });
    else if (name == "idle_gt")
      return take_span(name, value, read_.idle_over);
    else if (name == "age_gt")
      return take_span(name, value, read_.age_over);
    else if (name == "rtt_gt")
      return take_span(name, value, read_.rtt_over);
    else if (name == "queue_gt")
      return put(parse_size(value), name, value, "a size such as 64KiB",
                 [this](std::uint64_t size) { read_.queue_over = size; });
    else if (name == "topic")
      read_.topic = value;
    else if (name == "node" && value != node_.settings.name)
      nobody_ = true;
    return true;
  }

  selector result() {
    if (nobody_) // they are on another node
      read_.ids = {connection_id{}};
    return std::move(read_);
  }

private:
  template <class T, class F>
  bool put(const std::optional<T>& parsed, const std::string& name, const std::string& value,
           std::string_view takes, F&& set) {
    if (parsed)
      set(*parsed);
    else
      fail(from_, 400, "bad_request", name + " cannot be " + value,
           "it takes " + std::string{takes});
    return parsed.has_value();
  }

  bool take_span(const std::string& name, const std::string& value, std::optional<duration>& into) {
    return put(parse_duration(value), name, value, "a duration such as 30s",
               [&into](duration d) { into = d; });
  }

  exchange& from_;
  const api_context& node_;
  selector read_;
  bool nobody_ = false;
};

} // namespace

const std::vector<std::string>& selector_names() {
  static const std::vector<std::string> names{"id",     "user",    "addr",   "route",
                                              "state",  "idle_gt", "age_gt", "queue_gt",
                                              "rtt_gt", "node",    "topic"};
  return names;
}

std::vector<std::string> with_selectors(std::vector<std::string> more) {
  more.insert(more.end(), selector_names().begin(), selector_names().end());
  return more;
}

std::optional<selector> selector_of_query(exchange& from, const api_context& node) {
  reader read{from, node};
  for (auto& [name, value] : from.asked().query)
    if (!read.take(name, value))
      return std::nullopt;
  return read.result();
}

std::optional<selector> selector_of_body(exchange& from, const json& fields,
                                         const api_context& node) {
  reader read{from, node};
  for (auto& name : selector_names()) {
    auto found = fields.find(name);
    if (found == fields.end())
      continue;
    auto values = found->is_array() ? *found : json::array({*found});
    for (auto& value : values) {
      if (!value.is_string()) {
        fail(from, 400, "bad_request", name + " is no text", "write it as a string");
        return std::nullopt;
      }
      if (!read.take(name, value.get<std::string>()))
        return std::nullopt;
    }
  }
  return read.result();
}

std::optional<std::uint64_t> number_of_query(exchange& from, const char* name,
                                             std::uint64_t by_default, std::uint64_t least,
                                             std::uint64_t most) {
  auto text = from.asked().param(name);
  if (!text)
    return by_default;
  std::uint64_t value = 0;
  auto* last = text->data() + text->size();
  auto [end, error] = std::from_chars(text->data(), last, value);
  if (error == std::errc{} && end == last && value >= least && value <= most)
    return value;
  fail(from, 400, "bad_request", std::string{name} + " cannot be " + *text,
       "it takes a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

} // namespace holdfast::admin
