#include "app/bench/verdict.hpp"

#include "app/bench/figures.hpp"
#include "protocol/close_code.hpp"

namespace holdfast::bench {

namespace {

std::string causes(const tally& counts) {
  std::string text;
  for (auto& [cause, count] : counts)
    text += (text.empty() ? ": " : ", ") + with_thousands(count) + " x " + cause;
  return text;
}

} // namespace

void drop_count::add(const client& c) {
  if (c.close_begun)
    return;
  ++total_;
  auto name = to_string(static_cast<close_code>(c.close_code));
  ++by_cause_[c.close_heard ? std::to_string(c.close_code) + " " + std::string{name}
                            : "no close frame"];
}

void verdict::none(std::uint64_t count, const std::string& noun, const std::string& did) {
  if (count != 0)
    into_.failures.push_back(counted(count, noun) + " " + did);
}

void verdict::demand(bool held, const std::string& otherwise) {
  if (!held)
    into_.failures.push_back(otherwise);
}

void verdict::no_drops(const drop_count& drops) {
  none(drops.total(), "connection", "ended unasked" + causes(drops.by_cause()));
}

void verdict::whole_fleet(const fleet& all) {
  into_.opened = all.opened();
  into_.refused = all.refusals();
  std::uint64_t refused = 0;
  for (auto& [why, count] : into_.refused)
    refused += count;
  none(refused, "connection", "could not be opened" + causes(into_.refused));
  none(all.garbled(), "connection", "got what is no WebSocket");
}

void verdict::closes(fleet& all) {
  none(all.close_all(), "close", "got no answer");
}

} // namespace holdfast::bench
