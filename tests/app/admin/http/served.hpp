// An admin server on a thread of its own, with a handler that the tests direct.
#pragma once

#include "app/admin/http/server.hpp"
#include "tests/app/admin/http/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace holdfast::admin::test {

using namespace std::chrono_literals;

/// A directory that goes with its test.
class scratch_directory {
public:
  scratch_directory() {
    std::string name = "/tmp/holdfast-http-XXXXXX";
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~scratch_directory() { std::filesystem::remove_all(path_); }

  std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
  std::string path_;
};

/// GET of this path, as the shortest request.
inline std::string get(const std::string& path, const std::string& more = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

inline std::string post(const std::string& path, const std::string& body,
                        const std::string& more = {}) {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}

/// Requests of /now are answered at once, with their body; others are kept until the test does it.
struct served {
  scratch_directory folder;
  server_options options;
  handler_function handler = [this](const std::shared_ptr<exchange>& x) { handle(x); };

  served() { options.socket_path = folder.file("admin.sock"); }

  ~served() {
    if (!thread_.joinable())
      return;
    on_thread([this] { server_.reset(); });
    working_.reset();
    thread_.join();
  }

  void start() {
    server_.emplace(io_, options, [this](const std::shared_ptr<exchange>& x) { handler(x); });
    thread_ = std::thread{[this] { io_.run(); }};
  }

  void start_with_tcp() {
    options.listen = {"127.0.0.1", 0};
    start();
  }

  std::uint16_t port() const { return server_->port(); }
  const std::string& path() const { return options.socket_path; }
  wire connect() const { return wire{path()}; }

  /// Runs `f` on the server's thread and returns what it does.
  template <class F>
  auto on_thread(F f) -> decltype(f()) {
    std::packaged_task<decltype(f())()> task{std::move(f)};
    auto result = task.get_future();
    asio::post(io_, [&] { task(); });
    BOOST_REQUIRE(result.wait_for(patience) == std::future_status::ready);
    return result.get();
  }

  void stop() {
    on_thread([this] { server_->stop(); });
  }

  /// The exchange of a request to `path`, which a handler keeps; waits for it. Wherever it is let
  /// go of, that happens on the server's thread.
  std::shared_ptr<exchange> kept(const std::string& path) {
    std::unique_lock<std::mutex> lock{mutex_};
    BOOST_REQUIRE(changed_.wait_for(lock, patience, [&] { return kept_.count(path) != 0; }));
    auto found = kept_.find(path);
    auto x = std::move(found->second);
    kept_.erase(found);
    auto* bare = x.get();
    return {bare, [this, x = std::move(x)](exchange*) mutable {
              asio::post(io_, [x = std::move(x)] {});
            }};
  }

  std::size_t count_kept() {
    std::lock_guard<std::mutex> lock{mutex_};
    return kept_.size();
  }

  void respond(const std::shared_ptr<exchange>& x, const std::string& body) {
    on_thread([&] { x->respond(200, "text/plain", body); });
  }

  /// Begins a stream on the request to `path`.
  std::shared_ptr<exchange> stream(const std::string& path) {
    auto x = kept(path);
    BOOST_REQUIRE(on_thread([&] { return x->start(200, "text/plain"); }));
    return x;
  }

  bool write(const std::shared_ptr<exchange>& x, const std::string& data) {
    return on_thread([&] { return x->write(data); });
  }

  /// What was told to note(), in any order.
  std::size_t noted(const std::string& what) {
    std::lock_guard<std::mutex> lock{mutex_};
    return notes_[what];
  }

  void note(const std::string& what) {
    std::lock_guard<std::mutex> lock{mutex_};
    ++notes_[what];
    changed_.notify_all();
  }

  bool await_note(const std::string& what) {
    std::unique_lock<std::mutex> lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return notes_[what] != 0; });
  }

  void note_when_gone(const std::shared_ptr<exchange>& x, const std::string& what) {
    on_thread([&] { x->when_gone([this, what] { note(what); }); });
  }

private:
  void handle(const std::shared_ptr<exchange>& x) {
    if (x->asked().path == "/now") {
      x->respond(200, "text/plain", x->asked().body);
      return;
    }
    std::lock_guard<std::mutex> lock{mutex_};
    kept_.emplace(x->asked().path, x);
    changed_.notify_all();
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> working_ = asio::make_work_guard(io_);
  std::optional<server> server_;
  std::thread thread_;
  std::mutex mutex_; // guards what follows
  std::condition_variable changed_;
  std::multimap<std::string, std::shared_ptr<exchange>> kept_;
  std::map<std::string, std::size_t> notes_;
};

} // namespace holdfast::admin::test
