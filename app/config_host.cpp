#include "app/config.hpp"

#include <algorithm>
#include <array>
#include <sched.h>
#include <thread>
#include <unistd.h>

namespace holdfast {

namespace {

std::size_t cores_of_this_process() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) > 0)
    return static_cast<std::size_t>(CPU_COUNT(&allowed));
  // More than 1024 of them do not fit into the set.
  return std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
}

} // namespace

host_facts this_host() {
  host_facts facts;
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) == 0 && name.front() != '\0')
    facts.name = name.data();
  facts.cores = cores_of_this_process();
  facts.uid = ::geteuid();
  return facts;
}

} // namespace holdfast
