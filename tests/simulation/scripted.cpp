#include "tests/simulation/scripted.hpp"

#include <caf/event_based_actor.hpp>

#include <stdexcept>

namespace holdfast::simulation {

scripted::~scripted() {
  if (own_)
    for (auto& [id, word] : words_)
      witness_.lost_handler(id);
}

void scripted::opened(session& s) {
  witness_.opened(s.id());
  if (own_)
    witness_.lives_in(s.id(), own_->address());
  auto word = s.query("do");
  words_[s.id()] = word;
  obey(s, word);
}

void scripted::inbound(session& from, const inbound_message& message) {
  witness_.inbound(from.id());
  obey(from, message.payload);
}

command_outcome scripted::subscribe(session& s, std::string_view topic, bool presence) {
  return enter(s, topic, presence) ? command_outcome::done : command_outcome::refused;
}

command_outcome scripted::unsubscribe(session& s, std::string_view topic) {
  s.unsubscribe(topic);
  witness_.left(s.id(), topic);
  return command_outcome::done;
}

command_outcome scripted::publish(session& s, std::string_view topic, payload_kind,
                                  std::string_view) {
  witness_.inbound(s.id());
  s.publish(topic, payload_kind::text, "published:" + std::string{topic});
  return command_outcome::done;
}

void scripted::zombie(session& s) {
  witness_.zombie(s.id());
  throw_if(s.id(), 'Y');
}

void scripted::closing(session& s, close_code code, cause why) {
  witness_.closing(s.id(), code, why);
  s.send(payload_kind::text, "too late");
  throw_if(s.id(), 'Q');
}

void scripted::closed(const close_receipt& receipt) {
  witness_.closed(receipt);
  auto throws = words_[receipt.id].find('Z') != std::string::npos;
  words_.erase(receipt.id);
  if (throws)
    throw std::runtime_error{"closed"};
}

void scripted::phase(session& s, drain_phase x) {
  witness_.phase(s.id(), x);
  s.resume_reading();
  witness_.paused(s.id(), false);
  throw_if(s.id(), 'F');
}

void scripted::throw_if(connection_id id, char letter) const {
  auto word = words_.find(id);
  if (word != words_.end() && word->second.find(letter) != std::string::npos)
    throw std::runtime_error{std::string{"as told by "} + letter};
}

void scripted::obey(session& s, std::string_view word) {
  while (!word.empty()) {
    auto order = word.front();
    word.remove_prefix(1);
    obey(s, order, word.substr(0, 1));
    if (std::string_view{"jlobswug"}.find(order) != std::string_view::npos && !word.empty())
      word.remove_prefix(1);
  }
}

void scripted::obey(session& s, char order, std::string_view argument) {
  switch (order) {
  case 'e': s.send(payload_kind::text, "echo"); break;
  case 't': throw std::runtime_error{"as told"};
  case 'x': throw 7; // NOLINT(hicpp-exception-baseclass): what is no exception
  case 'c': s.close(close_code::normal, "as told"); break;
  case 'p':
    s.pause_reading();
    witness_.paused(s.id(), true);
    break;
  case 'r':
    s.resume_reading();
    witness_.paused(s.id(), false);
    break;
  case 'j':
    if (s.join(argument))
      witness_.joined(s.id(), argument);
    break;
  case 'l':
    s.leave(argument);
    witness_.left(s.id(), argument);
    break;
  case 'w': enter(s, argument, true); break;
  case 'u':
    s.unsubscribe(argument);
    witness_.left(s.id(), argument);
    break;
  case 'g': s.publish(argument, payload_kind::text, "published:" + std::string{argument}); break;
  case 'o': publish_to(s, argument, 0); break;
  case 'b': publish_to(s, argument, std::size_t{700} * 1024); break;
  case 's':
    for (char c = '0'; !argument.empty() && c < argument.front(); ++c)
      s.send(payload_kind::binary, std::string(40, c));
    break;
  default: break;
  }
}

bool scripted::enter(session& s, std::string_view topic, bool presence) {
  if (!s.subscribe(topic, presence))
    return false;
  witness_.joined(s.id(), topic);
  if (presence)
    witness_.watches(s.id(), topic);
  return true;
}

void scripted::publish_to(session& s, std::string_view group, std::size_t padding) {
  s.publish_to_group(group, payload_kind::text,
                     "published:" + std::string{group} + std::string(padding, '.'));
}

} // namespace holdfast::simulation
