#include "app/debug/debug_client.hpp"

#include "app/debug/debug_server.hpp"

#include <charconv>
#include <iterator>
#include <ostream>

namespace holdfast {

namespace {

constexpr auto node_patience = std::chrono::seconds{15};

exit_code unreachable(const std::string& path, const std::string& why, std::ostream& err) {
  err << "holdfast: no node answers on " << path << ": " << why
      << "; start one with holdfast serve --debug, or name its run directory with --run-dir\n";
  return exit_code::unreachable;
}

} // namespace

exit_code debug(const std::string& run_dir, const std::string& request, std::ostream& out,
                std::ostream& err) {
  if (request.size() >= longest_debug_request || request.find('\n') != std::string::npos) {
    err << "holdfast: a debug request is one line of fewer than " << longest_debug_request
        << " bytes\n";
    return exit_code::usage;
  }
  std::string path;
  try {
    path = debug_socket_path(run_dir);
  } catch (const std::exception& e) {
    err << "holdfast: " << e.what() << '\n';
    return exit_code::usage;
  }
  asio::local::stream_protocol::iostream node;
  node.expires_after(node_patience);
  node.connect(asio::local::stream_protocol::endpoint{path});
  if (!node)
    return unreachable(path, node.error().message(), err);
  node << request << '\n' << std::flush;
  std::string first;
  std::getline(node, first);
  int code = -1;
  std::from_chars(first.data(), first.data() + first.size(), code);
  if (code < 0)
    return unreachable(path, node.error() ? node.error().message() : "the connection ended", err);
  std::string text{std::istreambuf_iterator<char>{node}, {}};
  auto told = code == to_int(exit_code::ok) || code == to_int(exit_code::partial);
  (told ? out : err) << (told ? "" : "holdfast: ") << text;
  return static_cast<exit_code>(code);
}

} // namespace holdfast
