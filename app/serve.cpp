#include "app/serve.hpp"

#include "actors/hosting_asio.hpp"
#include "actors/node.hpp"
#include "app/actor_thread.hpp"
#include "app/admin/admin_api.hpp"
#include "app/auth/make_authenticator.hpp"
#include "app/auth/replaceable_authenticator.hpp"
#include "app/debug/debug_server.hpp"
#include "app/event_hub.hpp"
#include "app/last_words.hpp"
#include "app/log.hpp"
#include "app/log_flush.hpp"
#include "app/reload.hpp"
#include "app/report.hpp"
#include "app/run_dir.hpp"
#include "app/sd_notify.hpp"
#include "app/service_notifier.hpp"
#include "app/transport/descriptor_table.hpp"
#include "app/transport/shard_loop.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <future>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string_view>
#include <unistd.h>

namespace holdfast {

namespace {

/// Period of a shard's pulse. To wake an idle process costs more than what it does then (60 us),
/// so that ten times a second is often enough where no deadline is short.
duration pulse_of(const heartbeat_config& heartbeat) {
  auto tick = heartbeat_tick(heartbeat);
  return tick < std::chrono::milliseconds{50} ? tick : 2 * tick;
}

using transport::shard_loop;

/// How long actors may take to end once they were told to.
constexpr auto last_patience = std::chrono::seconds{2};
constexpr auto between_looks = std::chrono::milliseconds{1};

caf::actor_system_config& quiet_system(caf::actor_system_config& system) {
  // Our actors live on loops of their own; CAF's threads serve what users spawn. The default
  // policy polls when idle, this one sleeps.
  system.set("scheduler.policy", caf::atom("sharing"));
  system.set("scheduler.max-threads", 1);
  return system;
}

incarnation this_life(const clock& time) {
  return {static_cast<std::uint64_t>(time.wall().time_since_epoch().count())};
}

std::shared_ptr<const authenticator> authenticator_of(const config& settings) {
  auto result = auth::make_authenticator(settings.auth);
  if (!result.made)
    throw std::runtime_error{result.error};
  return result.made;
}

/// `how` is SIG_BLOCK or SIG_UNBLOCK. Only the control thread ever takes the node's signals, and
/// only while it runs: one that comes later must not end a process that is about to exit well.
void signals_to_this_thread(int how) {
  sigset_t ours;
  sigemptyset(&ours);
  for (int number : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&ours, number);
  pthread_sigmask(how, &ours, nullptr);
}

/// Everything that one serving process consists of, in the order in which it comes to be.
class process {
public:
  process(config& settings, const serve_options& options, const node_extensions& types,
          std::ostream& out)
    : settings_{settings},
      debuggable_{options.debug},
      out_{out},
      authentication_{authenticator_of(settings)},
      lock_{settings.run_dir},
      writer_{STDERR_FILENO, settings.log_format, settings.log_level},
      system_{quiet_system(system_config_)},
      control_{system_, time_, io_},
      admin_{system_, time_, "admin", actor_thread::manners::yields},
      extensions_{system_, time_, "handlers"},
      log_{writer_, admin_.io()},
      loops_{make_loops()},
      node_{settings.node, types, control_, extensions_.unit(), units(), log_},
      reloader_{settings, options.sources, node_.context(), log_, writer_, authentication_},
      signals_{io_, SIGTERM, SIGINT, SIGHUP} {
    reloader_.set_origins(options.origins);
  }

  ~process() {
    admin_.stop();
    extensions_.stop();
  }

  process(const process&) = delete;
  process& operator=(const process&) = delete;

  exit_code run() {
    listen();
    api_.emplace(
      admin_, settings_, node_.context(), log_, [this] { return writer_.lost(); }, control_calls(),
      addresses());
    if (debuggable_)
      debug_.emplace(io_, settings_.run_dir, node_);
    try {
      start();
    } catch (...) { // no thread for one of us; the actors must go before what they stand on
      admin_.stop();
      node_.stop();
      io_.poll();
      extensions_.stop();
      throw;
    }
    announce(out_, settings_, ports(), api_->port());
    log_serving();
    begin_service();
    await_signal();
    signals_to_this_thread(SIG_UNBLOCK);
    io_.run();
    for (auto& loop : loops_)
      loop->stop();
    for (auto& loop : loops_)
      loop->join();
    extensions_.stop();
    return result_;
  }

private:
  std::vector<std::unique_ptr<shard_loop>> make_loops() {
    settings_.node.life = this_life(time_);
    settings_.node.authentication = &authentication_;
    settings_.transport.tick = pulse_of(settings_.node.heartbeat);
    settings_.transport.warn = [this](std::string_view what) {
      log_.write(log_level::warn, "transport", {{"what", what}});
    };
    std::vector<std::unique_ptr<shard_loop>> loops;
    for (std::size_t i = 0; i < settings_.node.shards; ++i)
      loops.push_back(std::make_unique<shard_loop>(system_, time_, settings_.transport,
                                                   static_cast<shard_index>(i)));
    return loops;
  }

  std::vector<host_unit*> units() {
    std::vector<host_unit*> result;
    for (auto& loop : loops_)
      result.push_back(&loop->unit());
    return result;
  }

  /// The first shard may let the kernel choose ports; the others share them.
  void listen() {
    transport::require_unused(settings_.listen);
    loops_[0]->listen(settings_.listen);
    auto where = settings_.listen;
    for (std::size_t i = 0; i < where.size(); ++i)
      where[i].port = loops_[0]->local_port(i);
    for (std::size_t i = 1; i < loops_.size(); ++i)
      loops_[i]->listen(where);
  }

  std::vector<std::uint16_t> ports() const {
    std::vector<std::uint16_t> result;
    for (std::size_t i = 0; i < settings_.listen.size(); ++i)
      result.push_back(loops_[0]->local_port(i));
    return result;
  }

  std::vector<std::string> addresses() const {
    std::vector<std::string> result;
    auto where = ports();
    for (std::size_t i = 0; i < where.size(); ++i)
      result.push_back(format_endpoint({settings_.listen[i].address, where[i]}));
    return result;
  }

  void log_serving() {
    for (auto& address : addresses())
      log_.write(log_level::info, "serving",
                 {{"node", settings_.node.name},
                  {"address", address},
                  {"shards", static_cast<std::int64_t>(settings_.node.shards)},
                  {"pid", std::int64_t{getpid()}}});
  }

  void start() {
    control_.bind_to_this_thread();
    auto& context = node_.context();
    context.on_drained = [this](const drain_ledger& ledger) { drained(ledger); };
    context.on_services = [this](const services& peers) { admin_.set_peers(peers); };
    context.on_broken = [this](const std::string& why) { broken(why); };
    extensions_.start();
    node_.start();
    io_.poll(); // the permanent actors stand before the first socket is accepted
    caf::anon_send(context.peers.shutdown,
                   cleanup_registration{"flush-log", spawn_log_flush(control_, writer_)});
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      node_.shard_at(i).set_listener(loops_[i].get());
      loops_[i]->start(node_.shard_at(i));
    }
    admin_.start();
  }

  /// What the admin thread has done here; it is answered there.
  admin::control_calls control_calls() {
    admin::control_calls calls;
    calls.reload = [this](auto answer) {
      asio::post(io_, [this, answer = std::move(answer)] {
        asio::post(admin_.io(), [answer, result = reload()] { answer(result); });
      });
    };
    calls.items = [this](auto answer) {
      asio::post(io_, [this, answer = std::move(answer)] {
        asio::post(admin_.io(), [answer, items = reloader_.items()] { answer(items); });
      });
    };
    calls.set_log_level = [this](log_level level) { writer_.set_threshold(level); };
    return calls;
  }

  /// Whoever has started us may want to know how we are.
  void begin_service() {
    auto wanted = read_service_environment(std::getenv, getpid());
    if (wanted.socket.empty())
      return;
    manager_.emplace(wanted.socket);
    service_.emplace(node_.context(), wanted.watchdog,
                     [this](std::string_view text) { manager_->send(text); });
    service_->start();
  }

  void await_signal() {
    signals_.async_wait([this](const asio::error_code& ec, int number) {
      if (ec)
        return;
      log_.write(log_level::info, "signal", {{"number", std::int64_t{number}}});
      if (number == SIGHUP)
        reload();
      else if (signalled_)
        node_.tell_shutdown(force_drain{});
      else
        node_.tell_shutdown(start_drain{drain_reason::signal});
      signalled_ = signalled_ || number != SIGHUP;
      await_signal();
    });
  }

  reload_result reload() {
    if (service_)
      service_->reloading();
    auto result = reloader_.reload();
    if (service_)
      service_->reloaded();
    return result;
  }

  void drained(const drain_ledger& ledger) {
    print_ledger(out_, ledger, node_.context().drains.failed_cleanups, writer_.lost());
    auto& failed = node_.context().given_up;
    if (!failed.empty())
      log_.write(log_level::error, "given_up", {{"actor", failed}});
    end(ledger.unaccounted() == 0 && failed.empty() ? exit_code::ok : exit_code::failed);
  }

  void broken(const std::string& why) {
    log_.write(log_level::error, "node_broken", {{"why", why}});
    end(exit_code::failed);
  }

  /// Lets every permanent actor go, then the loops under them.
  void end(exit_code result) {
    if (leaves_at_)
      return;
    leaves_at_ = time_.now() + last_patience;
    result_ = result;
    signals_to_this_thread(SIG_BLOCK);
    signals_.cancel();
    debug_.reset();
    if (service_)
      service_->stop();
    admin_.stop();
    node_.stop();
    await_actors();
  }

  /// Looks again and again: to wait in CAF would take a thread, and there may be none to be had.
  void await_actors() {
    if (system_.registry().running() == 0) {
      io_.stop();
      return;
    }
    if (time_.now() >= *leaves_at_)
      leave_them();
    last_wait_.expires_after(between_looks);
    last_wait_.async_wait([this](const asio::error_code&) { await_actors(); });
  }

  /// An actor that somebody spawned does not end. Every receipt is written: nothing is left to
  /// wait for.
  [[noreturn]] void leave_them() {
    log_.write(log_level::warn, "actors_left",
               {{"count", static_cast<std::int64_t>(system_.registry().running())}});
    std::promise<void> written;
    writer_.when_written([&] { written.set_value(); });
    written.get_future().wait_for(last_patience);
    std::_Exit(to_int(result_));
  }

  config& settings_;
  bool debuggable_;
  std::ostream& out_;
  auth::replaceable_authenticator authentication_;
  run_dir_lock lock_;
  log_writer writer_;
  system_clock time_;
  caf::actor_system_config system_config_;
  caf::actor_system system_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> until_the_end_{io_.get_executor()};
  asio_unit control_;
  actor_thread admin_;
  actor_thread extensions_; // shared handlers, and what users spawn
  event_hub log_; // what the node says, for the writer and for those on the admin thread who listen
  std::vector<std::unique_ptr<shard_loop>> loops_;
  node node_;
  reloader reloader_;
  std::optional<admin::admin_api> api_;
  std::optional<debug_server> debug_;
  std::optional<sd_notify> manager_;
  std::optional<service_notifier> service_;
  asio::signal_set signals_;
  asio::steady_timer last_wait_{io_};
  std::optional<time_point> leaves_at_; // set once it ends
  bool signalled_ = false;
  exit_code result_ = exit_code::ok;
};

} // namespace

exit_code serve(config settings, const serve_options& options, const node_extensions& types,
                std::ostream& out, std::ostream& err) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);     // a log as large as ulimit -f allows is like a full disk
  signals_to_this_thread(SIG_BLOCK); // every thread inherits this
  say_last_words();
  transport::grow_descriptor_table();
  try {
    process node{settings, options, types, out};
    return node.run();
  } catch (const std::exception& e) {
    err << "holdfast: " << e.what() << '\n';
    return exit_code::failed;
  }
}

} // namespace holdfast
