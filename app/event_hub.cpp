#include "app/event_hub.hpp"

#include <asio/post.hpp>

#include <algorithm>
#include <numeric>

namespace holdfast {

namespace {

event_record copy_of(log_level level, std::string_view event,
                     std::initializer_list<event_field> fields) {
  event_record record;
  record.when
    = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  record.level = level;
  record.name = event;
  record.fields.reserve(fields.size());
  for (auto& field : fields) {
    if (auto* number = std::get_if<std::int64_t>(&field.value))
      record.fields.emplace_back(field.key, *number);
    else
      record.fields.emplace_back(field.key, std::string{std::get<std::string_view>(field.value)});
  }
  return record;
}

} // namespace

void event_hub::offer(log_level level, std::string_view event,
                      std::initializer_list<event_field> fields) {
  auto record = copy_of(level, event, fields);
  {
    std::lock_guard<std::mutex> guard{mutex_};
    // It stays full until it is handed over with the counts: a gap is always behind what waits.
    if (waiting_.size() >= max_waiting) {
      ++dropped_[static_cast<std::size_t>(level)];
      return;
    }
    waiting_.push_back(std::move(record));
    if (std::exchange(posted_, true))
      return;
  }
  asio::post(io_, [this] { hand_over(); });
}

void event_hub::hand_over() {
  std::vector<event_record> records;
  counts dropped{};
  {
    std::lock_guard<std::mutex> guard{mutex_};
    records.swap(waiting_);
    std::swap(dropped, dropped_);
    posted_ = false;
  }
  for (auto& record : records) {
    auto level = record.level;
    tell(std::move(record), level);
  }
  tell_gap(dropped);
}

// A callback may end subscriptions, its own as well, and make new ones.
void event_hub::tell(const event_news& news, log_level level) {
  auto all = subscribers_;
  for (auto& who : all)
    if (!who->ended && level >= who->level)
      who->callback(news);
}

void event_hub::tell_gap(const counts& dropped) {
  auto all = subscribers_;
  for (auto& who : all) {
    auto first = dropped.begin() + static_cast<std::ptrdiff_t>(who->level);
    auto missed = std::accumulate(first, dropped.end(), std::uint64_t{0});
    if (!who->ended && missed > 0)
      who->callback(event_gap{missed});
  }
}

event_hub::subscription event_hub::subscribe(log_level level, event_callback callback) {
  auto who = std::make_shared<subscriber>(subscriber{level, std::move(callback), false});
  subscribers_.push_back(who);
  settle();
  return {this, std::move(who)};
}

void event_hub::subscription::end() {
  if (auto who = std::exchange(who_, nullptr))
    hub_->remove(who);
}

void event_hub::remove(const std::shared_ptr<subscriber>& who) {
  who->ended = true;
  subscribers_.erase(std::find(subscribers_.begin(), subscribers_.end(), who));
  settle();
}

/// Nobody hears what is above every level.
void event_hub::settle() {
  auto least = static_cast<std::uint8_t>(level_count);
  for (auto& who : subscribers_)
    least = std::min(least, static_cast<std::uint8_t>(who->level));
  least_heard_.store(least, std::memory_order_relaxed);
}

} // namespace holdfast
