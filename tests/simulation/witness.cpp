#include "tests/simulation/witness.hpp"

#include <cstdio>
#include <utility>

namespace holdfast::simulation {

void witness::breached(std::string_view rule, const std::string& what) {
  if (!failure)
    failure = breach{std::string{rule}, what};
}

void witness::knows(client& c) {
  clients_[c.seen.id] = &c;
  by_name_[c.seen.name] = &c;
}

client* witness::find(connection_id id) {
  auto found = clients_.find(id);
  if (found == clients_.end()) {
    breached("handlers hear of connections only", to_string(id));
    return nullptr;
  }
  return found->second;
}

// ---- the log

void witness::write(log_level, std::string_view event, std::initializer_list<event_field> fields) {
  std::map<std::string_view, std::string> texts;
  trace.add_text(event);
  for (auto& field : fields) {
    auto* number = std::get_if<std::int64_t>(&field.value);
    auto text
      = number ? std::to_string(*number) : std::string{std::get<std::string_view>(field.value)};
    trace.add_text(text);
    texts.emplace(field.key, std::move(text));
  }
  if (echo) {
    std::string line{event};
    for (auto& [key, text] : texts)
      line.append(" ").append(key).append("=").append(text.substr(0, 60));
    std::fprintf(stderr, "        %s\n", line.c_str());
  }
  auto count = seen.events.find(std::string{event});
  if (count == seen.events.end())
    count = seen.events.emplace(event, 0).first;
  ++count->second;
  look_at(event, texts);
}

void witness::look_at(std::string_view event,
                      const std::map<std::string_view, std::string>& fields) {
  auto text = [&](std::string_view key) {
    auto found = fields.find(key);
    return found == fields.end() ? std::string{} : found->second;
  };
  if (event == "suspect") {
    if (auto* c = by_name_[text("id")]; c && !c->seen.may_be_suspect)
      breached("a suspect was silent while it was read from", c->seen.name);
  } else if (event == "recovered") {
    if (auto* c = by_name_[text("id")])
      c->seen.watched = {};
  } else if (event == "actor_failed") {
    auto name = text("actor");
    ++failures[name];
    if (text("verdict") != "give_up")
      ++seen.restarts[name.substr(0, name.find('/')) + (name.find('/') == name.npos ? "" : "/k")];
    else if (name.rfind("handler:", 0) == 0)
      shared_given_up = true;
    else
      given_up.insert(name);
    if (on_restart)
      on_restart(name);
  } else if (event == "admitted") {
    admitted_late(text("id"));
  } else if (event == "closed") {
    closed_late(text("id"), text("cause"));
  } else if (event == "phase") {
    for (std::size_t i = 0; i < phase_count; ++i)
      if (to_string(static_cast<drain_phase>(i)) == text("phase"))
        ++seen.phases[i];
  } else if (event == "plan") {
    planned_ms = std::stoll(text("planned_ms"));
    plan_fits = text("fits") == "yes";
  }
}

// ---- handlers

void witness::opened(connection_id id) {
  auto* c = find(id);
  if (!c)
    return;
  trace.add_text("opened");
  trace.add(id.counter);
  ++seen.handlers[std::string{to_string(c->traits.mode)} + " opened"];
  c->seen.order = ++admitted;
  if (++c->seen.opened > 1)
    breached("a handler hears opened once", c->seen.name);
  if (c->over())
    breached("nobody is admitted after its end", c->seen.name);
}

void witness::inbound(connection_id id) {
  auto* c = find(id);
  if (!c)
    return;
  ++c->seen.inbound;
  c->seen.idle = {};
  if (c->seen.opened != 1 || c->seen.closings > 0 || c->seen.closed > 0)
    breached("messages come between opened and closing only", c->seen.name);
}

void witness::closing(connection_id id, close_code code, cause why) {
  auto* c = find(id);
  if (!c)
    return;
  trace.add_text("closing");
  trace.add(static_cast<std::uint64_t>(code));
  auto& s = c->seen;
  if (++s.closings > 1 || s.opened != 1 || s.closed > 0)
    breached("a handler hears closing at most once, between opened and closed", s.name);
  if (why == cause::superseded && sees_order)
    check_eviction(*c);
  if (why == cause::idle && !s.may_be_idle)
    breached("who is closed as idle said nothing for connection_timeout", s.name);
  if (why == cause::paused_too_long && !s.may_be_paused_out)
    breached("a pause is too long after max_read_pause only", s.name);
}

void witness::closed(const close_receipt& r) {
  auto* c = find(r.id);
  if (!c)
    return;
  ++receipts;
  if (c->seen.opened != 1 || ++c->seen.closed > 1)
    breached("an admitted connection ends exactly once", c->seen.name);
  check_receipt(*c, r);
}

void witness::zombie(connection_id id) {
  auto* c = find(id);
  if (c && !c->seen.may_be_zombie)
    breached("nobody is a zombie while paused or because of a stall",
             c->seen.name + ", silent for " + std::to_string(to_ms(c->seen.silence)) + " ms"
               + (c->seen.paused ? ", paused" : ""));
}

void witness::phase(connection_id id, drain_phase x) {
  auto* c = find(id);
  trace.add(static_cast<std::uint64_t>(x));
  if (c && (c->seen.opened != 1 || c->seen.closings > 0))
    breached("phases come between opened and closing only", c->seen.name);
}

void witness::joined(connection_id id, std::string_view group) {
  if (auto* c = find(id))
    c->seen.groups.emplace(group);
}

void witness::left(connection_id id, std::string_view group) {
  auto* c = find(id);
  if (!c)
    return;
  c->seen.groups.erase(std::string{group});
  c->seen.watched_topics.erase(std::string{group});
}

void witness::watches(connection_id id, std::string_view topic) {
  if (auto* c = find(id))
    c->seen.watched_topics.emplace(topic);
}

void witness::lives_in(connection_id id, const caf::actor_addr& actor) {
  if (auto* c = find(id))
    c->seen.own_handler = actor;
}

/// It is closed for that, and its handler hears of nothing any more.
void witness::lost_handler(connection_id id) {
  auto* c = find(id);
  if (!c)
    return;
  ++seen.handlers[std::string{to_string(c->traits.mode)} + " lost"];
  c->seen.lost_handler = true;
  if (c->seen.closed == 0)
    c->seen.closings = 1;
}

// ---- the shared handler

/// What is known of its connections at once is in the log alone.
void witness::admitted_late(const std::string& name) {
  if (auto* c = by_name_[name]; c && c->traits.mode == handler_mode::shared)
    opened(c->seen.id);
}

void witness::closed_late(const std::string& name, const std::string& why) {
  auto* c = by_name_[name];
  if (!c || (c->traits.mode != handler_mode::shared && !c->seen.lost_handler))
    return;
  ++receipts;
  if (c->seen.opened != 1 || ++c->seen.closed > 1)
    breached("an admitted connection ends exactly once", name);
  if (c->traits.mode == handler_mode::shared && why == "handler_crashed" && !shared_given_up
      && !c->seen.lost_handler)
    breached("a shared handler that fails closes nobody", name);
}

void witness::shared_began() {
  ++seen.handlers["shared made"];
  shared_known.clear();
}

void witness::shared_knows(connection_id id, bool adopted) {
  ++seen.handlers[adopted ? "shared adopted" : "shared told of an opening"];
  if (!shared_known.insert(id).second)
    breached("a shared handler is told of each connection once", to_string(id));
}

void witness::shared_handles(connection_id id, std::uint64_t sequence) {
  auto* c = find(id);
  if (!c)
    return;
  ++seen.handlers["shared handled"];
  ++c->seen.handled;
  if (shared_known.count(id) == 0)
    breached("a shared handler gets messages of connections that it knows", c->seen.name);
  if (sequence <= std::exchange(c->seen.last_handled, sequence))
    breached("a shared handler gets each message once, in order", c->seen.name);
}

void witness::shared_forgets(connection_id id) {
  if (shared_known.erase(id) == 0)
    breached("a shared handler hears the end of connections that it knows", to_string(id));
}

void witness::paused(connection_id id, bool paused) {
  auto* c = find(id);
  if (!c || !c->is_open() || c->seen.closings > 0 || c->seen.paused == paused)
    return;
  c->seen.paused = paused;
  c->seen.paused_for = {};
  c->seen.since_resume = {};
}

void witness::check_eviction(const client& c) {
  for (auto& [id, other] : clients_)
    if (other->traits.user == c.traits.user && other->seen.opened == 1 && other->seen.closings == 0
        && other->seen.closed == 0 && other->seen.order < c.seen.order)
      breached("the oldest connection of a user is evicted", c.seen.name);
}

// ---- receipts

void witness::check_receipt(const client& c, const close_receipt& r) {
  auto wrong = [&](const std::string& what, std::uint64_t said, std::uint64_t was) {
    if (said != was)
      breached("a receipt says what the socket and the handler saw",
               c.seen.name + " (" + std::string{to_string(r.why)} + "): " + what + " "
                 + std::to_string(said) + ", not " + std::to_string(was));
  };
  wrong("in", r.in.messages, c.seen.inbound);
  // An actor that is killed in the very turn of its abort finds the queue empty already.
  if (c.over() || r.why != cause::aborted)
    wrong("out", r.out.messages, c.messages_written());
  if (c.over())
    wrong("discarded", r.discarded_in, c.discarded());
  if (r.user != c.traits.user)
    breached("a receipt says what the socket and the handler saw", c.seen.name + ": user");
  check_history(r);
}

void witness::check_history(const close_receipt& r) {
  ++seen.closed[static_cast<std::size_t>(r.why)];
  auto at = r.history.size() < flight_recorder::capacity ? connection_state::handshaking
                                                         : r.history.front().from;
  for (auto& entry : r.history) {
    ++seen.moved[static_cast<std::size_t>(entry.why)];
    ++seen.moves[static_cast<std::size_t>(entry.from)][static_cast<std::size_t>(entry.to)];
    if (entry.from != at || !may_move(entry.from, entry.to))
      breached("a history is a path of the state machine", to_string(r.id));
    at = entry.to;
  }
  if (at != connection_state::closed || r.history.back().why != r.why || r.why == cause::none)
    breached("a history ends with the cause of the receipt",
             to_string(r.id) + ": " + std::string{to_string(r.why)});
}

} // namespace holdfast::simulation
