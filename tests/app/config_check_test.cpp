#include "app/config_keys.hpp"
#include "tests/app/config_sources.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(config_that_cannot_hold_together)

BOOST_AUTO_TEST_CASE(a_pong_is_due_before_the_next_ping) {
  BOOST_TEST(errors_of(load_file("[heartbeat]\nping_interval = \"5s\"\npong_timeout = \"5s\"\n"))
             == "heartbeat.pong_timeout = \"5s\" (holdfast.toml:3:1) must be shorter than "
                "heartbeat.ping_interval = \"5s\" (holdfast.toml:2:1)\n");
  BOOST_TEST(!load_sets({"heartbeat.ping_interval=9s"}).ok());
  BOOST_TEST(load_sets({"heartbeat.ping_interval=5s", "heartbeat.pong_timeout=4999ms"}).ok());
}

BOOST_AUTO_TEST_CASE(flush_and_close_fit_into_the_drain) {
  BOOST_TEST(
    errors_of(load_sets({"shutdown.drain_timeout=8s", "shutdown.message_flush_timeout=6s"}))
    == "shutdown.message_flush_timeout = \"6s\" (--set) and limits.close_timeout = \"5s\" "
       "(default) do not fit into shutdown.drain_timeout = \"8s\" (--set)\n");
  auto exact = load_sets({"shutdown.drain_timeout=11s", "shutdown.message_flush_timeout=6s"});
  BOOST_TEST(errors_of(exact) == "");
  BOOST_TEST(contains(warnings_of(exact), "all clients are closed at once"));
  auto loose = load_sets({"shutdown.drain_timeout=11001ms", "shutdown.message_flush_timeout=6s"});
  BOOST_TEST(errors_of(loose) + warnings_of(loose) == "");
}

BOOST_AUTO_TEST_CASE(the_drain_ends_before_the_force) {
  BOOST_TEST(errors_of(load_sets({"shutdown.drain_timeout=61s"}))
             == "shutdown.drain_timeout = \"61s\" (--set) must not be longer than "
                "shutdown.force_close_timeout = \"60s\" (default)\n");
  BOOST_TEST(load_sets({"shutdown.drain_timeout=60s"}).ok());
}

BOOST_AUTO_TEST_CASE(the_reserve_is_part_of_the_total) {
  BOOST_TEST(errors_of(load_sets({"pool.reserve=1001"}))
             == "pool.reserve = 1001 (--set) must be less than pool.max_total_connections = "
                "1000 (default), or nobody gets in\n");
  BOOST_TEST(load_sets({"pool.reserve=999"}).ok());
}

BOOST_AUTO_TEST_CASE(a_value_that_was_refused_causes_no_second_error) {
  auto result = load_sets({"shutdown.drain_timeout=90", "shutdown.force_close_timeout=20s"});
  BOOST_TEST(result.errors.size() == 1u, errors_of(result));
}

BOOST_AUTO_TEST_CASE(one_address_is_listened_on_once) {
  auto sources = no_sources();
  sources.listens = {"127.0.0.1:80", "localhost:80"};
  BOOST_TEST(errors_of(load_config(sources)) == "127.0.0.1:80 (--listen) is listened on twice\n");
  sources.listens = {"127.0.0.1:0", "127.0.0.1:0", "127.0.0.2:80", "127.0.0.1:80"};
  BOOST_TEST(errors_of(load_config(sources)) == "");
}

BOOST_AUTO_TEST_CASE(users_without_a_proof_are_refused_on_a_public_address) {
  for (auto address : {"0.0.0.0:80", "192.0.2.1:80", "[::]:80", "[2001:db8::1]:80",
                       "[::ffff:192.0.2.1]:80", "126.255.255.255:80", "128.0.0.1:80", "[::2]:80"}) {
    auto sources = no_sources();
    sources.listens = {address};
    auto text = errors_of(load_config(sources));
    BOOST_TEST(contains(text, "--insecure"), address);
    sources.insecure = true;
    BOOST_TEST(errors_of(load_config(sources)) == "", address);
  }
  for (auto address : {"127.0.0.1:80", "127.255.255.254:80", "[::1]:80", "localhost:80",
                       "[::ffff:127.0.0.1]:80"}) {
    auto sources = no_sources();
    sources.listens = {address};
    BOOST_TEST(errors_of(load_config(sources)) == "", address);
  }
}

BOOST_AUTO_TEST_CASE(the_environment_cannot_make_it_insecure) {
  auto sources = no_sources();
  sources.listens = {"0.0.0.0:80"};
  sources.environment = {"HOLDFAST_INSECURE=1"};
  BOOST_TEST(!load_config(sources).ok());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(config_that_is_warned_of)

BOOST_AUTO_TEST_CASE(a_zombie_threshold_that_never_fires) {
  auto result = load_sets({"heartbeat.zombie_detection_threshold=61s"});
  BOOST_TEST(errors_of(result) == "");
  BOOST_TEST(warnings_of(result)
             == "heartbeat.zombie_detection_threshold = \"61s\" (--set) never fires: missed pongs "
                "make a zombie within 60s of its last frame\n");
  BOOST_TEST(warnings_of(load_sets({"heartbeat.zombie_detection_threshold=60s"})) == "");
}

BOOST_AUTO_TEST_CASE(the_default_threshold_is_a_backstop_and_says_nothing) {
  BOOST_TEST(warnings_of(load_sets({"heartbeat.ping_interval=20s"})) == "");
}

BOOST_AUTO_TEST_CASE(a_zombie_threshold_that_hits_the_healthy) {
  BOOST_TEST(contains(warnings_of(load_sets({"heartbeat.zombie_detection_threshold=40s"})),
                      "makes zombies of healthy clients"));
  BOOST_TEST(warnings_of(load_sets({"heartbeat.zombie_detection_threshold=40001ms"})) == "");
}

BOOST_AUTO_TEST_CASE(sizes_that_do_not_fit_into_each_other) {
  BOOST_TEST(contains(warnings_of(load_sets({"limits.uri_size=16385"})), "never counts"));
  BOOST_TEST(warnings_of(load_sets({"limits.uri_size=16KiB"})) == "");
  BOOST_TEST(
    contains(warnings_of(load_sets({"limits.max_message_size=1MiB"})), "cannot be passed on"));
  BOOST_TEST(warnings_of(load_sets({"limits.max_message_size=1048575"})) == "");
}

BOOST_AUTO_TEST_CASE(a_descriptor_limit_lowers_the_total) {
  auto sources = no_sources();
  sources.sets = {"node.shards=2", "pool.reserve=990"};
  auto headroom = descriptor_headroom(load_config(sources).config);
  BOOST_TEST(headroom == 44u); // 32, and for each of 2 shards 5 and one listener
  sources.descriptor_limit = 1000 + headroom;
  BOOST_TEST(warnings_of(load_config(sources)) == "");
  sources.descriptor_limit = 980 + headroom;
  auto result = load_config(sources);
  BOOST_TEST(errors_of(result) == "");
  BOOST_TEST(
    warnings_of(result)
    == "pool.max_total_connections = 1000 (default) is lowered to 980 by the limit of 1024 "
       "open files, of which the node itself needs 44; raise it (ulimit -n, "
       "LimitNOFILE)\n");
  BOOST_TEST(result.config.node.max_total_connections == 980u);
  BOOST_TEST(result.config.node.reserve == 980u);
  BOOST_TEST(result.origin("pool.max_total_connections") == "descriptor limit 1024");
}

BOOST_AUTO_TEST_CASE(a_descriptor_limit_that_leaves_nothing_is_an_error) {
  auto sources = no_sources();
  sources.descriptor_limit = descriptor_headroom(load_config(sources).config);
  BOOST_TEST(contains(errors_of(load_config(sources)), "leaves none for connections"));
  ++sources.descriptor_limit;
  BOOST_TEST(load_config(sources).config.node.max_total_connections == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(config_rendered)

namespace {

/// Everything but origins.
std::string values_of(const config_result& result) {
  std::string text;
  for (const auto& key : config_keys())
    text += key.name + "=" + key.show(result.config) + "\n";
  for (const auto& where : result.config.listen)
    text += format_endpoint(where) + "\n";
  for (const auto& origin : result.config.node.gate.origins)
    text += origin + "\n";
  for (const auto& route : result.config.node.routes) {
    text += route.path + " " + route.handler;
    for (const auto& [key, value] : route.options)
      text += " [" + key + "=" + value + "]";
    text += "\n";
  }
  return text;
}

} // namespace

BOOST_AUTO_TEST_CASE(what_is_shown_can_be_loaded_and_gives_the_same) {
  auto sources = no_sources();
  BOOST_TEST(values_of(load_file(render_show(load_config(sources))))
             == values_of(load_config(sources)));
  sources.profile = "production";
  sources.file = "odd\nname\xce.toml";
  sources.file_text = R"(
[node]
name = "a.b-c_d"
run_dir = "/tmp/with \"quotes\", \\ and # hash é"
[limits]
max_message_size = "3KiB"
uri_size = 1000
[pool]
connection_timeout = "1500ms"
[[listen]]
address = "[::1]:82"
origins = ["https://a.example", "https://b.example"]
[[listen]]
address = "127.0.0.1:0"
origins = ["https://a.example", "https://b.example"]
[[route]]
path = "/a\"b"
handler = "echo"
"an odd key" = "line\nbreak\u0001"
plain = 7
[[route]]
path = "/"
handler = "topics"
)";
  sources.environment = {"HOLDFAST_SHUTDOWN__NOTIFY_CLIENTS=false"};
  sources.sets = {"heartbeat.on_zombie=mark"};
  auto result = load_config(sources);
  BOOST_TEST(errors_of(result) == "");
  auto again = load_file(render_show(result));
  BOOST_TEST(errors_of(again) == "");
  BOOST_TEST(values_of(again) == values_of(result));
  BOOST_TEST(contains(values_of(again), "node.run_dir=\"/tmp/with \\\"quotes\\\""));
}

BOOST_AUTO_TEST_CASE(each_line_says_where_its_value_comes_from) {
  auto sources = no_sources();
  sources.profile = "production";
  sources.file = "holdfast.toml";
  sources.file_text = "[pool]\nreserve = 11\n[[route]]\npath = \"/\"\nhandler = \"echo\"\n";
  sources.environment = {"HOLDFAST_POOL__CONNECTION_TIMEOUT=77s"};
  sources.sets = {"pool.max_total_connections=900"};
  sources.listens = {"127.0.0.1:0"};
  auto shown = render_show(load_config(sources));
  auto line = [&](const std::string& start) {
    auto at = shown.find(start);
    auto text = at == std::string::npos ? "" : shown.substr(at, shown.find('\n', at) - at);
    auto gap = text.find("  ");
    return gap == std::string::npos ? text : text.substr(0, gap) + text.substr(text.find(" #"));
  };
  BOOST_TEST(line("pool.max_total_connections") == "pool.max_total_connections = 900 # --set");
  BOOST_TEST(line("pool.reserve") == "pool.reserve = 11 # holdfast.toml:2:1");
  BOOST_TEST(line("pool.connection_timeout")
             == "pool.connection_timeout = \"77s\" # HOLDFAST_POOL__CONNECTION_TIMEOUT");
  BOOST_TEST(line("pool.max_connections_per_user")
             == "pool.max_connections_per_user = 10 # profile production");
  BOOST_TEST(line("pool.pool_cleanup_interval")
             == "pool.pool_cleanup_interval = \"60s\" # default");
  BOOST_TEST(line("[[listen]]") == "[[listen]] # --listen");
  BOOST_TEST(line("[[route]]") == "[[route]] # holdfast.toml:3:1");
}

BOOST_AUTO_TEST_CASE(a_check_prints_the_warnings_and_the_longest_shutdown) {
  BOOST_TEST(render_check(load_config(no_sources()))
             == "ok\nlongest possible shutdown 67s: keep systemd's and Kubernetes' grace above "
                "it\n");
  auto text = render_check(load_sets({"shutdown.force_close_timeout=100s", "shutdown.lb_grace=3s",
                                      "heartbeat.zombie_detection_threshold=10m"}));
  BOOST_TEST(contains(text, "ok\nwarning: heartbeat.zombie_detection_threshold"), text);
  BOOST_TEST(contains(text, "longest possible shutdown 110s"), text);
}

BOOST_AUTO_TEST_CASE(errors_are_printed_and_counted) {
  BOOST_TEST(render_errors(load_sets({"nonsense"}))
             == "--set nonsense: it is written --set table.key=value\n"
                "the configuration has 1 error\n");
  BOOST_TEST(contains(render_errors(load_sets({"a", "b"})), "the configuration has 2 errors\n"));
}

BOOST_AUTO_TEST_SUITE_END()
