#include "tests/simulation/scripted_shared.hpp"

#include <stdexcept>
#include <string>

namespace holdfast::simulation {

void scripted_shared::opened(session& s) {
  witness_.shared_knows(s.id(), false);
  try {
    obey(s, s.query("do"));
  } catch (...) {
    witness_.lost_handler(s.id());
    throw;
  }
}

void scripted_shared::inbound(session& from, const inbound_message& message) {
  witness_.shared_handles(from.id(), message.sequence);
  obey(from, message.payload);
}

void scripted_shared::obey(session& s, std::string_view word) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    auto argument = word.substr(i + 1, 1);
    switch (word[i]) {
    case 'e': s.send(payload_kind::text, "echo"); break;
    case 't': throw std::runtime_error{"as told"};
    case 'c': s.close(close_code::normal, "as told"); break;
    case 'o':
      s.publish_to_group(argument, payload_kind::text, "published:" + std::string{argument});
      break;
    case 's':
      for (char c = '0'; !argument.empty() && c < argument.front(); ++c)
        s.send(payload_kind::binary, std::string(40, c));
      break;
    default: break;
    }
  }
}

} // namespace holdfast::simulation
