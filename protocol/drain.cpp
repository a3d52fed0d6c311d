#include "protocol/drain.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace holdfast {

namespace {

std::string counted(std::size_t n, std::string_view what) {
  auto text = std::to_string(n) + ' ';
  return text.append(what).append(n == 1 ? "" : "s");
}

} // namespace

std::string_view to_string(drain_phase x) {
  switch (x) {
  case drain_phase::serving: return "serving";
  case drain_phase::unready: return "unready";
  case drain_phase::stop_accepting: return "stop_accepting";
  case drain_phase::notify: return "notify";
  case drain_phase::draining: return "draining";
  case drain_phase::stop_heartbeats: return "stop_heartbeats";
  case drain_phase::force_close: return "force_close";
  case drain_phase::cleanup: return "cleanup";
  case drain_phase::finished: return "finished";
  }
  std::abort();
}

std::string_view to_string(drain_reason x) {
  switch (x) {
  case drain_reason::signal: return "signal";
  case drain_reason::admin: return "admin";
  case drain_reason::rollout: return "rollout";
  case drain_reason::failure: return "failure";
  }
  std::abort();
}

std::int64_t drain_ledger::unaccounted() const {
  return static_cast<std::int64_t>(connections - left - closed_in_slot - forced - aborted
                                   - otherwise);
}

drain_commands drain::start(time_point now, drain_request request) {
  drain_commands out;
  if (phase_ != drain_phase::serving)
    return out;
  ++number_;
  run_.request = std::move(request);
  run_.answers.resize(run_.request.shards);
  enter(now, drain_phase::unready, out);
  run_.deadline = now + run_.request.config.lb_grace;
  step(now, out);
  return out;
}

drain_commands drain::stopped_accepting(time_point now, const accepting_stopped& answer,
                                        std::size_t open) {
  if (phase_ != drain_phase::stop_accepting || answer.drain != number_
      || answer.shard >= run_.answers.size() || run_.answers[answer.shard])
    return {};
  run_.answers[answer.shard] = answer.population;
  return tick(now, open);
}

drain_commands drain::tick(time_point now, std::size_t open) {
  drain_commands out;
  run_.open = open;
  while (step(now, out)) {
    // Several phases can be over at once: nobody is connected, or the tick is late.
  }
  return out;
}

drain_commands drain::force(time_point now, std::size_t open) {
  drain_commands out;
  if (phase_ == drain_phase::serving || phase_ >= drain_phase::force_close)
    return out;
  if (phase_ == drain_phase::unready)
    enter_stop_accepting(now, out);
  run_.open = open;
  enter_stop_heartbeats(now, out);
  enter_force_close(now, out);
  while (step(now, out)) {
    // As in tick(): perhaps nobody is left.
  }
  return out;
}

drain_commands drain::cancel(time_point now) {
  drain_commands out;
  if (phase_ == drain_phase::serving || phase_ >= drain_phase::force_close)
    return out;
  out.push_back(resume_serving{});
  enter(now, drain_phase::serving, out);
  run_ = attempt{};
  return out;
}

drain_commands drain::cleanup_done(time_point now) {
  drain_commands out;
  if (phase_ == drain_phase::cleanup)
    enter_finished(now, out);
  return out;
}

drain_status drain::status(time_point now) const {
  drain_status result;
  result.drain = number_;
  result.reason = run_.request.reason;
  result.phase = phase_;
  if (number_ > 0)
    result.age = now - entered_;
  if (run_.t)
    result.t = now - *run_.t;
  if (run_.deadline)
    result.left = std::max(*run_.deadline - now, duration::zero());
  result.planned_end = run_.planned_end;
  result.waiting_for = waiting_for();
  return result;
}

std::size_t drain::missing_answers() const {
  return static_cast<std::size_t>(
    std::count(run_.answers.begin(), run_.answers.end(), std::nullopt));
}

std::string drain::waiting_for() const {
  switch (phase_) {
  case drain_phase::serving:
  case drain_phase::notify:
  case drain_phase::stop_heartbeats:
  case drain_phase::finished: return {};
  case drain_phase::unready: return "the load balancer to notice";
  case drain_phase::stop_accepting:
    return counted(missing_answers(), "shard") + " to stop accepting";
  case drain_phase::draining: return counted(run_.open, "connection") + " to leave";
  case drain_phase::force_close:
    return counted(run_.open, run_.aborted ? "aborted connection" : "connection") + " to end";
  case drain_phase::cleanup: return "cleanup callbacks";
  }
  std::abort();
}

void drain::enter(time_point now, drain_phase phase, drain_commands& out) {
  phase_ = phase;
  entered_ = now;
  run_.deadline.reset();
  out.push_back(enter_phase{phase});
}

void drain::enter_stop_accepting(time_point now, drain_commands& out) {
  enter(now, drain_phase::stop_accepting, out);
  run_.t = now;
  run_.deadline = now + std::min(stop_accepting_limit, drain_deadline(run_.request.config));
  out.push_back(stop_accepting{number_});
}

// Through `notify`, which takes no time of its own.
void drain::enter_draining(time_point now, drain_commands& out) {
  auto& request = run_.request;
  std::vector<drain_population> shards;
  drain_plan_input input{request.config,  close_timeout_, {},
                         request.targets, request.seed,   now - *run_.t};
  for (auto& answer : run_.answers) {
    shards.push_back(answer.value_or(drain_population{}));
    if (!request.config.notify_clients)
      shards.back().plain += std::exchange(shards.back().leased, 0);
    input.population += shards.back();
  }
  begin_leaving command{plan_drain(input), drain_shares(shards)};
  run_.planned_end = input.spent + command.plan.planned_end;
  enter(now, drain_phase::notify, out);
  out.push_back(std::move(command));
  enter(now, drain_phase::draining, out);
  run_.deadline = *run_.t + drain_deadline(request.config);
}

void drain::enter_stop_heartbeats(time_point now, drain_commands& out) {
  enter(now, drain_phase::stop_heartbeats, out);
  out.push_back(stop_heartbeats{});
}

void drain::enter_force_close(time_point now, drain_commands& out) {
  enter(now, drain_phase::force_close, out);
  run_.deadline = *run_.t + run_.request.config.force_close_timeout;
  out.push_back(force_close_all{});
}

void drain::abort_stragglers(time_point now, drain_commands& out) {
  run_.aborted = true;
  run_.deadline = now + abort_limit;
  out.push_back(abort_all{});
}

void drain::enter_cleanup(time_point now, drain_commands& out) {
  enter(now, drain_phase::cleanup, out);
  run_.deadline = now + run_.request.config.cleanup_timeout + cleanup_slack;
  out.push_back(run_cleanup{});
}

void drain::enter_finished(time_point now, drain_commands& out) {
  enter(now, drain_phase::finished, out);
  out.push_back(finish{});
}

// At most one change; returns whether there was one.
bool drain::step(time_point now, drain_commands& out) {
  auto due = run_.deadline && now >= *run_.deadline;
  switch (phase_) {
  case drain_phase::serving:
  case drain_phase::notify:
  case drain_phase::finished: return false;
  case drain_phase::unready:
    if (due)
      enter_stop_accepting(now, out);
    return due;
  case drain_phase::stop_accepting:
    if (!due && missing_answers() > 0)
      return false;
    enter_draining(now, out);
    return true;
  case drain_phase::draining:
    if (!due && run_.open > 0)
      return false;
    enter_stop_heartbeats(now, out);
    return true;
  case drain_phase::stop_heartbeats:
    if (run_.open > 0)
      enter_force_close(now, out);
    else
      enter_cleanup(now, out);
    return true;
  case drain_phase::force_close:
    if (!due && run_.open > 0)
      return false;
    if (run_.open == 0 || run_.aborted)
      enter_cleanup(now, out);
    else
      abort_stragglers(now, out);
    return true;
  case drain_phase::cleanup:
    if (due)
      enter_finished(now, out);
    return due;
  }
  std::abort();
}

} // namespace holdfast
