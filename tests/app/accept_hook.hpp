// What the servers under test ask the kernel when they accept: counted, and the sockets changed.
#pragma once

#include <atomic>
#include <cstdint>

namespace holdfast::transport::test {

/// The test program's own accept() and accept4() stand before the system's, for all of it.
struct accept_hook {
  std::atomic<std::uint64_t> attempts{0};
  /// SO_SNDBUF and SO_RCVBUF of whatever is accepted, in bytes. 0: as the system has it.
  std::atomic<int> send_buffer{0};
  std::atomic<int> receive_buffer{0};
};

accept_hook& accepting();

/// Every socket that is accepted while it lives has these, in bytes.
struct buffers_of_the_server {
  explicit buffers_of_the_server(int send, int receive = 0) {
    accepting().send_buffer = send;
    accepting().receive_buffer = receive;
  }
  ~buffers_of_the_server() { accepting().send_buffer = accepting().receive_buffer = 0; }
};

} // namespace holdfast::transport::test
