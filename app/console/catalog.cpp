#include "app/console/catalog.hpp"

#include "app/console/catalog_options.hpp"
#include "app/console/listing.hpp"

#include <algorithm>

namespace holdfast::console {

namespace {

using specs = std::vector<command_spec>;

const argument_spec a_connection{"ID", value::connection, "A connection's id"};

void add_overview(specs& to) {
  to.push_back({verb::status, "status", "The node at a glance", {}, screen(), {"status --watch"}});
  to.push_back({verb::pool,
                "pool",
                "Places, limits, users near their limit",
                {},
                screen(),
                {"pool", "pool --json"}});
  to.push_back(
    {verb::health,
     "health",
     "Whether the node, or a connection, is well",
     {{"ID", value::connection, "Of this connection", false}},
     screen({{"--validate", value::none, "", "Check every connection and the books now"}}),
     {"health", "health a-7-8f21", "health --validate"},
     "Ends with 6 if something is not well."});
  to.push_back({verb::stats, "stats", "All counters", {}, screen(), {"stats --json"}});
}

void add_connections(specs& to) {
  to.push_back(
    {verb::conns_list,
     "conns list",
     "Connections, as a table",
     {},
     selectors() + listing_of(verb::conns_list) + sorting(connection_orders()) + everything(),
     {"conns list --state suspect --sort -rtt", "conns list --queue-gt 64KiB",
      "conns list --all --json"},
     "With --all and --json it prints one object a line."});
  to.push_back({verb::conns_show,
                "conns show",
                "One connection, with its history",
                {a_connection},
                screen(),
                {"conns show a-7-8f21"}});
  to.push_back({verb::conns_health,
                "conns health",
                "Whether one connection is well",
                {a_connection},
                screen(),
                {"conns health a-7-8f21"},
                "Ends with 6 if it is not."});
  to.push_back({verb::conns_kick,
                "conns kick",
                "Close connections",
                {{"ID", value::connection, "These", false, true}},
                kicking(),
                {"conns kick a-7-8f21", "conns kick --user u42 --dry-run",
                 "conns kick --addr 203.0.113.0/24 --rate 50 --yes"},
                "Asks before it closes more than one, unless --yes is given."});
  to.push_back({verb::conns_trace,
                "conns trace",
                "What happens to connections, as it happens",
                {{"ID", value::connection, "Of these", false, true}},
                selectors() + tracing() + streamed(),
                {"conns trace --user u42", "conns trace a-7-8f21 --for 1m --json"},
                "Ends by itself after 100 events or 10 s, unless told otherwise."});
  to.push_back({verb::conns_top,
                "conns top",
                "The connections that stand out",
                {},
                selectors() + topping() + listing_of(verb::conns_top),
                {"conns top", "conns top --by rtt --limit 5"}});
  to.push_back(
    {verb::closed,
     "closed",
     "Receipts of closed connections, newest first",
     {},
     receipts() + listing_of(verb::closed),
     {"closed --user u42 --limit 1", "closed --cause slow_consumer", "closed --id a-7-8f21"},
     "Times are in UTC, as in the log. With --id the history is shown too."});
  to.push_back({verb::users,
                "users",
                "Users by their connections",
                {},
                users() + listing_of(verb::users),
                {"users --limit 10", "users --near"}});
  to.push_back({verb::zombies_list,
                "zombies list",
                "Connections that have stopped answering",
                {},
                listing_of(verb::zombies_list) + sorting(connection_orders()),
                {"zombies"}});
  to.push_back({verb::zombies_clean,
                "zombies clean",
                "Close them",
                {},
                changing() + screen(),
                {"zombies clean --dry-run", "zombies clean --yes"},
                "Asks before it closes more than one, unless --yes is given."});
}

void add_actors(specs& to) {
  to.push_back({verb::actors_list,
                "actors list",
                "The permanent actors, as a table",
                {},
                of_kind() + listing_of(verb::actors_list) + sorting(actor_orders()),
                {"actors list --sort -mailbox"}});
  to.push_back({verb::actors_tree,
                "actors tree",
                "Who looks after whom",
                {},
                drawn(),
                {"actors tree", "actors tree -o dot | dot -Tsvg > tree.svg"}});
  to.push_back({verb::actors_show,
                "actors show",
                "One actor, with what it publishes",
                {{"NAME", value::actor, "Such as pool/0"}},
                screen(),
                {"actors show heartbeat/0"}});
  to.push_back({verb::actors_spawn,
                "actors spawn",
                "Start an actor of a type that the node knows",
                {{"TYPE", value::text, "Such as ticker"}},
                spawning() + answered(),
                {"actors spawn ticker --name clock --arg topic=time --arg ms=1000"},
                "An unknown type or argument is answered with those that there are."});
  to.push_back({verb::actors_stop,
                "actors stop",
                "Stop one that was spawned",
                {{"NAME", value::actor, "As it was named"}},
                answered(),
                {"actors stop clock"}});
  to.push_back({verb::actors_tree, "tree", "The same as actors tree", {}, drawn(), {"tree"}});
}

void add_messages(specs& to) {
  to.push_back({verb::send,
                "send",
                "Send a message to clients",
                {{"MESSAGE", value::text, "What to send"}},
                sending() + answered(),
                {"send --user u42 hello", "send --everyone --data [1,2]"},
                "Says how many connections it has reached."});
  to.push_back(
    {verb::publish,
     "publish",
     "Send a message to the subscribers of a topic",
     {{"TOPIC", value::text, "Of 1 to 256 bytes"}, {"MESSAGE", value::text, "What to send"}},
     publishing() + answered(),
     {"publish news hello"}});
}

void add_drain(specs& to) {
  to.push_back({verb::drain,
                "drain",
                "Let everyone go and end the node",
                {},
                draining(),
                {"drain --plan", "drain --reconnect-rate 200 --yes"},
                "Asks before, unless --yes is given."});
  to.push_back(
    {verb::drain_status, "drain status", "How far it is", {}, screen(), {"drain status --watch"}});
  to.push_back({verb::drain_cancel,
                "drain cancel",
                "Serve again, while nobody is closed by force",
                {},
                answered(),
                {"drain cancel"}});
}

void add_rest(specs& to) {
  to.push_back({verb::top,
                "top",
                "A screen that follows the node",
                {},
                refreshed(),
                {"top", "top --every 5s"},
                "Keys: q leaves, s sorts by something else, p or the arrows pause, h helps."});
  to.push_back({verb::alerts,
                "alerts",
                "What is judged, and what is wrong",
                {},
                checked() + listing_of(verb::alerts),
                {"alerts", "alerts --check"}});
  to.push_back({verb::events,
                "events",
                "What the log says, as it says it",
                {},
                levelled() + streamed(),
                {"events", "events --level warn --json"},
                "Goes on until Ctrl-C."});
  to.push_back({verb::reload,
                "reload",
                "Read the configuration and the keys again",
                {},
                answered(),
                {"reload"},
                "Ends with 1 if something was wrong; then nothing was taken."});
  to.push_back({verb::console,
                "console",
                "Type commands, with history and completion",
                {},
                {},
                {"console", "console < commands.txt"},
                "Without a terminal it reads commands from standard input and stops at the first "
                "that fails."});
  to.push_back(
    {verb::completion,
     "completion",
     "Print what a shell needs to complete commands",
     {{"SHELL", value::choice, "bash, zsh or fish", true, false, {"bash", "zsh", "fish"}}},
     {},
     {"completion bash > ~/.local/share/bash-completion/completions/holdfast",
      "completion zsh > ~/.zfunc/_holdfast",
      "completion fish > ~/.config/fish/completions/holdfast.fish"}});
}

} // namespace

const std::vector<command_spec>& catalog() {
  static const auto all = [] {
    specs made;
    add_overview(made);
    add_connections(made);
    add_actors(made);
    add_messages(made);
    add_drain(made);
    add_rest(made);
    return made;
  }();
  return all;
}

const command_spec* find_command(std::string_view first, std::string_view second) {
  auto wanted = std::string{first} + (second.empty() ? "" : " " + std::string{second});
  for (auto& each : catalog())
    if (each.words == wanted)
      return &each;
  if (second.empty())
    for (auto& each : catalog())
      if (each.words.compare(0, first.size() + 1, wanted + " ") == 0)
        return &each;
  return nullptr;
}

std::vector<std::string> first_words() {
  std::vector<std::string> words;
  for (auto& each : catalog()) {
    auto word = each.words.substr(0, each.words.find(' '));
    if (std::find(words.begin(), words.end(), word) == words.end())
      words.push_back(word);
  }
  return words;
}

std::vector<std::string> second_words(std::string_view first) {
  std::vector<std::string> words;
  for (auto& each : catalog()) {
    auto space = each.words.find(' ');
    if (space != std::string::npos && std::string_view{each.words}.substr(0, space) == first)
      words.push_back(each.words.substr(space + 1));
  }
  return words;
}

bool is_console_word(std::string_view word) {
  return !word.empty() && word.find(' ') == std::string_view::npos && find_command(word) != nullptr;
}

const option_spec* find_option(const command_spec& of, std::string_view name) {
  auto named = [&](const option_spec& each) { return each.name == name; };
  auto found = std::find_if(of.options.begin(), of.options.end(), named);
  if (found != of.options.end())
    return &*found;
  auto node = std::find_if(node_options().begin(), node_options().end(), named);
  return node == node_options().end() ? nullptr : &*node;
}

} // namespace holdfast::console
