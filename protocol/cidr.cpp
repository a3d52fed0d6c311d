#include "protocol/cidr.hpp"

#include "protocol/trimmed.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast {

namespace {

constexpr unsigned v4_bits = 32;
constexpr unsigned v6_bits = 128;

unsigned width_of(const client_address& address) {
  return address.is_v4() ? v4_bits : v6_bits;
}

/// `address` with the bits behind the prefix set to zero.
client_address start_of(client_address address, unsigned prefix) {
  auto kept = v6_bits - width_of(address) + prefix;
  auto byte = address.bytes.begin() + kept / 8;
  if (kept % 8 != 0)
    *byte++ &= static_cast<std::uint8_t>(0xff00 >> kept % 8);
  std::fill(byte, address.bytes.end(), std::uint8_t{0});
  return address;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  auto last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, port);
  return error == std::errc{} && end == last && port <= 65535;
}

std::optional<client_address> parse_entry(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    auto end = text.find(']');
    if (end == std::string_view::npos)
      return std::nullopt;
    auto rest = text.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1))))
      return std::nullopt;
    text = text.substr(1, end - 1);
    return text.find(':') == std::string_view::npos ? std::nullopt : parse_client_address(text);
  }
  auto colon = text.find(':');
  auto has_port = colon != std::string_view::npos && colon == text.rfind(':');
  if (has_port && !is_port(text.substr(colon + 1)))
    return std::nullopt;
  return parse_client_address(has_port ? text.substr(0, colon) : text);
}

} // namespace

bool cidr_block::contains(const client_address& address) const {
  return address.is_v4() == first.is_v4() && start_of(address, prefix) == first;
}

std::optional<cidr_block> parse_cidr_block(std::string_view text) {
  auto slash = text.find('/');
  auto address = parse_client_address(text.substr(0, slash));
  if (!address)
    return std::nullopt;
  cidr_block block{*address, width_of(*address)};
  if (slash == std::string_view::npos)
    return block;
  auto digits = text.substr(slash + 1);
  auto last = digits.data() + digits.size();
  auto [end, error] = std::from_chars(digits.data(), last, block.prefix);
  bool valid = error == std::errc{} && end == last && block.prefix <= width_of(*address);
  if (!valid || start_of(*address, block.prefix) != *address)
    return std::nullopt;
  return block;
}

std::string to_string(const cidr_block& block) {
  auto text = to_string(block.first);
  return block.prefix == width_of(block.first) ? text : text + "/" + std::to_string(block.prefix);
}

bool contains(const std::vector<cidr_block>& blocks, const client_address& address) {
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const cidr_block& block) { return block.contains(address); });
}

std::variant<client_address, forwarding_fault>
forwarded_client(std::string_view forwarded_for, const std::vector<cidr_block>& trusted) {
  if (trimmed(forwarded_for).empty())
    return forwarding_fault::absent;
  while (true) {
    auto comma = forwarded_for.rfind(',');
    bool first = comma == std::string_view::npos;
    auto entry = parse_entry(trimmed(first ? forwarded_for : forwarded_for.substr(comma + 1)));
    if (!entry)
      return forwarding_fault::malformed;
    if (first || !contains(trusted, *entry))
      return *entry;
    forwarded_for = forwarded_for.substr(0, comma);
  }
}

} // namespace holdfast
