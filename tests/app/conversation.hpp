// A client that sends messages in pieces and verifies that they come back.
#pragma once

#include "tests/app/witness.hpp"

#include <deque>
#include <random>

namespace holdfast::transport::test {

using random_source = std::mt19937;

inline std::size_t below(random_source& random, std::size_t end) {
  return std::uniform_int_distribution<std::size_t>{0, end - 1}(random);
}

struct message {
  bool is_text = false;
  std::string payload;
};

/// Text has codepoints of every length in UTF-8.
inline message make_message(random_source& random, std::size_t size) {
  static const std::string_view codepoints[]{"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
  message made{random() % 2 == 0, {}};
  made.payload.reserve(size + 4);
  bool mostly_ascii = random() % 2 == 0;
  while (made.payload.size() < size) {
    auto left = size - made.payload.size();
    if (!made.is_text)
      made.payload += static_cast<char>(random());
    else if (left < 4 || (mostly_ascii && random() % 64 != 0))
      made.payload += 'b';
    else
      made.payload += codepoints[random() % 4];
  }
  return made;
}

/// The message's frames: one, or up to six that are split anywhere, some of them empty, with a
/// ping between them now and then.
inline std::string split(const message& whole, random_source& random) {
  std::string_view rest{whole.payload};
  std::string frames;
  unsigned opcode = whole.is_text ? 1 : 2;
  for (auto cuts = random() % 2 == 0 ? 0 : below(random, 6); cuts > 0; --cuts) {
    auto taken = below(random, rest.size() + 1);
    frames += encode_frame(opcode, rest.substr(0, taken));
    rest.remove_prefix(taken);
    opcode = 0;
    if (random() % 8 == 0)
      frames += encode_frame(0x89, "between");
  }
  return frames + encode_frame(0x80 | opcode, rest);
}

/// One connection that sends and receives at once, in bites of any size. Everything is verified
/// as it arrives.
class conversation {
public:
  conversation(std::uint16_t port, socket_buffers buffers, unsigned seed)
    : peer_{port, buffers},
      random_{seed} {
    BOOST_REQUIRE(peer_.upgrade());
  }

  /// Exchanges one message of each size, some of them ahead of their replies.
  void exchange(const std::vector<std::size_t>& sizes) {
    auto next = sizes.begin();
    while (next != sizes.end() || !expected_.empty()) {
      if (unsent_.empty() && next != sizes.end() && expected_.size() < most_ahead) {
        expected_.push_back(make_message(random_, *next++));
        unsent_ = split(expected_.back(), random_);
        sent_ = 0;
      }
      step();
    }
  }

private:
  static constexpr std::size_t most_ahead = 4;

  void step() {
    pollfd ready{peer_.descriptor(), POLLIN, 0};
    if (!unsent_.empty())
      ready.events |= POLLOUT;
    BOOST_REQUIRE_GT(::poll(&ready, 1, std::chrono::milliseconds{patience}.count()), 0);
    if ((ready.revents & POLLOUT) != 0)
      send_some();
    if ((ready.revents & ~POLLOUT) != 0)
      receive_some();
  }

  /// Small ones most of the time, so that frames are cut anywhere.
  std::size_t bite() {
    return random_() % 4 == 0 ? 1 + below(random_, 64) : 1 + below(random_, sizeof bytes_);
  }

  void send_some() {
    auto size = std::min(bite(), unsent_.size() - sent_);
    auto n = ::send(peer_.descriptor(), unsent_.data() + sent_, size, MSG_NOSIGNAL);
    BOOST_REQUIRE(n > 0 || errno == EAGAIN);
    sent_ += n > 0 ? static_cast<std::size_t>(n) : 0;
    if (sent_ == unsent_.size())
      unsent_.clear();
  }

  void receive_some() {
    auto n = ::recv(peer_.descriptor(), bytes_, bite(), 0);
    if (n < 0 && errno == EAGAIN)
      return;
    BOOST_REQUIRE_GT(n, 0);
    received_.append(bytes_, static_cast<std::size_t>(n));
    while (verify_frame()) {
    }
  }

  /// Takes one complete frame from what was received. False when there is none.
  bool verify_frame() {
    if (received_.size() < 2)
      return false;
    std::size_t size = received_[1] & 0x7f, header = size < 126 ? 2 : size == 126 ? 4 : 10;
    if (received_.size() < header)
      return false;
    if (header > 2)
      size = 0;
    for (std::size_t i = 2; i < header; ++i)
      size = size << 8 | static_cast<unsigned char>(received_[i]);
    if (received_.size() < header + size)
      return false;
    auto first = static_cast<unsigned char>(received_[0]);
    std::string_view payload{received_.data() + header, size};
    if (first == 0x8a) {
      BOOST_REQUIRE(payload == "between");
    } else {
      BOOST_REQUIRE(!expected_.empty());
      auto& awaited = expected_.front();
      BOOST_REQUIRE_EQUAL(first, awaited.is_text ? 0x81 : 0x82);
      BOOST_REQUIRE_EQUAL(size, awaited.payload.size());
      BOOST_REQUIRE(payload == awaited.payload);
      expected_.pop_front();
    }
    received_.erase(0, header + size);
    return true;
  }

  witness peer_;
  random_source random_;
  std::deque<message> expected_;
  std::string unsent_, received_;
  std::size_t sent_ = 0;
  char bytes_[64 * 1024];
};

} // namespace holdfast::transport::test
