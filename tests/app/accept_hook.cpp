#include "tests/app/accept_hook.hpp"

#include <cerrno>
#include <dlfcn.h>
#include <sys/socket.h>

namespace holdfast::transport::test {

accept_hook& accepting() {
  static accept_hook hook;
  return hook;
}

namespace {

template <class F>
F system_function(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

int note(int taken) {
  auto error = errno;
  auto& hook = accepting();
  ++hook.attempts;
  auto set = [taken](int option, int bytes) {
    if (taken >= 0 && bytes > 0)
      ::setsockopt(taken, SOL_SOCKET, option, &bytes, sizeof bytes);
  };
  set(SO_SNDBUF, hook.send_buffer);
  set(SO_RCVBUF, hook.receive_buffer);
  errno = error;
  return taken;
}

} // namespace

} // namespace holdfast::transport::test

extern "C" int accept(int fd, sockaddr* from, socklen_t* size) {
  using namespace holdfast::transport::test;
  static auto next = system_function<int (*)(int, sockaddr*, socklen_t*)>("accept");
  return note(next(fd, from, size));
}

extern "C" int accept4(int fd, sockaddr* from, socklen_t* size, int flags) {
  using namespace holdfast::transport::test;
  static auto next = system_function<int (*)(int, sockaddr*, socklen_t*, int)>("accept4");
  return note(next(fd, from, size, flags));
}
