// The configuration as a file to begin with.
#include "app/config_keys.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast {

namespace {

constexpr std::string_view head =
  R"(# Every key with its default. Nothing is set here: take away the # in front of a line to set it.
#
# "Live" is what takes effect when a running node reads this file again (SIGHUP, systemctl reload).
# Anything else waits for a restart, and the log names it.
#
# A profile, HOLDFAST_TABLE__KEY in the environment, --set and --listen set keys, too:
# `holdfast config show` tells what holds and why, `holdfast config check` what is wrong.
#
# Made by `holdfast config example`.
)";

constexpr std::string_view listen_head = R"(
# Where clients connect. More of these may follow, each with the same origins and trusted_proxies.
#[[listen]]
# A numeric address and a port.
#address = )";

constexpr std::string_view listen_rest = R"(
# Pages that may connect, such as "https://example.org"; none named here: any.
#origins = []
# Proxies that are believed, such as "10.0.0.0/8" and "::1".
#trusted_proxies = []
)";

constexpr std::string_view route_head = R"(
# What happens on which path. Any [[route]] replaces all of these, and /NAME of a program's own handlers.
# Other keys are the handler's own.
)";

/// What the defaults shown here depend on.
std::string_view note_on(std::string_view key) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> notes{{
    {"node.name", "By default the host's name."},
    {"node.shards", "By default one for each core that the process may use."},
    {"node.run_dir", "By default $XDG_RUNTIME_DIR/holdfast; without that, this one for root."},
    {"admin.socket", "By default holdfast.sock in node.run_dir."},
  }};
  auto found
    = std::find_if(notes.begin(), notes.end(), [&](const auto& note) { return note.first == key; });
  return found == notes.end() ? std::string_view{} : found->second;
}

std::string sentence(std::string text) {
  if (text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text + ".";
}

std::string entry(const config_key& key, const config& defaults) {
  auto name = key.name.substr(key.name.rfind('.') + 1);
  auto text = "\n# " + sentence(std::string{key.about}) + " Takes " + key.takes + ".";
  if (key.live)
    text += " Live.";
  if (auto note = note_on(key.name); !note.empty())
    text.append("\n# ").append(note);
  return text + "\n#" + name + " = " + key.show(defaults) + "\n";
}

} // namespace

std::string render_example() {
  auto defaults = load_config({}).config;
  auto text = std::string{head};
  std::string table;
  for (const auto& key : config_keys()) {
    auto of = key.name.substr(0, key.name.rfind('.'));
    if (of != table)
      text += "\n[" + of + "]\n";
    table = of;
    text += entry(key, defaults);
  }
  for (const auto& where : defaults.listen)
    text.append(listen_head).append(toml_string(format_endpoint(where))).append(listen_rest);
  text += route_head;
  for (const auto& route : config{}.node.routes)
    text += "#[[route]]\n#path = " + toml_string(route.path)
            + "\n#handler = " + toml_string(route.handler) + "\n";
  return text;
}

} // namespace holdfast
