#include "actors/validation.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace holdfast {

namespace {

constexpr duration shard_patience = std::chrono::seconds{1};

/// How often the total is compared before a difference is believed.
constexpr unsigned most_comparisons = 3;

class validator : public std::enable_shared_from_this<validator> {
public:
  validator(caf::event_based_actor* self, services peers, health_limits limits,
            std::function<void(const validation_report&)> done)
    : self_{self},
      peers_{std::move(peers)},
      limits_{limits},
      done_{std::move(done)},
      books_(peers_.members.size()) {}

  void begin() {
    waiting_ = peers_.members.size();
    for (std::size_t i = 0; i < peers_.members.size(); ++i)
      look_at(i, 0);
    if (peers_.members.empty())
      done_(report_);
  }

private:
  /// Asks a member; `heard` gets the answer, and its silence is noted.
  template <class Answer, class Question, class F>
  void ask(std::size_t member, Question question, F heard) {
    self_->request(peers_.members[member], shard_patience, std::move(question))
      .then([me = shared_from_this(), heard](Answer& answer) { heard(answer); },
            [me = shared_from_this(), member](const caf::error&) {
              me->report_.silent.push_back("pool/" + std::to_string(member));
              me->one_less();
            });
  }

  void look_at(std::size_t member, slot_index from) {
    ask<validated_connections>(member, validate_connections{limits_, from},
                               [this, member](validated_connections& part) {
                                 add(part);
                                 if (part.done)
                                   check_books_at(member);
                                 else
                                   look_at(member, part.next);
                               });
  }

  void check_books_at(std::size_t member) {
    ask<shard_books>(member, check_books{}, [this, member](shard_books& books) {
      books_[member] = std::move(books);
      one_less();
    });
  }

  void add(validated_connections& part) {
    report_.checked += part.checked;
    report_.healthy += part.healthy;
    report_.problem_count += part.problems.size();
    for (std::size_t i = 0; i < part.by_state.size(); ++i)
      report_.by_state[i] += part.by_state[i];
    for (auto& problem : part.problems)
      if (report_.problems.size() < most_problems)
        report_.problems.push_back(std::move(problem));
  }

  void one_less() {
    if (--waiting_ > 0)
      return;
    if (report_.silent.empty())
      compare_total();
    else
      finish();
  }

  void compare_total() {
    self_->request(peers_.pool, shard_patience, get_pool{})
      .then([me = shared_from_this()](const pool_status& x) { me->total_known(x.connections); },
            [me = shared_from_this()](const caf::error&) {
              me->report_.silent.emplace_back("pool");
              me->finish();
            });
  }

  void total_known(std::uint64_t taken) {
    std::uint64_t places = 0;
    for (auto& books : books_)
      places += books.places;
    if (places != taken && ++comparisons_ < most_comparisons) {
      waiting_ = peers_.members.size();
      for (std::size_t i = 0; i < peers_.members.size(); ++i)
        check_books_at(i);
      return;
    }
    total_ = book_check{"places taken of the node's total", places == taken,
                        std::to_string(places)
                          + (places == taken ? "" : ", not " + std::to_string(taken))};
    total_compared_ = true;
    finish();
  }

  void finish() {
    for (std::size_t i = 0; i < books_.size(); ++i)
      for (auto& check : books_[i].checks) {
        check.check = "pool/" + std::to_string(i) + ": " + check.check;
        report_.books.push_back(std::move(check));
      }
    if (total_compared_)
      report_.books.push_back(std::move(total_));
    std::sort(report_.silent.begin(), report_.silent.end());
    done_(report_);
  }

  caf::event_based_actor* self_;
  services peers_;
  health_limits limits_;
  std::function<void(const validation_report&)> done_;
  std::vector<shard_books> books_; // by shard
  validation_report report_;
  book_check total_;
  bool total_compared_ = false;
  std::size_t waiting_ = 0;
  unsigned comparisons_ = 0;
};

} // namespace

caf::actor validate(host_unit& unit, services peers, health_limits limits,
                    std::function<void(const validation_report&)> done) {
  // It has no behaviour: it ends when no question of its own is open any more.
  return spawn_on(
    unit, probe_ptr{},
    [peers = std::move(peers), limits, done = std::move(done)](caf::event_based_actor* self) {
      std::make_shared<validator>(self, peers, limits, done)->begin();
    });
}

} // namespace holdfast
