#include "tests/app/config_sources.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <fstream>
#include <unistd.h>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

/// A file that goes away with the test.
class written_file {
public:
  explicit written_file(const std::string& text)
    : path_{"/tmp/holdfast-config-test-" + std::to_string(::getpid()) + ".toml"} {
    std::ofstream{path_} << text;
  }
  ~written_file() { std::remove(path_.c_str()); }

  const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(config_file)

BOOST_AUTO_TEST_CASE(values_are_taken_and_their_places_kept) {
  auto result = load_file("# mine\n[pool]\nreserve = 11\n  connection_timeout = \"77s\"\n"
                          "[limits]\nheader_size = 8192\nuri_size = \"2KiB\"\n"
                          "[shutdown]\nnotify_clients = false\n");
  BOOST_TEST(errors_of(result) == "");
  BOOST_TEST(result.config.node.reserve == 11u);
  BOOST_TEST((result.config.node.heartbeat.connection_timeout == 77s));
  BOOST_TEST(result.config.transport.header_size == 8192u);
  BOOST_TEST(result.config.transport.uri_size == 2048u);
  BOOST_TEST(!result.config.node.shutdown.notify_clients);
  BOOST_TEST(result.origin("pool.reserve") == "holdfast.toml:3:1");
  BOOST_TEST(result.origin("pool.connection_timeout") == "holdfast.toml:4:3");
}

BOOST_AUTO_TEST_CASE(keys_can_be_written_with_dots_and_as_inline_tables) {
  auto result = load_file("pool.reserve = 3\nheartbeat = { max_missed_pongs = 4 }\n");
  BOOST_TEST(errors_of(result) == "");
  BOOST_TEST(result.config.node.reserve == 3u);
  BOOST_TEST(result.config.node.heartbeat.max_missed_pongs == 4u);
  BOOST_TEST(result.origin("pool.reserve") == "holdfast.toml:1:6");
}

BOOST_AUTO_TEST_CASE(a_file_is_read) {
  written_file file{"[pool]\nreserve = 7\n"};
  auto sources = no_sources();
  sources.file = file.path();
  auto result = load_config(sources);
  BOOST_TEST(errors_of(result) == "");
  BOOST_TEST(result.config.node.reserve == 7u);
  BOOST_TEST(result.origin("pool.reserve") == file.path() + ":2:1");
}

BOOST_AUTO_TEST_CASE(an_empty_file_changes_nothing) {
  BOOST_TEST(errors_of(load_file("")) == "");
  written_file file{""};
  auto sources = no_sources();
  sources.file = file.path();
  BOOST_TEST(errors_of(load_config(sources)) == "");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_named) {
  auto sources = no_sources();
  sources.file = "/nonexistent/holdfast.toml";
  BOOST_TEST(errors_of(load_config(sources))
             == "/nonexistent/holdfast.toml: cannot read the configuration: "
                "No such file or directory\n");
  sources.file = "/tmp";
  BOOST_TEST(errors_of(load_config(sources))
             == "/tmp: cannot read the configuration: Is a directory\n");
  sources.file = "/dev/zero";
  BOOST_TEST(errors_of(load_config(sources))
             == "/dev/zero: cannot read the configuration: it is no regular file\n");
}

BOOST_AUTO_TEST_CASE(an_unknown_key_is_named_with_its_place_and_the_nearest_one) {
  BOOST_TEST(errors_of(load_file("\n[pool]\n  max_conections = 7\n"))
             == "holdfast.toml:3:3: unknown key pool.max_conections; "
                "did you mean pool.max_connections_per_user?\n");
}

BOOST_AUTO_TEST_CASE(an_unknown_table_is_named_once_whatever_it_holds) {
  auto text = errors_of(load_file("[node]\nname = \"a\"\n\n[heartbeet]\na = 1\nb = 2\n"));
  BOOST_TEST(text == "holdfast.toml:4:2: unknown key heartbeet; did you mean heartbeat?\n");
}

BOOST_AUTO_TEST_CASE(errors_come_in_the_order_of_the_file) {
  BOOST_TEST(errors_of(load_file("[pool]\nzzz = 1\naaa = 1\n[limits]\nmmm = 1\n")).substr(0, 55)
             == "holdfast.toml:2:1: unknown key pool.zzz; pool has max_c");
  auto result = load_file("[pool]\nzzz = 1\naaa = 1\n[limits]\nmmm = 1\n");
  BOOST_REQUIRE(result.errors.size() == 3u);
  BOOST_TEST(contains(result.errors[1], "holdfast.toml:3:1: unknown key pool.aaa"));
  BOOST_TEST(contains(result.errors[2], "holdfast.toml:5:1: unknown key limits.mmm"));
}

BOOST_AUTO_TEST_CASE(a_value_of_the_wrong_type_says_what_is_taken_with_an_example) {
  BOOST_TEST(errors_of(load_file("[heartbeat]\nping_interval = 20\n"))
             == "holdfast.toml:2:1: heartbeat.ping_interval (from one ping to the next) takes a "
                "duration above zero such as \"30s\", up to a year, not 20\n");
  BOOST_TEST(errors_of(load_file("[heartbeat]\nmax_missed_pongs = \"3\"\n"))
             == "holdfast.toml:2:1: heartbeat.max_missed_pongs (misses that make a zombie) takes a "
                "whole number from 1 to 255, not \"3\"\n");
  BOOST_TEST(errors_of(load_file("[heartbeat]\non_zombie = \"bury\"\n"))
             == "holdfast.toml:2:1: heartbeat.on_zombie (what becomes of a zombie) takes \"close\" "
                "or \"mark\", not \"bury\"\n");
  for (auto line : {"ping_interval = \"20\"", "ping_interval = \"-1s\"", "ping_interval = \"soon\"",
                    "ping_interval = true", "ping_interval = 1.5", "ping_interval = [\"20s\"]",
                    "ping_interval = { s = 20 }", "ping_interval = 07:32:00",
                    "max_missed_pongs = -1", "max_missed_pongs = 3.0", "max_missed_pongs = true",
                    "max_missed_pongs = 1979-05-27", "on_zombie = 1"}) {
    auto result = load_file(std::string{"[heartbeat]\n"} + line + "\n");
    BOOST_TEST(result.errors.size() == 1u, line);
    BOOST_TEST(contains(errors_of(result), "holdfast.toml:2:1: heartbeat."), line);
  }
  BOOST_TEST(load_file("[shutdown]\nnotify_clients = \"true\"\n").errors.size() == 1u);
  BOOST_TEST(load_file("[node]\nname = 7\n").errors.size() == 1u);
  BOOST_TEST(load_file("[limits]\nheader_size = -1\n").errors.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_long_wrong_value_is_cut_in_the_message) {
  auto text = errors_of(load_file("[node]\nlog_level = \"" + std::string(5000, 'x') + "\"\n"));
  BOOST_TEST(text.size() < 300u);
  BOOST_TEST(contains(text, "xxx\"..."));
}

BOOST_AUTO_TEST_CASE(a_table_is_no_value_and_a_value_no_table) {
  BOOST_TEST(errors_of(load_file("pool = 5\n"))
             == "holdfast.toml:1:1: pool is a table: it is written [pool]\n");
  BOOST_TEST(errors_of(load_file("[[pool]]\nreserve = 1\n")).find("pool is a table")
             != std::string::npos);
  BOOST_TEST(load_file("[pool.deep]\nreserve = 1\n").errors.size() == 1u);
}

BOOST_AUTO_TEST_CASE(broken_toml_is_named_with_its_place) {
  auto text = errors_of(load_file("[pool]\nreserve = \n"));
  BOOST_TEST(contains(text, "holdfast.toml:2:"), text);
  for (auto broken : {"[pool", "x", "a = 1\na = 2\n", "= 1", "[pool]\n[pool]\n", "a = \"\xff\"\n",
                      "a = 1 b = 2\n", "a = \"x\ny\"\n"}) {
    auto result = load_file(broken);
    BOOST_TEST(result.errors.size() == 1u, broken);
    BOOST_TEST(contains(errors_of(result), "holdfast.toml:"), broken);
  }
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_an_error_and_no_crash) {
  BOOST_TEST(!load_file("a = " + std::string(100'000, '[')).ok());
  BOOST_TEST(!load_file("a = " + std::string(100'000, '{')).ok());
  for (auto parts : {17, 1000, 400'000}) {
    std::string key = "a";
    for (int i = 1; i < parts; ++i)
      key += ".a";
    const std::string error = ": a key has more than 16 parts\n";
    BOOST_TEST(errors_of(load_file("[" + key + "]\n")) == "holdfast.toml:1:33" + error);
    BOOST_TEST(errors_of(load_file("[pool]\n" + key + " = 1\n")) == "holdfast.toml:2:32" + error);
    auto behind_strings = R"(x = { y = """\"z"""", 'é' . )" + key + " = 1 }\n";
    BOOST_TEST(errors_of(load_file(behind_strings)) == "holdfast.toml:1:58" + error);
  }
}

BOOST_AUTO_TEST_CASE(dots_that_join_no_key_are_no_parts_of_one) {
  const std::string dots(1000, '.');
  BOOST_TEST(errors_of(load_file("# " + dots + "\n[auth.jwt] # \"" + dots + "\nissuer = \"a" + dots
                                 + "\"\n"))
             == "");
  auto options = "a = \"\"\"\n" + dots + "\n\\\"" + dots + "\"\"\"\"\"\nb = '''\n" + dots
                 + "'''\nc = '" + dots + "'\n";
  BOOST_TEST(errors_of(load_file("[[route]]\npath = \"/a\"\nhandler = \"echo\"\n" + options))
             == "");
  std::string numbers = "[pool]\nx = [1.5";
  for (int i = 0; i < 100; ++i)
    numbers += ", 1.5";
  BOOST_TEST(contains(errors_of(load_file(numbers + "]\n")), "unknown key pool.x"));
}

BOOST_AUTO_TEST_CASE(a_message_is_one_line_whatever_a_key_holds) {
  auto text = errors_of(load_file("[pool]\n\"a\\nb\\u007f\" = 1\n"));
  BOOST_TEST(contains(text, "holdfast.toml:2:1: unknown key pool.a?b?;"), text);
}

BOOST_AUTO_TEST_CASE(what_is_not_in_this_release_is_refused_by_name) {
  auto text = errors_of(load_file("[limits]\nmax_message_rate = 1000\n[cluster]\n"
                                  "[[listen]]\naddress = \"127.0.0.1:1\"\ntls.key = \"x\"\n"));
  BOOST_TEST(text
             == "holdfast.toml:2:1: limits.max_message_rate is not in this release\n"
                "holdfast.toml:3:2: cluster is not in this release\n"
                "holdfast.toml:6:1: listen.tls is not in this release\n");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(config_listen_list)

BOOST_AUTO_TEST_CASE(entries_replace_the_default) {
  auto result = load_file("[[listen]]\naddress = \"127.0.0.1:81\"\n"
                          "[[listen]]\naddress = \"[::1]:82\"\n");
  BOOST_TEST(errors_of(result) == "");
  BOOST_REQUIRE(result.config.listen.size() == 2u);
  BOOST_TEST(format_endpoint(result.config.listen[0]) == "127.0.0.1:81");
  BOOST_TEST(format_endpoint(result.config.listen[1]) == "[::1]:82");
  BOOST_TEST(result.origin("listen") == "holdfast.toml:1:1");
}

BOOST_AUTO_TEST_CASE(origins_go_to_the_gate) {
  auto result = load_file("[[listen]]\naddress = \"127.0.0.1:0\"\n"
                          "origins = [\"https://a.example\", \"http://b.example:8080\"]\n");
  BOOST_TEST(errors_of(result) == "");
  BOOST_TEST((result.config.node.gate.origins
              == std::vector<std::string>{"https://a.example", "http://b.example:8080"}));
}

BOOST_AUTO_TEST_CASE(origins_that_a_browser_never_sends_are_refused) {
  for (auto origin : {"a.example", "https://a.example/", "https://a.example/x", "https://", "null",
                      "://a", "https://a b"})
    BOOST_TEST(load_file("[[listen]]\naddress = \"127.0.0.1:0\"\norigins = [\""
                         + std::string{origin} + "\"]\n")
                   .errors.size()
                 == 1u,
               origin);
  for (auto origins : {"\"https://a.example\"", "[1]", "true"})
    BOOST_TEST(load_file("[[listen]]\naddress = \"127.0.0.1:0\"\norigins = " + std::string{origins})
                   .errors.size()
                 == 1u,
               origins);
}

// The gate does not know by which socket a client came.
BOOST_AUTO_TEST_CASE(entries_that_differ_in_their_origins_are_refused) {
  auto one = "[[listen]]\naddress = \"127.0.0.1:1\"\norigins = [\"https://a.example\"]\n";
  auto same = "[[listen]]\naddress = \"127.0.0.1:2\"\norigins = [\"https://a.example\"]\n";
  auto any = "[[listen]]\naddress = \"127.0.0.1:2\"\n";
  BOOST_TEST(errors_of(load_file(std::string{one} + same)) == "");
  BOOST_TEST(errors_of(load_file(std::string{one} + any))
             == "holdfast.toml:4:1: in this release every [[listen]] has the same origins\n");
  BOOST_TEST(load_file(std::string{any} + one).errors.size() == 1u);
}

BOOST_AUTO_TEST_CASE(wrong_entries_are_named_with_their_places) {
  BOOST_TEST(errors_of(load_file("[[listen]]\naddress = \"example.org:80\"\n"))
             == "holdfast.toml:2:1: listen.address takes a numeric address and a port such as "
                "\"127.0.0.1:8080\" or \"[::1]:8080\", not \"example.org:80\"\n");
  BOOST_TEST(errors_of(load_file("[[listen]]\naddres = \"127.0.0.1:80\"\n"))
             == "holdfast.toml:2:1: unknown key listen.addres; did you mean listen.address?\n"
                "holdfast.toml:1:1: this [[listen]] has no address\n");
  for (auto text : {"[[listen]]\n", "[listen]\naddress = \"127.0.0.1:80\"\n", "listen = []\n",
                    "listen = \"127.0.0.1:80\"\n", "listen = [\"127.0.0.1:80\"]\n",
                    "[[listen]]\naddress = 80\n"})
    BOOST_TEST(load_file(text).errors.size() == 1u, text);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(config_route_list)

BOOST_AUTO_TEST_CASE(entries_replace_the_default_ones_and_keep_the_handlers_own_keys) {
  auto result = load_file("[[route]]\npath = \"/chat\"\nhandler = \"topics\"\nmode = \"inline\"\n"
                          "greeting = \"hello\"\nsize = 3\nloud = true\n");
  BOOST_TEST(errors_of(result) == "");
  BOOST_REQUIRE(result.config.node.routes.size() == 1u);
  const auto& route = result.config.node.routes[0];
  BOOST_TEST(route.path == "/chat");
  BOOST_TEST(route.handler == "topics");
  BOOST_TEST((
    route.options
    == std::map<std::string, std::string>{{"greeting", "hello"}, {"loud", "true"}, {"size", "3"}}));
  BOOST_TEST(result.origin("route") == "holdfast.toml:1:1");
}

BOOST_AUTO_TEST_CASE(two_routes_with_one_path_are_refused) {
  BOOST_TEST(errors_of(load_file("[[route]]\npath = \"/a\"\nhandler = \"echo\"\n"
                                 "[[route]]\npath = \"/a\"\nhandler = \"topics\"\n"))
             == "holdfast.toml:4:1: there is a [[route]] with the path /a already\n");
}

BOOST_AUTO_TEST_CASE(a_handler_that_does_not_exist_is_refused) {
  BOOST_TEST(errors_of(load_file("[[route]]\npath = \"/a\"\nhandler = \"ehco\"\n"))
             == "holdfast.toml:3:1: there is no handler ehco; did you mean echo?\n");
  BOOST_TEST(errors_of(load_file("[[route]]\npath = \"/a\"\nhandler = \"chat\"\n"))
             == "holdfast.toml:3:1: there is no handler chat; there are broadcast, echo, topics\n");
}

BOOST_AUTO_TEST_CASE(a_handler_that_no_default_route_has_stands_at_its_name) {
  auto routes_of = [](const config_sources& sources) {
    auto loaded = load_config(sources);
    BOOST_TEST(errors_of(loaded) == "");
    std::string text;
    for (auto& route : loaded.config.node.routes)
      text += route.path + "=" + route.handler + ":" + std::string{to_string(route.mode)} + " ";
    return text;
  };
  auto sources = no_sources();
  sources.handlers = {"chat", "echo", "no way"};
  sources.modes = {{"chat", handler_mode::shared}};
  BOOST_TEST(routes_of(sources) == "/echo=echo:inline /chat=chat:shared ");
  sources.file_text = "[[route]]\npath = \"/\"\nhandler = \"chat\"\n";
  BOOST_TEST(routes_of(sources) == "/=chat:shared ");
}

BOOST_AUTO_TEST_CASE(a_program_whose_handlers_have_no_route_is_told) {
  auto sources = no_sources();
  sources.handlers = {};
  BOOST_TEST(errors_of(load_config(sources))
             == "this program has no handlers: nothing can be served\n");
  sources.handlers = {"no way"};
  BOOST_TEST(errors_of(load_config(sources))
             == "no handler has a default route: set a [[route]]\n");
}

BOOST_AUTO_TEST_CASE(a_route_has_one_of_three_modes) {
  auto with_mode = [](const std::string& mode) {
    return load_file("[[route]]\npath = \"/a\"\nhandler = \"echo\"\nmode = " + mode);
  };
  auto mode_of = [&](const std::string& mode) {
    auto loaded = with_mode(mode);
    BOOST_TEST(errors_of(loaded) == "");
    return loaded.config.node.routes.at(0).mode;
  };
  BOOST_TEST((mode_of("\"inline\"") == handler_mode::inlined));
  BOOST_TEST((mode_of("\"per_connection\"") == handler_mode::per_connection));
  BOOST_TEST((mode_of("\"shared\"") == handler_mode::shared));
  BOOST_TEST(errors_of(with_mode("\"fast\""))
             == "holdfast.toml:4:1: route.mode takes \"inline\", \"per_connection\" or "
                "\"shared\", not \"fast\"\n");
  BOOST_TEST(contains(errors_of(with_mode("1")), "not 1"));
}

BOOST_AUTO_TEST_CASE(a_handler_may_have_a_usual_mode) {
  config_sources sources;
  sources.handlers = {"chat"};
  sources.modes = {{"chat", handler_mode::shared}};
  auto usual = std::string{"[[route]]\npath = \"/\"\nhandler = \"chat\"\n"};
  sources.file_text = usual;
  BOOST_TEST((load_config(sources).config.node.routes.at(0).mode == handler_mode::shared));
  sources.file_text = usual + "mode = \"inline\"\n";
  BOOST_TEST((load_config(sources).config.node.routes.at(0).mode == handler_mode::inlined));
}

BOOST_AUTO_TEST_CASE(restarts_are_for_shared_handlers) {
  auto with = [](const std::string& lines) {
    return load_file("[[route]]\npath = \"/a\"\nhandler = \"echo\"\n" + lines);
  };
  auto shared = with("mode = \"shared\"\nmax_restarts = 2\nwithin = \"10s\"\n"
                     "on_give_up = \"close\"\n");
  BOOST_TEST(errors_of(shared) == "");
  auto& route = shared.config.node.routes.at(0);
  BOOST_TEST(route.restarts.max_restarts == 2);
  BOOST_TEST((route.restarts.within == std::chrono::seconds{10}));
  BOOST_TEST((route.on_give_up == give_up_policy::close));
  BOOST_TEST(route.options.empty());
  BOOST_TEST(errors_of(with("within = \"10s\"\n"))
             == "holdfast.toml:1:1: route.within is for mode = \"shared\" alone\n");
  BOOST_TEST(contains(errors_of(with("mode = \"shared\"\nmax_restarts = -1\n")),
                      "a whole number from 0 to 1000"));
  BOOST_TEST(contains(errors_of(with("mode = \"shared\"\nwithin = \"0s\"\n")), "a duration"));
  BOOST_TEST(contains(errors_of(with("mode = \"shared\"\non_give_up = \"pray\"\n")),
                      "takes \"drain\" or \"close\", not \"pray\""));
}

BOOST_AUTO_TEST_CASE(wrong_entries_are_refused) {
  for (auto text :
       {"[[route]]\nhandler = \"echo\"\n", "[[route]]\npath = \"/a\"\n",
        "[[route]]\npath = \"a\"\nhandler = \"echo\"\n",
        "[[route]]\npath = \"\"\nhandler = \"echo\"\n",
        "[[route]]\npath = \"/a?b\"\nhandler = \"echo\"\n",
        "[[route]]\npath = \"/a b\"\nhandler = \"echo\"\n",
        "[[route]]\npath = \"/healthz\"\nhandler = \"echo\"\n",
        "[[route]]\npath = 1\nhandler = \"echo\"\n", "[[route]]\npath = \"/a\"\nhandler = 1\n",
        "[[route]]\npath = \"/a\"\nhandler = \"echo\"\nx = [1]\n",
        "[[route]]\npath = \"/a\"\nhandler = \"echo\"\nx = 1.5\n", "[route]\npath = \"/a\"\n",
        "route = []\n"})
    BOOST_TEST(load_file(text).errors.size() == 1u, text << errors_of(load_file(text)));
}

BOOST_AUTO_TEST_SUITE_END()
