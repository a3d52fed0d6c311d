#include "protocol/error.hpp"

namespace holdfast {

std::string_view to_string(errc code) {
  switch (code) {
  case errc::none: return "no error";
  case errc::unknown_connection: return "no live connection has this id";
  case errc::unknown_actor: return "no live actor has this name";
  case errc::no_drain: return "no drain is running";
  case errc::already_draining: return "a drain is running already";
  case errc::too_late: return "too late: connections are being closed by force";
  case errc::not_ready: return "the actor is being rebuilt, ask again";
  }
  return "invalid";
}

} // namespace holdfast
