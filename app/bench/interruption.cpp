#include "app/bench/interruption.hpp"

namespace holdfast::bench {

namespace {

volatile std::sig_atomic_t came = 0;

void write_down(int) {
  came = 1;
}

} // namespace

interruption::interruption() {
  came = 0;
  struct sigaction once {};
  once.sa_handler = write_down;
  once.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &once, &old_interrupt_);
  ::sigaction(SIGTERM, &once, &old_terminate_);
}

interruption::~interruption() {
  ::sigaction(SIGINT, &old_interrupt_, nullptr);
  ::sigaction(SIGTERM, &old_terminate_, nullptr);
}

bool interrupted() {
  return came != 0;
}

} // namespace holdfast::bench
