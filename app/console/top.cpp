#include "app/console/top.hpp"

#include "app/console/mishap.hpp"
#include "app/console/raw_screen.hpp"
#include "app/console/terminal.hpp"
#include "app/console/text.hpp"
#include "app/console/top_screen.hpp"
#include "app/units.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <ostream>

namespace holdfast::console {

namespace {

using std::chrono::steady_clock;

std::string clock_now() {
  auto now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%H:%M:%S", &parts)};
}

class follower {
public:
  follower(api& node, const std::string& address) : api_{node}, address_{address} {}

  void look(top_view& view) {
    facts_.trouble.clear();
    auto took = [&](json& into, const std::string& target) {
      if (facts_.trouble.empty())
        ask(into, target);
    };
    took(facts_.status, "/v1/status");
    took(facts_.pool, "/v1/pool");
    took(facts_.lively, "/v1/connections?sort=idle&limit=200");
    took(facts_.slowest, "/v1/connections?sort=-" + to_string(view.by) + "&limit=50");
    auto now = steady_clock::now();
    facts_.rates.look(list(facts_.lively, "items"),
                      std::chrono::duration<double>{now - looked_}.count());
    looked_ = now;
    view.clock = clock_now();
  }

  const top_facts& facts() const { return facts_; }

  /// Why the very first look has failed; empty: it has not.
  mishap first_trouble() const {
    return facts_.status.is_null() ? last_ : mishap{exit_code::ok, {}};
  }

private:
  void ask(json& into, const std::string& target) {
    auto answered = api_.ask({"GET", target, ""});
    if (auto* nothing = std::get_if<no_answer>(&answered))
      return fail(mishap_of(*nothing, address_));
    auto& whole = std::get<answer>(answered);
    if (whole.status != 200)
      return fail(mishap_of(whole, address_));
    if (auto value = parse_json(whole.body))
      into = std::move(*value);
    else
      fail(nonsense(address_));
  }

  void fail(mishap why) {
    last_ = std::move(why);
    facts_.trouble = last_.text;
  }

  api& api_;
  std::string address_;
  top_facts facts_;
  mishap last_;
  steady_clock::time_point looked_{};
};

void draw(raw_screen& on, const follower& of, top_view& view) {
  auto facts = this_terminal();
  view.height = facts.height;
  on.draw(top_screen(of.facts(), view, {facts.width, facts.colour, today(), false}));
}

/// False: leave.
bool obey(raw_screen::key pressed, top_view& view, bool& look_now) {
  using key = raw_screen::key;
  switch (pressed) {
  case key::quit:
  case key::ended: return false;
  case key::sort:
    view.by = next(view.by);
    look_now = true;
    return true;
  case key::pause:
    view.paused = !view.paused;
    look_now = !view.paused;
    return true;
  case key::help: view.help = !view.help; return true;
  case key::none:
  case key::resized:
  case key::other: return true;
  }
  return true;
}

} // namespace

exit_code top(const asked& what, api& node, const std::string& address, std::ostream& err) {
  auto terminal = this_terminal();
  if (!terminal.input || !terminal.output) {
    err << "holdfast: top needs a terminal; holdfast status --watch prints again and again\n";
    return exit_code::usage;
  }
  duration every = std::chrono::seconds{2};
  if (what.has("--every"))
    every = std::max<duration>(*parse_duration(what.value_of("--every")),
                               std::chrono::milliseconds{100});
  follower follows{node, address};
  top_view view;
  follows.look(view);
  if (auto trouble = follows.first_trouble(); trouble.code != exit_code::ok) {
    err << "holdfast: " << trouble.text << '\n';
    return trouble.code;
  }
  raw_screen screen;
  for (auto due = steady_clock::now() + every;;) {
    draw(screen, follows, view);
    auto left = due - steady_clock::now();
    auto look_now = false;
    if (!obey(screen.next_key(std::max<duration>(left, duration::zero())), view, look_now))
      return exit_code::ok;
    if (!look_now && (steady_clock::now() < due))
      continue;
    if (!view.paused || look_now)
      follows.look(view);
    due = steady_clock::now() + every;
  }
}

} // namespace holdfast::console
