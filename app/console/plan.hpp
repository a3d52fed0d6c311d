// A command as a request to the admin API.
#pragma once

#include "app/console/api.hpp"
#include "app/console/asked.hpp"

namespace holdfast::console {

/// The request that carries the command out. For those without one of their own (`top`, `console`,
/// `completion`) an empty target.
request plan(const asked& what);

/// The request that finds out what a command would do, without doing it; an empty target when
/// nothing needs to be found out. Of `drain` it is the plan, of `zombies clean` a list.
request rehearsal(const asked& what);

/// The next page of `conns list`, at most `limit` more.
request next_page(const asked& what, std::string_view cursor, std::size_t limit);

/// Whether the answer is a stream of lines.
bool is_stream(const asked& what);

/// Whether the command changes something for many, so that it is asked for first.
bool hits_many(const asked& what);

} // namespace holdfast::console
