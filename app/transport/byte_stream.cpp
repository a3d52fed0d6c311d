#include "app/transport/byte_stream.hpp"

#include <cerrno>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace holdfast::transport {

namespace {

/// Reads of one connection before others get their turn.
constexpr int reads_in_a_row = 4;

int pending_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error != 0 ? error : ECONNRESET;
}

} // namespace

byte_stream::~byte_stream() {
  if (is_open())
    ::close(descriptor());
}

bool byte_stream::open_stream(event_loop& loop, int fd) {
  // Waiting for EPOLLOUT costs nothing: its edge needs a send buffer that was full.
  if (!loop.watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this)) {
    auto error = errno;
    ::close(fd);
    errno = error;
    return false;
  }
  open_outbound(loop, fd);
  loop.adopt(shared_from_this());
  return true;
}

void byte_stream::set_intake(intake to) {
  intake_ = to;
  if (to == intake::discard)
    stash_.reset();
  if (to != intake::off && (readable_ || stash_) && !reading_ && is_open())
    ask_turn();
}

void byte_stream::half_close() {
  ::shutdown(descriptor(), SHUT_WR);
}

std::uint64_t byte_stream::unconfirmed() const {
  int bytes = 0;
  if (!is_open() || ::ioctl(descriptor(), SIOCOUTQ, &bytes) != 0 || bytes < 0)
    return 0;
  return static_cast<std::uint64_t>(bytes);
}

void byte_stream::close_stream(bool reset) {
  if (!is_open())
    return;
  if (reset) {
    linger at_once{1, 0};
    ::setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  } else if (readable_) {
    // Closing with unread bytes would reset the connection, and our last frame with it.
    auto& buffers = loop().buffers();
    for (int i = 0; i < reads_in_a_row; ++i) {
      if (::recv(descriptor(), buffers.receive.get(), stream_buffers::size, MSG_DONTWAIT) <= 0)
        break;
    }
  }
  ::close(descriptor());
  forget_descriptor();
  intake_ = intake::off;
  stash_.reset();
  loop().release(*this);
}

void byte_stream::on_ready(std::uint32_t bits) {
  if (!is_open())
    return;
  if ((bits & EPOLLOUT) != 0 && queue_waits())
    write_queue();
  if (!is_open() || (bits & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0)
    return;
  readable_ = true;
  hung_up_ = hung_up_ || (bits & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (intake_ != intake::off) {
    if (!turn_asked_) // else others come first
      read_some();
  } else if ((bits & (EPOLLHUP | EPOLLERR)) != 0) {
    end_stream(pending_error(descriptor())); // reset: nobody is left to wait for
  }
}

void byte_stream::ask_turn() {
  if (turn_asked_)
    return;
  turn_asked_ = true;
  loop().turn_later(*this);
}

void byte_stream::on_turn() {
  turn_asked_ = false;
  read_some();
}

void byte_stream::on_later() {
  if (!is_open() || write_error() == 0)
    return;
  // The peer's close frame may have come before whatever broke our write.
  readable_ = hung_up_ = true;
  if (intake_ == intake::off)
    end_stream(write_error());
  else
    read_some();
}

void byte_stream::on_write_failed() {
  loop().later(*this);
}

void byte_stream::read_some() {
  if (reading_)
    return;
  reading_ = true;
  int reads = 0;
  while (is_open() && intake_ != intake::off && (stash_ || readable_)) {
    if (reads++ == reads_in_a_row) {
      ask_turn();
      break;
    }
    if (stash_)
      feed_stash();
    else if (!receive())
      break;
  }
  reading_ = false;
}

/// Reads once. False when there was nothing.
bool byte_stream::receive() {
  auto* buffer = loop().buffers().receive.get();
  auto n = ::recv(descriptor(), buffer, stream_buffers::size, MSG_DONTWAIT);
  if (n > 0) {
    auto size = static_cast<std::size_t>(n);
    // A short read took everything; what comes later makes a new edge.
    if (size < stream_buffers::size && !hung_up_)
      readable_ = false;
    if (intake_ == intake::on)
      feed(buffer, size);
    return true;
  }
  if (n < 0 && errno == EINTR)
    return true;
  readable_ = false;
  if (n < 0 && errno == EAGAIN) {
    if (write_error() != 0)
      end_stream(write_error());
  } else {
    end_stream(n == 0 ? write_error() : errno);
  }
  return false;
}

void byte_stream::feed(char* data, std::size_t size) {
  cork();
  auto used = on_received(data, size);
  uncork();
  if (used < size && is_open() && intake_ != intake::discard)
    stash_ = std::make_unique<stash>(stash{{data + used, size - used}, 0});
}

void byte_stream::feed_stash() {
  // Held here, because closing or discarding drops it while it is being used.
  auto kept = std::move(stash_);
  cork();
  kept->used += on_received(kept->bytes.data() + kept->used, kept->bytes.size() - kept->used);
  uncork();
  if (kept->used < kept->bytes.size() && is_open() && intake_ != intake::discard)
    stash_ = std::move(kept);
}

void byte_stream::end_stream(int error) {
  intake_ = intake::off;
  over_ = true;
  stash_.reset();
  on_stream_ended(error);
}

} // namespace holdfast::transport
