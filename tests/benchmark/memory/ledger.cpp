#include "tests/benchmark/memory/ledger.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>
#include <unordered_map>

namespace holdfast::budget {

namespace {

constexpr std::size_t depth = 14;
constexpr std::size_t capacity = 1 << 19; // live blocks; a power of two, half of it is used at most

struct entry {
  void* block = nullptr; // null: free; `erased`: was in use
  std::size_t size = 0;
  std::array<void*, depth> stack{};
};

char erased_marker;
void* const erased = &erased_marker;

std::atomic<bool> recording{false};
std::mutex mutex;
entry* entries = nullptr; // guarded by mutex
thread_local bool inside = false;

/// While it lives, its thread's own allocations are nobody's business.
struct unobserved {
  unobserved() { inside = true; }
  ~unobserved() { inside = false; }
};

std::size_t home_of(const void* block) {
  return (reinterpret_cast<std::uintptr_t>(block) >> 4) * 0x9e3779b97f4a7c15u % capacity;
}

void enter(void* block, std::size_t size) {
  if (inside || !recording.load(std::memory_order_relaxed))
    return;
  unobserved book_keeping;
  std::array<void*, depth> stack{};
  ::backtrace(stack.data(), depth);
  std::lock_guard<std::mutex> lock{mutex};
  auto at = home_of(block);
  for (std::size_t tries = 0; entries[at].block && entries[at].block != erased; ++tries) {
    if (tries == capacity / 2)
      std::abort(); // more blocks than anybody meant to look at
    at = (at + 1) % capacity;
  }
  entries[at] = {block, size, stack};
}

void leave(void* block) {
  if (inside || !block || !entries)
    return;
  std::lock_guard<std::mutex> lock{mutex};
  for (auto at = home_of(block); entries[at].block; at = (at + 1) % capacity)
    if (entries[at].block == block) {
      entries[at].block = erased;
      return;
    }
}

/// "holdfast::shard::accept" from its whole signature; empty where there is no symbol.
std::string function_at(void* address) {
  Dl_info found{};
  if (::dladdr(address, &found) == 0 || !found.dli_sname)
    return {};
  int status = 0;
  char* text = abi::__cxa_demangle(found.dli_sname, nullptr, nullptr, &status);
  std::string name = text ? text : found.dli_sname;
  std::free(text);
  return name;
}

/// Whoever stands between the allocation and the loop, without what only passes it on.
std::string owner_of(const entry& e, std::unordered_map<void*, std::string>& known) {
  for (auto* address : e.stack) {
    auto [at, is_new] = known.try_emplace(address);
    if (is_new && address)
      at->second = function_at(address);
    const auto& name = at->second;
    auto arguments = name.find('(');
    if (name.compare(0, 10, "holdfast::") == 0 && name.compare(0, 18, "holdfast::budget::") != 0)
      return name.substr(0, arguments);
  }
  return "elsewhere";
}

} // namespace

void start_ledger() {
  auto* memory = ::mmap(nullptr, capacity * sizeof(entry), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    std::abort();
  std::array<void*, 1> first{};
  ::backtrace(first.data(), 1); // loads libgcc, which allocates
  entries = static_cast<entry*>(memory);
  recording = true;
}

void stop_ledger() {
  recording = false;
}

std::vector<ledger_row> read_ledger() {
  unobserved book_keeping;
  std::lock_guard<std::mutex> lock{mutex};
  std::unordered_map<void*, std::string> known;
  std::map<std::pair<std::string, std::size_t>, ledger_row> sums;
  for (std::size_t i = 0; i < capacity; ++i) {
    const auto& e = entries[i];
    if (!e.block || e.block == erased)
      continue;
    auto who = owner_of(e, known);
    auto& row = sums.try_emplace({who, e.size}, ledger_row{who, e.size}).first->second;
    ++row.blocks;
    row.held += ::malloc_usable_size(e.block) + sizeof(std::size_t);
  }
  std::vector<ledger_row> rows;
  for (auto& [key, row] : sums)
    rows.push_back(row);
  std::sort(rows.begin(), rows.end(),
            [](const ledger_row& a, const ledger_row& b) { return a.held > b.held; });
  return rows;
}

} // namespace holdfast::budget

// ---- every allocation of this program

namespace {

void* allocate(std::size_t size, std::size_t alignment) {
  auto asked = std::max<std::size_t>(size, 1);
  void* block = alignment <= alignof(std::max_align_t)
                  ? std::malloc(asked)
                  : std::aligned_alloc(alignment, (asked + alignment - 1) / alignment * alignment);
  if (!block)
    throw std::bad_alloc{};
  holdfast::budget::enter(block, size);
  return block;
}

void release(void* block) {
  holdfast::budget::leave(block);
  std::free(block);
}

} // namespace

void* operator new(std::size_t size) {
  return allocate(size, 1);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t) noexcept {
  release(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  release(block);
}
