#include "app/console/catalog_options.hpp"

#include "app/console/listing.hpp"
#include "protocol/lifecycle.hpp"

#include <utility>

namespace holdfast::console {

namespace {

option_spec flag(std::string name, std::string about) {
  return {std::move(name), value::none, "", std::move(about)};
}

std::vector<std::string> states() {
  return {"handshaking", "open", "suspect", "zombie", "closing"};
}

std::vector<std::string> causes() {
  std::vector<std::string> names;
  for (std::size_t i = 1; i < cause_count; ++i)
    names.emplace_back(to_string(static_cast<cause>(i)));
  return names;
}

option_spec limit(std::string about) {
  return {"--limit", value::number, "N", std::move(about), "limit"};
}

} // namespace

option_list operator+(option_list a, const option_list& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const std::vector<option_spec>& node_options() {
  static const option_list all{
    {"--socket", value::file, "PATH", "The node that listens on this socket"},
    {"--run-dir", value::file, "DIR", "The node with this node.run_dir"},
    {"--url", value::text, "URL", "The node at http://HOST:PORT"},
    {"--token-file", value::file, "FILE", "What the node at --url wants to see, in a file"},
    {"--timeout", value::time, "TIME", "How long an answer is waited for [5s]"},
  };
  return all;
}

option_list selectors() {
  return {
    {"--id", value::connection, "ID", "Only this connection; may be repeated", "id", {}, true},
    {"--user", value::user, "USER", "Only of this user; may be repeated", "user", {}, true},
    {"--addr", value::text, "ADDRESS", "Only from there; 203.0.113.0/24 is a range", "addr"},
    {"--route", value::text, "PATH", "Only on this route", "route"},
    {"--state", value::choice, "STATE", "Only in this state", "state", states()},
    {"--idle-gt", value::time, "TIME", "Only without a message for longer", "idle_gt"},
    {"--age-gt", value::time, "TIME", "Only older ones", "age_gt"},
    {"--rtt-gt", value::time, "TIME", "Only with a longer round trip", "rtt_gt"},
    {"--queue-gt", value::size, "SIZE", "Only with more waiting to be sent", "queue_gt"},
    {"--topic", value::text, "TOPIC", "Only subscribers of this topic", "topic"},
    {"--node", value::text, "NAME", "Only on this node", "node"},
  };
}

option_list answered() {
  return {flag("--json", "The API's answer instead of a screen")};
}

option_list screen(option_list own) {
  return std::move(own) + answered()
         + option_list{{"--watch", value::interval, "=TIME", "Again every two seconds, or TIME"}};
}

option_list streamed() {
  return {flag("--json", "One JSON object a line")};
}

option_list listing_of(verb what) {
  return screen({
    {"--columns", value::choices, "A,B", "Only these columns, or others than usual", "",
     column_names(what)},
    {"--fields", value::text, "A,B", "Only these fields of each object, as JSON"},
  });
}

option_list sorting(std::vector<std::string> by) {
  auto both = by;
  for (auto& each : by)
    both.push_back("-" + each);
  return {{"--sort", value::choice, "KEY", "By what; -KEY: the largest first", "sort", both}};
}

option_list everything() {
  return {limit("So many at most [100]"),
          flag("--all", "All of them"),
          {"--cursor", value::text, "NEXT", "Go on where an answer's \"next\" says", "cursor"}};
}

option_list changing() {
  return {flag("--yes", "Do not ask"), flag("--dry-run", "Say what would be done, and do nothing")};
}

option_list kicking() {
  return selectors()
         + option_list{
           {"--all", value::none, "", "Everyone", "all"},
           {"--rate", value::number, "N", "So many a second [500]", "rate"},
           limit("Not more than these"),
           {"--code", value::number, "CODE", "Close code [4503]", "code"},
           {"--reason", value::text, "TEXT", "Sent to the client; at most 123 bytes", "reason"},
         }
         + changing() + answered();
}

option_list spawning() {
  return {{"--name", value::text, "NAME", "How it is called [TYPE]", "name"},
          {"--arg", value::pair, "KEY=VALUE", "What it is started with", "arguments", {}, true}};
}

option_list sending() {
  return {{"--user", value::user, "USER", "To every connection of this user", "user"},
          {"--id", value::connection, "ID", "To this connection", "id"},
          {"--everyone", value::none, "", "To every connection", "everyone"},
          flag("--data", "The message is JSON, not a text")};
}

option_list publishing() {
  return {{"--from", value::user, "USER", "Whom subscribers see as the sender", "from"},
          flag("--data", "The message is JSON, not a text")};
}

option_list tracing() {
  return {limit("End after so many events [100]"),
          {"--for", value::time, "TIME", "End after this time [10s]", "for"}};
}

option_list topping() {
  return {{"--by",
           value::choice,
           "KEY",
           "What makes it stand out [queue]",
           "",
           {"queue", "rtt", "idle", "age"}},
          limit("So many [10]")};
}

option_list receipts() {
  return {
    {"--id", value::text, "ID", "Only of this connection", "id"},
    {"--user", value::user, "USER", "Only of this user", "user"},
    {"--addr", value::text, "ADDRESS", "Only from there; 203.0.113.0/24 is a range", "addr"},
    {"--route", value::text, "PATH", "Only on this route", "route"},
    {"--cause", value::choice, "CAUSE", "Only for this cause", "cause", causes()},
    {"--code", value::number, "CODE", "Only with this close code", "code"},
    limit("So many at most"),
    {"--cursor", value::text, "NEXT", "Go on where an answer's \"next\" says", "cursor"},
  };
}

option_list users() {
  return {flag("--near", "Only those above 80 % of their limit"), limit("So many at most")};
}

option_list of_kind() {
  return {{"--kind", value::text, "KIND", "Only of this kind, such as pool", "kind"}};
}

option_list drawn() {
  return {{"-o", value::choice, "FORMAT", "text, json or dot [text]", "", {"text", "json", "dot"}},
          {"--watch", value::interval, "=TIME", "Again every two seconds, or TIME"}};
}

option_list draining() {
  return option_list{
           flag("--plan", "Say what would happen, and do nothing"),
           {"--lb-grace", value::time, "TIME", "Unready for so long first", "lb_grace_ms"},
           {"--reconnect-rate", value::number, "N", "Arrivals a second elsewhere",
            "reconnect_rate"},
           {"--drain-timeout", value::time, "TIME", "Until clients are closed by force",
            "timeout_ms"},
         }
         + changing() + answered();
}

option_list refreshed() {
  return {{"--every", value::time, "TIME", "Drawn anew so often [2s]"}};
}

option_list checked() {
  return {flag("--check", "End with 6 if one is active")};
}

option_list levelled() {
  return {{"--level",
           value::choice,
           "LEVEL",
           "This and worse [info]",
           "level",
           {"debug", "info", "warn", "error"}}};
}

std::vector<std::string> connection_orders() {
  return {"id", "age", "idle", "queue", "rtt", "state", "user"};
}

std::vector<std::string> actor_orders() {
  return {"name", "kind", "mailbox", "messages", "busy", "uptime", "restarts"};
}

} // namespace holdfast::console
