#include "app/config_keys.hpp"
#include "tests/app/config_sources.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(config_sources_in_their_order)

BOOST_AUTO_TEST_CASE(without_any_source_the_defaults_are_those_of_the_structs) {
  auto result = load_config(no_sources());
  BOOST_TEST(errors_of(result) == "");
  BOOST_TEST(warnings_of(result) == "");
  const auto& c = result.config;
  BOOST_TEST(c.node.max_total_connections == node_settings{}.max_total_connections);
  BOOST_TEST((c.node.heartbeat.ping_interval == heartbeat_config{}.ping_interval));
  BOOST_TEST((c.node.shutdown.force_close_timeout == drain_config{}.force_close_timeout));
  BOOST_TEST(c.transport.header_size == transport::transport_config{}.header_size);
  BOOST_TEST(result.origin("pool.reserve") == "default");
  BOOST_TEST(result.origin("listen") == "default");
}

BOOST_AUTO_TEST_CASE(the_defaults_are_those_that_are_documented) {
  auto c = load_config(no_sources()).config;
  std::string shown;
  for (auto name : {"pool.max_connections_per_user", "pool.connection_timeout",
                    "pool.on_user_limit", "heartbeat.zombie_detection_threshold",
                    "limits.header_size", "limits.max_queued_bytes", "limits.max_read_pause",
                    "shutdown.notify_clients", "shutdown.reconnect_rate", "supervisor.within"})
    shown += find_key(name)->show(c) + " ";
  BOOST_TEST(
    shown == "5 \"300s\" \"reject_newest\" \"120s\" \"16KiB\" \"1MiB\" \"30s\" true 500 \"60s\" ");
}

BOOST_AUTO_TEST_CASE(two_structs_with_the_same_setting_have_the_same_default) {
  BOOST_TEST((node_settings{}.close_timeout == transport::transport_config{}.close_timeout));
  BOOST_TEST(node_settings{}.max_message_size == transport::transport_config{}.max_message_size);
}

BOOST_AUTO_TEST_CASE(a_setting_reaches_both_structs_that_need_it) {
  auto c = load_sets({"limits.close_timeout=7s", "limits.max_message_size=1KiB", "node.shards=3"})
             .config;
  BOOST_TEST((c.node.close_timeout == 7s && c.transport.close_timeout == 7s));
  BOOST_TEST((c.node.max_message_size == 1024 && c.transport.max_message_size == 1024));
  BOOST_TEST((c.node.shards == 3 && c.node.gate.shards == 3));
}

BOOST_AUTO_TEST_CASE(name_shards_and_run_dir_come_from_the_host) {
  auto sources = no_sources();
  auto c = load_config(sources).config;
  BOOST_TEST(c.node.name == "box");
  BOOST_TEST(c.node.shards == 2u);
  BOOST_TEST(c.node.gate.shards == 2u);
  BOOST_TEST(c.run_dir == "/tmp/holdfast-1000");
  sources.host.uid = 0;
  BOOST_TEST(load_config(sources).config.run_dir == "/run/holdfast");
  sources.environment = {"XDG_RUNTIME_DIR=/run/user/0"};
  BOOST_TEST(load_config(sources).config.run_dir == "/run/user/0/holdfast");
  for (auto unusable : {"", "/run\n", "/run/\xff"}) {
    sources.environment = {std::string{"XDG_RUNTIME_DIR="} + unusable};
    auto result = load_config(sources);
    BOOST_TEST(errors_of(result) == "");
    BOOST_TEST(result.config.run_dir == "/run/holdfast");
  }
}

BOOST_AUTO_TEST_CASE(a_path_that_could_not_be_shown_is_refused) {
  for (auto path : {"", "/tmp/\x01", "/tmp/\xff", "/tmp/\xed\xa0\x80"})
    BOOST_TEST(load_sets({std::string{"node.run_dir="} + path}).errors.size() == 1u);
  BOOST_TEST(load_sets({"node.run_dir=/tmp/\xc3\xa9"}).config.run_dir == "/tmp/\xc3\xa9");
}

BOOST_AUTO_TEST_CASE(a_host_with_an_odd_name_or_many_cores_is_no_error) {
  auto sources = no_sources();
  sources.host = {"b\nx", 1000, 1};
  auto result = load_config(sources);
  BOOST_TEST(errors_of(result) == "");
  BOOST_TEST(result.config.node.name == "node");
  BOOST_TEST(result.config.node.shards == max_shards);
  sources.host.cores = 0;
  BOOST_TEST(load_config(sources).config.node.shards == 1u);
}

BOOST_AUTO_TEST_CASE(this_host_has_a_name_and_a_core) {
  auto host = this_host();
  BOOST_TEST(!host.name.empty());
  BOOST_TEST(host.cores >= 1u);
}

BOOST_AUTO_TEST_CASE(there_are_routes_when_none_is_given) {
  std::string routes;
  for (const auto& route : load_config(no_sources()).config.node.routes)
    routes += route.path + "=" + route.handler + " ";
  BOOST_TEST(routes == "/echo=echo /broadcast=broadcast /=topics ");
}

BOOST_AUTO_TEST_CASE(later_sources_win_one_after_the_other) {
  auto key = "pool.max_total_connections";
  auto sources = no_sources();
  auto now = [&] {
    auto result = load_config(sources);
    BOOST_TEST(errors_of(result) == "");
    return std::to_string(result.config.node.max_total_connections) + " "
           + std::string{result.origin(key)};
  };
  BOOST_TEST(now() == "1000 default");
  sources.profile = "production";
  BOOST_TEST(now() == "5000 profile production");
  sources.file = "etc/holdfast.toml";
  sources.file_text = "\n[pool]\nmax_total_connections = 11\n";
  BOOST_TEST(now() == "11 etc/holdfast.toml:3:1");
  sources.environment = {"HOLDFAST_POOL__MAX_TOTAL_CONNECTIONS=12"};
  BOOST_TEST(now() == "12 HOLDFAST_POOL__MAX_TOTAL_CONNECTIONS");
  sources.sets = {"pool.max_total_connections=13"};
  BOOST_TEST(now() == "13 --set");
  sources.sets.push_back("pool.max_total_connections=14");
  BOOST_TEST(now() == "14 --set");
}

BOOST_AUTO_TEST_CASE(the_development_profile_leaves_time_to_pace_its_drain) {
  auto sources = no_sources();
  sources.profile = "development";
  auto result = load_config(sources);
  BOOST_TEST(errors_of(result) + warnings_of(result) == "");
  const auto& node = result.config.node;
  BOOST_TEST((node.heartbeat.ping_interval == 15s && node.heartbeat.pong_timeout == 5s));
  BOOST_TEST(node.admission.max_connections_per_user == 3u);
  BOOST_TEST(node.max_total_connections == 100u);
  BOOST_TEST(node.gate.handshakes_per_address == 0u);
  BOOST_TEST((node.shutdown.drain_timeout == 10s && node.shutdown.force_close_timeout == 20s));
  BOOST_TEST((node.shutdown.message_flush_timeout == 2s && node.close_timeout == 2s));
}

BOOST_AUTO_TEST_CASE(the_production_profile_limits_handshakes) {
  auto sources = no_sources();
  sources.profile = "production";
  auto result = load_config(sources);
  BOOST_TEST(errors_of(result) + warnings_of(result) == "");
  const auto& node = result.config.node;
  BOOST_TEST((node.heartbeat.ping_interval == 30s && node.heartbeat.pong_timeout == 10s));
  BOOST_TEST(node.admission.max_connections_per_user == 10u);
  BOOST_TEST(node.max_total_connections == 5000u);
  BOOST_TEST(node.gate.handshakes_per_address == 50u);
  BOOST_TEST((node.shutdown.drain_timeout == 60s && node.shutdown.force_close_timeout == 120s));
  BOOST_TEST(result.origin("heartbeat.ping_interval") == "profile production");
}

BOOST_AUTO_TEST_CASE(a_profile_that_does_not_exist_is_an_error) {
  auto sources = no_sources();
  sources.profile = "productoin";
  BOOST_TEST(errors_of(load_config(sources))
             == "--profile productoin: there is no such profile, only development and production; "
                "did you mean production?\n");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(config_from_environment_and_command_line)

BOOST_AUTO_TEST_CASE(variables_without_two_underscores_are_not_ours) {
  auto sources = no_sources();
  sources.environment = {"HOLDFAST=/usr/bin/holdfast", "HOLDFAST_SLOW=3", "HOLDFASTX__Y=1",
                         "POOL__RESERVE=1", "HOLDFAST_POOL__RESERVE"};
  auto result = load_config(sources);
  BOOST_TEST(errors_of(result) == "");
  BOOST_TEST(result.config.node.reserve == 0u);
}

BOOST_AUTO_TEST_CASE(a_variable_that_names_no_key_is_an_error) {
  auto sources = no_sources();
  sources.environment = {"HOLDFAST_POOL__RESERV=1", "HOLDFAST_CLUSTER__SEEDS=b",
                         "HOLDFAST_LISTEN__ADDRESS=127.0.0.1:1"};
  BOOST_TEST(
    errors_of(load_config(sources))
    == "HOLDFAST_POOL__RESERV: unknown key pool.reserv; did you mean pool.reserve?\n"
       "HOLDFAST_CLUSTER__SEEDS: cluster.seeds is not in this release\n"
       "HOLDFAST_LISTEN__ADDRESS: listen.address is part of a list: it is set in a file by "
       "[[listen]] or with --listen\n");
}

BOOST_AUTO_TEST_CASE(text_is_read_as_what_the_key_takes) {
  auto result = load_sets(
    {"node.name=a", "node.log_format=json", "node.log_level=debug", "limits.header_size=8192",
     "limits.uri_size=2KiB", "shutdown.notify_clients=false", "heartbeat.on_zombie=mark",
     "limits.on_slow_consumer=drop_oldest", "pool.refuse=http", "pool.on_user_limit=evict_oldest",
     "heartbeat.max_missed_pongs=255", "node.run_dir=/a b=c"});
  BOOST_TEST(errors_of(result) == "");
  const auto& c = result.config;
  BOOST_TEST(c.node.name == "a");
  BOOST_TEST((c.log_format == log_format::json && c.log_level == log_level::debug));
  BOOST_TEST((c.transport.header_size == 8192 && c.transport.uri_size == 2048));
  BOOST_TEST(!c.node.shutdown.notify_clients);
  BOOST_TEST((c.node.on_zombie == zombie_policy::mark));
  BOOST_TEST((c.transport.queue.on_slow_consumer == send_queue_config::slow_consumer::drop_oldest));
  BOOST_TEST((c.node.gate.refuse == refuse_mode::http));
  BOOST_TEST((c.node.admission.on_user_limit == user_limit_policy::evict_oldest));
  BOOST_TEST(c.node.heartbeat.max_missed_pongs == 255u);
  BOOST_TEST(c.run_dir == "/a b=c");
}

BOOST_AUTO_TEST_CASE(what_a_key_does_not_take_is_an_error_that_says_what_it_takes) {
  BOOST_TEST(
    errors_of(load_sets({"pool.reserve=many"}))
    == "--set pool.reserve=many: pool.reserve (places kept for priority users) takes a whole "
       "number from 0, not \"many\"\n");
  for (auto set : {"pool.reserve=",
                   "pool.reserve=-1",
                   "pool.reserve=1.5",
                   "pool.reserve=4294967296",
                   "pool.reserve=1k",
                   "pool.max_total_connections=0",
                   "heartbeat.max_missed_pongs=0",
                   "heartbeat.max_missed_pongs=256",
                   "node.shards=0",
                   "node.shards=257",
                   "heartbeat.ping_interval=0s",
                   "heartbeat.pong_timeout=0s",
                   "heartbeat.ping_interval=30",
                   "heartbeat.zombie_detection_threshold=0s",
                   "heartbeat.ping_interval=366d",
                   "limits.handshake_timeout=0s",
                   "limits.close_timeout=0s",
                   "limits.max_read_pause=0s",
                   "limits.header_size=0",
                   "limits.max_message_size=0",
                   "limits.max_message_size=64KB",
                   "limits.max_queued_bytes=0",
                   "limits.max_queued_messages=0",
                   "shutdown.drain_timeout=0s",
                   "shutdown.force_close_timeout=0s",
                   "shutdown.cleanup_timeout=0s",
                   "shutdown.reconnect_rate=0",
                   "shutdown.notify_clients=yes",
                   "pool.pool_cleanup_interval=0s",
                   "supervisor.within=0s",
                   "heartbeat.on_zombie=bury",
                   "node.name=",
                   "node.name=a b",
                   "node.run_dir=",
                   "node.run_dir=a\nb",
                   "node.log_level=loud",
                   "auth.mode=guess"}) {
    auto result = load_sets({set});
    BOOST_TEST(result.errors.size() == 1u, set << ": " << errors_of(result));
    BOOST_TEST(contains(errors_of(result), " takes "), set);
  }
}

BOOST_AUTO_TEST_CASE(zero_is_taken_where_it_means_off) {
  auto result = load_sets({"pool.connection_timeout=0s", "pool.max_connections_per_user=0",
                           "limits.half_open=0", "limits.handshakes_per_address=0",
                           "pool.refuse_close_rate=0", "shutdown.lb_grace=0s",
                           "shutdown.message_flush_timeout=0s", "supervisor.max_restarts=0"});
  BOOST_TEST(errors_of(result) == "");
  BOOST_TEST((result.config.node.heartbeat.connection_timeout == 0s));
  BOOST_TEST(result.config.node.admission.max_connections_per_user == 0u);
}

BOOST_AUTO_TEST_CASE(a_set_without_a_value_or_a_key_is_an_error) {
  BOOST_TEST(errors_of(load_sets({"pool.reserve"}))
             == "--set pool.reserve: it is written --set table.key=value\n");
  BOOST_TEST(load_sets({"nonsense"}).errors.size() == 1u);
  BOOST_TEST(load_sets({"nonsense=1"}).errors.size() == 1u);
  BOOST_TEST(load_sets({"=1"}).errors.size() == 1u);
  BOOST_TEST(load_sets({"listen.address=127.0.0.1:1"}).errors.size() == 1u);
  BOOST_TEST(load_sets({"route.path=/"}).errors.size() == 1u);
  BOOST_TEST(load_sets({"pool=1"}).errors.size() == 1u);
}

BOOST_AUTO_TEST_CASE(every_error_of_every_source_is_reported) {
  auto sources = no_sources();
  sources.profile = "party";
  sources.file_text = "[pool]\nreserv = 1\nmax_total_connections = \"x\"\n";
  sources.environment = {"HOLDFAST_POOL__NO=1"};
  sources.sets = {"nonsense"};
  sources.listens = {"here"};
  BOOST_TEST(load_config(sources).errors.size() == 6u);
}

BOOST_AUTO_TEST_CASE(listen_options_replace_all_addresses_of_the_file) {
  auto sources = no_sources();
  sources.file_text = "[[listen]]\naddress = \"127.0.0.1:1\"\norigins = [\"https://a.example\"]\n";
  sources.listens = {"127.0.0.1:0", "[::1]:9000"};
  auto result = load_config(sources);
  BOOST_TEST(errors_of(result) == "");
  BOOST_REQUIRE(result.config.listen.size() == 2u);
  BOOST_TEST(result.config.listen[0].address == "127.0.0.1");
  BOOST_TEST(result.config.listen[0].port == 0);
  BOOST_TEST(result.config.listen[1].address == "::1");
  BOOST_TEST(result.config.listen[1].port == 9000);
  BOOST_TEST(result.origin("listen") == "--listen");
}

BOOST_AUTO_TEST_CASE(listening_elsewhere_does_not_open_the_node_to_pages_of_other_origins) {
  auto sources = no_sources();
  sources.file_text = "[[listen]]\naddress = \"127.0.0.1:1\"\norigins = [\"https://a.example\"]\n";
  sources.listens = {"127.0.0.1:0"};
  auto origins = load_config(sources).config.node.gate.origins;
  BOOST_TEST((origins == std::vector<std::string>{"https://a.example"}));
}

BOOST_AUTO_TEST_CASE(endpoints_are_numeric_addresses_with_a_port) {
  auto form = [](std::string_view text) {
    auto where = parse_endpoint(text);
    return where ? format_endpoint(*where) : "";
  };
  for (auto text : {"127.0.0.1:8080", "0.0.0.0:0", "[::1]:65535", "[2001:db8::1]:80"})
    BOOST_TEST(form(text) == text);
  BOOST_TEST(form("localhost:8080") == "127.0.0.1:8080");
  for (auto text : {"",
                    ":",
                    ":8080",
                    "here",
                    "127.0.0.1",
                    "127.0.0.1:",
                    "127.0.0.1:65536",
                    "127.0.0.1:99999",
                    "127.0.0.1:-1",
                    "127.0.0.1:+1",
                    "127.0.0.1:8 ",
                    "::1:8080",
                    "[::1]",
                    "[127.0.0.1]:80",
                    "[]:80",
                    "example.org:80",
                    "*:80",
                    "[::1:80",
                    "1.2.3:80",
                    "[fe80::1%eth0]:80",
                    "[localhost]:80"})
    BOOST_TEST(form(text) == "", text);
}

BOOST_AUTO_TEST_SUITE_END()
