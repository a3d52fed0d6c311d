#include "app/bench/verify_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace holdfast::bench {

namespace {

constexpr int random_sizes = 64;

/// Appends a character of `bytes` bytes, 1 to 4.
void append_character(std::string& out, unsigned bytes, std::uint64_t random) {
  auto tail = [&](std::uint64_t code, unsigned shift) {
    out.push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3f)));
  };
  switch (bytes) {
  case 1: out.push_back(static_cast<char>(random & 0x7f)); return;
  case 2: {
    auto code = 0x80 + random % (0x800 - 0x80);
    out.push_back(static_cast<char>(0xc0 | code >> 6));
    return tail(code, 0);
  }
  case 3: {
    auto code = 0x800 + random % (0x10000 - 0x800 - 0x800);
    code += code >= 0xd800 ? 0x800u : 0u; // no surrogates
    out.push_back(static_cast<char>(0xe0 | code >> 12));
    tail(code, 6);
    return tail(code, 0);
  }
  default: {
    auto code = 0x10000 + random % 0x100000;
    out.push_back(static_cast<char>(0xf0 | code >> 18));
    tail(code, 12);
    tail(code, 6);
    return tail(code, 0);
  }
  }
}

void fill_text(std::string& out, std::size_t size, random_numbers& random) {
  while (out.size() < size) {
    auto number = random.next();
    // Half of the characters are ASCII, so that runs of it, which servers treat apart, occur.
    auto bytes = (number & 8) != 0 ? 1u : static_cast<unsigned>(1 + (number & 3));
    append_character(out, out.size() + bytes > size ? 1u : bytes, number >> 8);
  }
}

void fill_binary(std::string& out, std::size_t size, random_numbers& random) {
  out.resize(size);
  for (std::size_t at = 0; at < size; at += 8) {
    auto number = random.next();
    std::memcpy(out.data() + at, &number, std::min<std::size_t>(8, size - at));
  }
}

} // namespace

std::uint64_t random_numbers::next() {
  state_ += 0x9e3779b97f4a7c15;
  auto z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::string_view to_string(sending way) {
  switch (way) {
  case sending::whole: return "whole";
  case sending::fragments: return "in fragments";
  case sending::pieces: return "in small writes";
  }
  return "unknown";
}

std::vector<std::uint32_t> verify_sizes(std::size_t largest, std::uint64_t seed) {
  std::vector<std::uint32_t> sizes;
  auto add = [&](std::size_t size) {
    if (size <= largest)
      sizes.push_back(static_cast<std::uint32_t>(size));
  };
  for (std::size_t size = 0; size <= 300; ++size)
    add(size);
  for (std::size_t power = 512; power <= largest + 1; power *= 2)
    for (auto size : {power - 1, power, power + 1})
      add(size);
  add(largest);
  random_numbers random{seed};
  auto bits = std::log2(static_cast<double>(largest) + 1);
  for (int i = 0; i < random_sizes; ++i) {
    // Evenly over the orders of magnitude.
    auto exponent = bits * static_cast<double>(random.below(1u << 20)) / (1u << 20);
    add(static_cast<std::size_t>(std::exp2(exponent)) - 1);
  }
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

std::vector<verify_message> verify_plan(const std::vector<std::uint32_t>& sizes,
                                        std::uint64_t seed) {
  std::vector<verify_message> plan;
  for (auto size : sizes)
    for (auto op : {opcode::text, opcode::binary})
      for (auto way : {sending::whole, sending::fragments, sending::pieces})
        plan.push_back({size, op, way});
  random_numbers random{seed};
  for (auto left = plan.size(); left > 1; --left)
    std::swap(plan[left - 1], plan[random.below(left)]);
  return plan;
}

void fill_message(std::string& out, const verify_message& message, std::uint64_t seed) {
  random_numbers random{seed};
  out.clear();
  if (message.op == opcode::text)
    fill_text(out, message.size, random);
  else
    fill_binary(out, message.size, random);
}

std::vector<std::size_t> fragment_ends(std::size_t size, std::uint64_t seed) {
  random_numbers random{seed};
  std::vector<std::size_t> ends(1 + random.below(5));
  for (auto& end : ends)
    end = random.below(size + 1);
  std::sort(ends.begin(), ends.end());
  ends.push_back(size);
  return ends;
}

} // namespace holdfast::bench
