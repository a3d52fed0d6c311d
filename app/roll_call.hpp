// Who has answered since the roll was called.
#pragma once

#include <cstddef>
#include <vector>

namespace holdfast {

/// Some are asked again and again whether they are alive. Nobody is asked a second time before he
/// has answered, so that the questions to one that hangs do not pile up; his answer counts whenever
/// it comes.
class roll_call {
public:
  explicit roll_call(std::size_t size) : entries_(size) {}

  /// Calls the roll: from now on everyone has to answer anew. Returns whom to ask.
  std::vector<std::size_t> begin() {
    std::vector<std::size_t> to_ask;
    missing_ = entries_.size();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      entries_[i].missing = true;
      if (!entries_[i].asked)
        to_ask.push_back(i);
      entries_[i].asked = true;
    }
    return to_ask;
  }

  /// True when this was the last answer of the roll.
  bool answered(std::size_t who) {
    entries_[who].asked = false;
    if (!entries_[who].missing)
      return false;
    entries_[who].missing = false;
    return --missing_ == 0;
  }

  /// Nobody waits for this answer any more: the next roll asks again.
  void given_up(std::size_t who) { entries_[who].asked = false; }

  /// Those who have not answered.
  std::vector<std::size_t> silent() const {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (entries_[i].missing)
        result.push_back(i);
    return result;
  }

private:
  struct entry {
    bool asked = false;   // and has not answered
    bool missing = false; // in this roll
  };

  std::vector<entry> entries_;
  std::size_t missing_ = 0;
};

} // namespace holdfast
