#include "actors/handlers/ticker.hpp"

#include "protocol/topic.hpp"

#include <caf/all.hpp>

#include <charconv>
#include <stdexcept>

namespace holdfast {

namespace {

using tick = caf::atom_constant<caf::atom("tick")>;

std::string text_of(const texts& arguments, const std::string& key, const std::string& otherwise) {
  auto found = arguments.find(key);
  return found == arguments.end() ? otherwise : found->second;
}

std::chrono::milliseconds interval_of(const std::string& text) {
  unsigned ms = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc{} || end != text.data() + text.size() || ms < 10 || ms > 86'400'000)
    throw std::invalid_argument{"ms is the interval in milliseconds, from 10 to a day"};
  return std::chrono::milliseconds{ms};
}

} // namespace

actor_type ticker() {
  auto make = [](const texts& arguments) -> actor_start {
    auto topic = text_of(arguments, "topic", "");
    auto text = text_of(arguments, "text", "tick");
    auto every = interval_of(text_of(arguments, "ms", "1000"));
    if (topic.empty() || topic.size() > max_topic)
      throw std::invalid_argument{"topic is what to publish to, of 1 to 256 bytes"};
    return [=](caf::event_based_actor* self, actor_context& around) -> caf::behavior {
      self->delayed_send(self, every, tick::value);
      return {
        [=, &around, sent = 0](tick) mutable {
          around.node().publish(topic, payload_kind::text, text);
          around.show("published", std::to_string(++sent));
          self->delayed_send(self, every, tick::value);
        },
      };
    };
  };
  return {make, "publishes a text to a topic again and again", {"topic", "text", "ms"}};
}

} // namespace holdfast
