// What a running node takes over from a configuration that has changed, and what it cannot.
#pragma once

#include "app/config.hpp"

#include "actors/node_context.hpp"
#include "app/auth/replaceable_authenticator.hpp"
#include "app/log.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace holdfast {

/// One key, or the list "listen" or "route", whose value has changed.
struct config_change {
  std::string key;
  bool live = false; ///< it takes effect without a restart
};

/// In the order in which keys are shown.
std::vector<config_change> changes(const config& running, const config& wanted);

/// Copies the live keys into `running`.
void take_live(config& running, const config& wanted);

/// One key as it is now.
struct config_item {
  std::string key;
  std::string value;  ///< as TOML
  std::string origin; ///< see config_result::origin()
  bool live = false;  ///< a reload changes it
};

/// Where values came from, by key.
using config_origins = std::map<std::string, std::string, std::less<>>;

/// What became of a reload.
struct reload_result {
  std::vector<std::string> taken;         ///< keys whose new values hold now
  std::vector<std::string> needs_restart; ///< keys that differ and stay as they were
  std::vector<std::string> errors; ///< with their places; if there is any, nothing has changed
  std::string keys_read;           ///< the keys of tokens that there are now; empty: none

  bool ok() const { return errors.empty(); }
};

/// Reads the sources again and applies what is live: all of a sound configuration, nothing of one
/// that has an error, and says in the log what became of each change. Threads: the control thread,
/// which it blocks while it reads the files.
class reloader {
public:
  /// `running` is what the node was started with. Events go to `log`; the level is set in `writer`.
  /// Both and the others outlive the reloader.
  reloader(const config& running, const config_sources& sources, node_context& node, event_log& log,
           log_writer& writer, auth::replaceable_authenticator& authentication)
    : running_{running},
      sources_{sources},
      node_{node},
      log_{log},
      writer_{writer},
      authentication_{authentication} {}

  reload_result reload();

  /// Where the values of the start came from; otherwise they count as defaults.
  void set_origins(config_origins origins) { origins_ = std::move(origins); }

  /// All keys in the order in which they are shown.
  std::vector<config_item> items() const;

private:
  reload_result keep_the_old(std::vector<std::string> errors);
  reload_result apply(const config_result& loaded);

  config running_; // as earlier reloads have changed it
  config_origins origins_;
  const config_sources& sources_;
  node_context& node_;
  event_log& log_;
  log_writer& writer_;
  auth::replaceable_authenticator& authentication_;
};

} // namespace holdfast
