#include "app/last_words.hpp"

#include "app/exit_code.hpp"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <unistd.h>

namespace holdfast {

namespace {

/// Without the memory that a stream or the log would take.
void say(const char* text) {
  [[maybe_unused]] auto said = ::write(STDERR_FILENO, text, std::strlen(text));
}

/// A loop that was left in the middle of something has no state to go on with.
[[noreturn]] void end_now() noexcept {
  try {
    if (auto thrown = std::current_exception())
      std::rethrow_exception(thrown);
    say("holdfast: terminated without an exception; the node ends at once\n");
  } catch (const std::bad_alloc&) {
    say("holdfast: out of memory; the node ends at once. Give it more, or lower"
        " limits.max_queued_bytes or pool.max_total_connections\n");
    std::_Exit(to_int(exit_code::failed));
  } catch (const std::exception& e) {
    say("holdfast: ");
    say(e.what());
    say("; the node ends at once\n");
  } catch (...) {
    say("holdfast: an exception that is not a std::exception; the node ends at once\n");
  }
  std::abort();
}

} // namespace

void say_last_words() {
  std::set_terminate(end_now);
}

} // namespace holdfast
