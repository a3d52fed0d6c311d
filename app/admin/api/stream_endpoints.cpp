// What happens, as it happens: traces of connections, and the node's events.
#include "actors/connection_trace.hpp"
#include "app/admin/api/endpoints.hpp"
#include "app/admin/api/selection.hpp"
#include "app/timestamp.hpp"
#include "app/units.hpp"

#include <asio/steady_timer.hpp>

#include <algorithm>
#include <array>

namespace holdfast::admin {

namespace {

/// Only what the kind of event mentions.
json line_of(const trace_event& x) {
  json line{{"at", timestamp(x.at)}, {"event", to_string(x.what)}};
  line["id"] = x.id.counter == 0 ? json{} : json(to_string(x.id));
  line["user"] = text_or_null(x.user);
  line["address"] = x.address;
  switch (x.what) {
  case trace_kind::admitted: line["count"] = x.number; break;
  case trace_kind::moved:
    line["from"] = to_string(x.from);
    line["to"] = to_string(x.to);
    line["cause"] = to_string(x.why);
    line["number"] = x.number;
    break;
  case trace_kind::message_in:
  case trace_kind::message_out:
    line["kind"] = x.payload == payload_kind::binary ? "binary" : "text";
    line["bytes"] = x.bytes;
    break;
  case trace_kind::pong:
    line["rtt_ms"] = x.rtt > duration::zero() ? json(fractional_ms(x.rtt)) : json{};
    break;
  case trace_kind::ping_sent:
  case trace_kind::paused:
  case trace_kind::resumed: break;
  case trace_kind::close_queued:
    line["code"] = static_cast<std::uint16_t>(x.code);
    line["cause"] = to_string(x.why);
    line["detail"] = x.detail;
    break;
  case trace_kind::ended:
    line["code"] = static_cast<std::uint16_t>(x.code);
    line["cause"] = to_string(x.why);
    line["detail"] = x.detail;
    line["age_ms"] = to_ms(x.age);
    line["messages_in"] = x.in.messages;
    line["messages_out"] = x.out.messages;
    break;
  case trace_kind::refused:
    line["reason"] = to_string(x.refused_for);
    line["detail"] = x.detail;
    break;
  }
  return line;
}

std::optional<duration> span_of(exchange& from) {
  auto text = from.asked().param("for").value_or("10s");
  auto span = parse_duration(text);
  if (span && *span > duration::zero() && *span <= longest_trace)
    return span;
  fail(from, 400, "bad_request", "for cannot be " + text,
       "it takes a duration above zero and up to " + format_duration(longest_trace));
  return std::nullopt;
}

void trace(const api_context& node, const exchange_ptr& to) {
  if (!knows_parameters(*to, with_selectors({"limit", "for"})))
    return;
  auto which = selector_of_query(*to, node);
  auto limit = which ? number_of_query(*to, "limit", 100, 1, most_traced_events) : std::nullopt;
  auto span = limit ? span_of(*to) : std::nullopt;
  if (!span || !to->start(200, "application/x-ndjson"))
    return;
  auto watch = trace_connections(
    node.unit, node.peers, start_trace{std::move(*which), *limit, *span},
    [to](const std::vector<trace_event>& events) {
      std::string lines;
      for (auto& event : events)
        lines += text_of(line_of(event)) + "\n";
      to->write(std::move(lines));
    },
    [to](const trace_summary& summary) {
      to->write(text_of({{"end", to_string(summary.why)},
                         {"told", summary.told},
                         {"left_out", summary.left_out},
                         {"partial", summary.silent}})
                + "\n");
      to->finish();
    });
  node.adopt(watch);
  to->when_gone([watch] { caf::anon_send_exit(watch, caf::exit_reason::user_shutdown); });
}

std::string as_sent(const event_news& news) {
  if (auto* gap = std::get_if<event_gap>(&news))
    return "event: gap\ndata: " + text_of({{"missed", gap->missed}}) + "\n\n";
  auto& event = std::get<event_record>(news);
  json data{
    {"at", timestamp(event.when)}, {"level", to_string(event.level)}, {"event", event.name}};
  for (auto& [name, value] : event.fields)
    std::visit([&data, key = name](const auto& x) { data[key] = x; }, value);
  return "event: " + event.name + "\ndata: " + text_of(data) + "\n\n";
}

/// A comment now and then, so that nobody between us takes the stream for dead.
constexpr duration between_comments = std::chrono::seconds{15};

/// A reader of events, until it goes.
struct event_reader {
  event_hub::subscription subscription;
  caf::actor comments;
};

void events(const api_context& node, const exchange_ptr& to) {
  if (!knows_parameters(*to, {"level"}))
    return;
  auto text = to->asked().param("level").value_or("info");
  auto level = std::find_if(log_levels.begin(), log_levels.end(),
                            [&](log_level each) { return to_string(each) == text; });
  if (level == log_levels.end()) {
    fail(*to, 400, "bad_request", "level cannot be " + text, "it takes debug, info, warn or error");
    return;
  }
  if (!to->start(200, "text/event-stream"))
    return;
  to->write(": events of " + node.settings.name + "\n\n");
  auto one = std::make_shared<event_reader>();
  one->subscription
    = node.events.subscribe(*level, [to](const event_news& news) { to->write(as_sent(news)); });
  one->comments = node.spawn([&node, to](caf::event_based_actor* self) {
    auto again = [&node, self] {
      node.unit.send_at(node.unit.time().now() + between_comments, self, tick_atom::value);
    };
    again();
    return caf::behavior{[to, again](tick_atom) {
      to->write(":\n\n");
      again();
    }};
  });
  to->when_gone([one] {
    one->subscription = {};
    caf::anon_send_exit(one->comments, caf::exit_reason::user_shutdown);
  });
}

} // namespace

std::vector<endpoint> stream_endpoints(api_context& node) {
  return {
    {"GET", "/v1/trace", [&node](const exchange_ptr& to, const std::string&) { trace(node, to); }},
    {"GET", "/v1/events",
     [&node](const exchange_ptr& to, const std::string&) { events(node, to); }},
  };
}

} // namespace holdfast::admin
