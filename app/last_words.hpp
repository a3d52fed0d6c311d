// What a process says that cannot go on.
#pragma once

namespace holdfast {

/// From now on an exception that nobody catches, on whatever thread, ends the process with a line
/// on standard error: with exit code 1 when memory has run out, with SIGABRT when it is a defect.
/// Whoever catches more, such as the actors and the handlers of connections, is not affected.
void say_last_words();

} // namespace holdfast
