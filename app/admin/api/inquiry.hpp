// Questions to several actors, one answer.
#pragma once

#include "app/admin/api/api.hpp"
#include "protocol/time.hpp"

#include <caf/all.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::admin {

/// How long an actor may take to answer; then the whole answer goes without it, and names it.
inline constexpr duration actor_patience = std::chrono::seconds{1};

/// Collects questions, then asks them all at once. Threads: the admin thread.
class inquiry {
public:
  /// Names of those that did not answer, in the order of the questions.
  using silent_list = std::vector<std::string>;

  /// `heard` is called with the answer, if there is one. `name` is what the actor is called where
  /// it does not answer, or is not there.
  template <class Answer, class Handle, class Question>
  void ask(std::string name, Handle actor, Question question, std::function<void(Answer&)> heard,
           duration patience = actor_patience) {
    questions_.push_back([name = std::move(name), actor = std::move(actor),
                          question = std::move(question), patience,
                          heard = std::move(heard)](caf::event_based_actor* self, round_ptr round) {
      if (!actor) {
        round->silent(name);
        return;
      }
      self->request(actor, patience, question)
        .then(
          [round, heard](Answer& answer) {
            heard(answer);
            round->one_less();
          },
          [round, name](const caf::error&) { round->silent(name); });
    });
  }

  /// Asks. `done` is called once, later.
  void run(const api_context& node, std::function<void(silent_list)> done) && {
    if (questions_.empty())
      questions_.push_back(
        [](caf::event_based_actor*, const round_ptr& round) { round->one_less(); });
    auto all = std::make_shared<round>();
    all->waiting = questions_.size();
    all->done = std::move(done);
    node.spawn([all, questions = std::move(questions_)](caf::event_based_actor* self) {
      for (auto& ask : questions)
        ask(self, all);
      return caf::behavior{};
    });
  }

private:
  struct round {
    std::size_t waiting = 0;
    silent_list names;
    std::function<void(silent_list)> done;

    void silent(const std::string& name) {
      names.push_back(name);
      one_less();
    }

    void one_less() {
      if (--waiting == 0)
        done(std::move(names));
    }
  };
  using round_ptr = std::shared_ptr<round>;

  std::vector<std::function<void(caf::event_based_actor*, round_ptr)>> questions_;
};

} // namespace holdfast::admin
