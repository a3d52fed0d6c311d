#include "app/run.hpp"

#include "actors/handlers/handler_host.hpp"
#include "app/admin/token_file.hpp"
#include "app/auth/make_authenticator.hpp"
#include "app/bench/bench.hpp"
#include "app/command_line.hpp"
#include "app/config.hpp"
#include "app/console/console.hpp"
#include "app/debug/debug_client.hpp"
#include "app/serve.hpp"

#include <iostream>
#include <stdexcept>
#include <sys/resource.h>
#include <unistd.h>

namespace holdfast {

namespace {

/// A connection takes a descriptor: as many as the system allows are asked for. The limit then.
std::size_t raise_descriptor_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0)
    return 0;
  auto before = files;
  files.rlim_cur = files.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : before.rlim_cur;
}

config_sources sources_of(const command& asked, const node_extensions& types) {
  config_sources sources;
  sources.profile = asked.profile;
  sources.file = asked.config_file;
  for (auto** entry = environ; *entry; ++entry)
    sources.environment.emplace_back(*entry);
  sources.sets = asked.sets;
  sources.listens = asked.listens;
  sources.insecure = asked.insecure;
  sources.descriptor_limit = raise_descriptor_limit();
  for (auto& [name, type] : types.handlers) {
    sources.handlers.push_back(name);
    sources.modes.emplace(name, type.mode);
  }
  sources.host = this_host();
  return sources;
}

/// Makes each route's handler once, to see whether it can work with its keys.
void check_routes(config_result& loaded, const node_extensions& types) {
  for (auto& route : loaded.config.node.routes) {
    try {
      try_handler(types.handlers.at(route.handler), route);
    } catch (const std::exception& e) {
      auto origin = std::string{loaded.origin("route")};
      loaded.errors.push_back(
        origin + ": the route " + route.path + ": " + e.what()
        + (origin == "default" ? "; set a [[route]] with what it needs" : ""));
    }
  }
}

/// Loads the keys once, to see whether tokens can be verified with them.
void check_keys(config_result& loaded) {
  auto result = auth::make_authenticator(loaded.config.auth);
  auto place = std::string{loaded.origin(result.key)} + ": " + result.key + ": ";
  for (auto& warning : result.warnings)
    loaded.warnings.push_back(place + warning);
  if (!result.made)
    loaded.errors.push_back(place + result.error);
}

/// Reads the token once, to see whether callers can be told by it.
void check_token(config_result& loaded) {
  const auto& path = loaded.config.admin.token_file;
  if (path.empty())
    return;
  auto place = std::string{loaded.origin("admin.token_file")} + ": admin.token_file: ";
  if (auto read = admin::read_token(path); !read.error.empty())
    loaded.errors.push_back(place + read.error);
}

/// Of the node that nothing else names; empty when the configuration of this process is wrong.
std::string usual_socket(config_result& loaded) {
  return loaded.ok() ? loaded.config.admin.socket : std::string{};
}

exit_code ask_a_node(const command& asked, const node_extensions& types) {
  if (asked.what == command::console && console::names_node(asked.asked))
    return console::run(asked.asked, {});
  auto loaded = load_config(sources_of(asked, types));
  if (asked.what == command::complete)
    return console::complete_for_shell(asked.text, usual_socket(loaded));
  if (!loaded.ok()) {
    std::cerr << render_errors(loaded);
    return exit_code::usage;
  }
  return console::run(asked.asked, usual_socket(loaded));
}

exit_code run(const command& asked, const node_extensions& types) {
  if (asked.what == command::help) {
    std::cout << asked.text;
    return exit_code::ok;
  }
  if (asked.what == command::version) {
    std::cout << "holdfast " HOLDFAST_VERSION "\n";
    return exit_code::ok;
  }
  if (asked.what == command::bench)
    return bench::run(asked.load, std::cout, std::cerr);
  if (asked.what == command::config_example) {
    std::cout << render_example();
    return exit_code::ok;
  }
  if (asked.what == command::console || asked.what == command::complete)
    return ask_a_node(asked, types);
  auto sources = sources_of(asked, types);
  auto loaded = load_config(sources);
  if (loaded.ok())
    check_routes(loaded, types);
  if (loaded.ok() && asked.what != command::config_show) {
    check_keys(loaded);
    check_token(loaded);
  }
  if (!loaded.ok()) {
    std::cerr << render_errors(loaded);
    return exit_code::usage;
  }
  if (asked.what == command::debug)
    return debug(loaded.config.run_dir, asked.text, std::cout, std::cerr);
  if (asked.what == command::config_check) {
    std::cout << render_check(loaded);
    return exit_code::ok;
  }
  if (asked.what == command::config_show) {
    std::cout << render_show(loaded);
    return exit_code::ok;
  }
  for (auto& warning : loaded.warnings)
    std::cerr << "holdfast: warning: " << warning << '\n';
  serve_options options{std::move(sources), asked.debug_socket, std::move(loaded.origins)};
  return serve(std::move(loaded.config), options, types, std::cout, std::cerr);
}

} // namespace

int run(int argc, char** argv, const node_extensions& types) {
  auto parsed = parse_command_line(argc, argv);
  if (auto* wrong = std::get_if<usage_error>(&parsed)) {
    std::cerr << wrong->text;
    return to_int(wrong->code);
  }
  return to_int(run(std::get<command>(parsed), types));
}

} // namespace holdfast
