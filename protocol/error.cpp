#include "protocol/error.hpp"

namespace holdfast {

std::string_view to_string(errc code) {
  switch (code) {
  case errc::none: return "no error";
  case errc::no_drain: return "no drain is running";
  case errc::too_late: return "too late: connections are being closed by force";
  case errc::too_many_traces: return "too many traces are running";
  }
  return "invalid";
}

} // namespace holdfast
