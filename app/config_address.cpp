#include "app/config.hpp"
#include "protocol/gate.hpp"

#include <charconv>

namespace holdfast {

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, port);
  if (error != std::errc{} || end != last)
    return std::nullopt;
  return port;
}

} // namespace

std::optional<transport::endpoint> parse_endpoint(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  auto port = parse_port(text.substr(colon + 1));
  auto host = text.substr(0, colon);
  auto bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  else if (host == "localhost")
    host = "127.0.0.1";
  auto is_v6 = host.find(':') != std::string_view::npos;
  if (!port || is_v6 != bracketed || !parse_client_address(host))
    return std::nullopt;
  return transport::endpoint{std::string{host}, *port};
}

std::string format_endpoint(const transport::endpoint& where) {
  auto is_v6 = where.address.find(':') != std::string::npos;
  return (is_v6 ? "[" + where.address + "]" : where.address) + ":" + std::to_string(where.port);
}

} // namespace holdfast
