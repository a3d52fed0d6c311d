// A feeder: an actor that belongs to no connection and tells whoever has subscribed to `job:NAME`
// how far a job is. What does the job is a plain CAF actor that knows nothing of Holdfast.
//
//   holdfast actors spawn job --name render --arg steps=200 --arg ms=250
#include "actors/handler.hpp"
#include "app/run.hpp"

#include <caf/all.hpp>

#include <charconv>
#include <stdexcept>

using namespace holdfast;

namespace {

using step = caf::atom_constant<caf::atom("step")>;
using progress = caf::atom_constant<caf::atom("progress")>;

/// Says (progress, steps done) to `listener` after each step, and ends after the last one.
caf::behavior worker(caf::event_based_actor* self, const caf::actor& listener, int steps,
                     std::chrono::milliseconds a_step) {
  self->delayed_send(self, a_step, step::value, 1);
  return {
    [=](step, int done) {
      self->send(listener, progress::value, done);
      if (done == steps)
        self->quit();
      else
        self->delayed_send(self, a_step, step::value, done + 1);
    },
  };
}

int number(const texts& arguments, const std::string& key, int otherwise, int most) {
  auto found = arguments.find(key);
  if (found == arguments.end())
    return otherwise;
  int value = 0;
  auto& text = found->second;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > most)
    throw std::invalid_argument{key + " is a number from 1 to " + std::to_string(most)};
  return value;
}

actor_start job(const texts& arguments) {
  auto steps = number(arguments, "steps", 10, 100'000);
  auto ms = number(arguments, "ms", 1000, 60'000);
  return [=](caf::event_based_actor* self, actor_context& around) -> caf::behavior {
    auto& finished = around.node().count("jobs_finished_total", "Jobs that came to their end");
    self->spawn<caf::linked>(worker, caf::actor{self}, steps, std::chrono::milliseconds{ms});
    return {
      [=, &around, &finished](progress, int done) {
        around.node().publish("job:" + around.name(), payload_kind::json,
                              R"({"done":)" + std::to_string(done) + R"(,"of":)"
                                + std::to_string(steps) + "}");
        around.show("done", std::to_string(done) + " of " + std::to_string(steps));
        if (done < steps)
          return;
        ++finished;
        self->quit();
      },
    };
  };
}

} // namespace

int main(int argc, char** argv) {
  node_extensions types;
  types.actors["job"] = {job, "works, and publishes how far it is to job:NAME", {"steps", "ms"}};
  return run(argc, argv, types);
}
