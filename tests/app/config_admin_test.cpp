#include "app/admin/token_file.hpp"
#include "app/config_keys.hpp"
#include "tests/app/config_sources.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace holdfast;

namespace {

using names = std::vector<std::string>;

/// A token in a file of its own.
struct token_on_disk {
  explicit token_on_disk(const std::string& text, mode_t mode = 0600) {
    auto descriptor = ::mkstemp(path);
    BOOST_REQUIRE(descriptor >= 0);
    BOOST_REQUIRE_EQUAL(::write(descriptor, text.data(), text.size()),
                        static_cast<ssize_t>(text.size()));
    ::fchmod(descriptor, mode);
    ::close(descriptor);
  }
  ~token_on_disk() { ::unlink(path); }

  admin::token_result read() const { return admin::read_token(path); }

  char path[32] = "/tmp/holdfast-token-XXXXXX";
};

} // namespace

BOOST_AUTO_TEST_SUITE(config_of_admin)

BOOST_AUTO_TEST_CASE(the_socket_is_in_the_run_directory_unless_it_is_set) {
  BOOST_TEST(load_sets({}).config.admin.socket == "/tmp/holdfast-1000/holdfast.sock");
  BOOST_TEST(load_sets({"node.run_dir=/run/a"}).config.admin.socket == "/run/a/holdfast.sock");
  auto set = load_sets({"admin.socket=/run/b.sock", "node.run_dir=/run/a"});
  BOOST_TEST(set.config.admin.socket == "/run/b.sock");
  BOOST_TEST(!load_sets({"admin.socket="}).ok());
}

BOOST_AUTO_TEST_CASE(a_path_that_no_socket_can_have_is_refused) {
  auto longest = "/" + std::string(106, 'x');
  BOOST_TEST(load_sets({"admin.socket=" + longest}).ok());
  BOOST_TEST(contains(errors_of(load_sets({"admin.socket=" + longest + "x"})),
                      "is too long for a socket, whose path has at most 107 bytes"));
  BOOST_TEST(contains(errors_of(load_sets({"node.run_dir=" + longest})), "shorter node.run_dir"));
}

BOOST_AUTO_TEST_CASE(it_listens_on_tcp_only_when_it_is_told_to) {
  BOOST_TEST(!load_sets({}).config.admin.listen);
  auto listen = load_sets({"admin.listen=[::1]:9090"}).config.admin.listen;
  BOOST_REQUIRE(listen);
  BOOST_TEST(format_endpoint(*listen) == "[::1]:9090");
  BOOST_TEST(!load_file("[admin]\nlisten = \"\"\n").config.admin.listen);
  BOOST_TEST(contains(errors_of(load_file("[admin]\nlisten = 9090\n")),
                      "holdfast.toml:2:1: admin.listen (where it is found over TCP; \"\" is off) "
                      "takes a numeric address and a port such as \"127.0.0.1:9090\", not 9090"));
  BOOST_TEST(!load_sets({"admin.listen=example.org:80"}).ok());
}

BOOST_AUTO_TEST_CASE(who_can_be_reached_from_elsewhere_needs_a_token) {
  for (auto address : {"0.0.0.0:9090", "[::]:9090", "192.0.2.1:9090"}) {
    auto listen = std::string{"admin.listen="} + address;
    auto text = errors_of(load_sets({listen}));
    BOOST_TEST(contains(text, "can be reached from other machines: set admin.token_file"), text);
    BOOST_TEST(errors_of(load_sets({listen, "admin.token_file=/t"})) == "");
  }
  BOOST_TEST(errors_of(load_sets({"admin.listen=127.0.0.1:9090"})) == "");
}

BOOST_AUTO_TEST_CASE(a_port_of_the_clients_is_refused) {
  BOOST_TEST(
    contains(errors_of(load_sets({"admin.listen=127.0.0.1:8080"})), "is where clients connect"));
  auto sources = no_sources();
  sources.listens = {"127.0.0.1:0"};
  sources.sets = {"admin.listen=127.0.0.1:0"}; // the kernel gives them two
  BOOST_TEST(errors_of(load_config(sources)) == "");
}

BOOST_AUTO_TEST_CASE(what_only_counts_over_tcp_is_warned_of_without_it) {
  auto text = warnings_of(load_sets({"admin.token_file=/t", "admin.hosts=a"}));
  BOOST_TEST(contains(text, "admin.token_file = \"/t\" (--set) never counts without admin.listen"));
  BOOST_TEST(contains(text, "admin.hosts = [\"a\"] (--set) never counts without admin.listen"));
  BOOST_TEST(warnings_of(load_sets({"admin.listen=127.0.0.1:1", "admin.hosts=a"})) == "");
}

BOOST_AUTO_TEST_CASE(hosts_are_a_list_in_a_file_and_elsewhere) {
  auto hosts = [](const config_result& loaded) {
    BOOST_TEST(errors_of(loaded) == "");
    return loaded.config.admin.hosts;
  };
  auto listen = std::string{"listen = \"127.0.0.1:9090\"\n"};
  BOOST_TEST(hosts(load_file("[admin]\n" + listen + "hosts = [\"a.example\", \"[::1]\"]\n"))
             == (names{"a.example", "[::1]"}));
  BOOST_TEST(hosts(load_file("[admin]\n" + listen + "hosts = []\n")) == names{});
  BOOST_TEST(hosts(load_sets({"admin.hosts=a.example, b.example"}))
             == (names{"a.example", "b.example"}));
  BOOST_TEST(hosts(load_sets({"admin.hosts=[\"a.example\", 'b.example']"}))
             == (names{"a.example", "b.example"}));
  BOOST_TEST(hosts(load_sets({"admin.hosts=192.0.2.7"})) == names{"192.0.2.7"});
  BOOST_TEST(hosts(load_sets({"admin.hosts="})) == names{});
}

BOOST_AUTO_TEST_CASE(what_is_no_list_of_hosts_is_refused) {
  for (auto value : {"\"a.example\"", "[1]", "[\"a.example:80\"]", "[\"\"]", "[\"a b\"]", "true",
                     "[[\"a\"]]", "[\"[::x]\"]", "[\"http://a\"]"})
    BOOST_TEST(contains(errors_of(load_file("[admin]\nhosts = " + std::string{value} + "\n")),
                        "holdfast.toml:2:1: admin.hosts (other names of admin.listen) takes a "
                        "list of names without a port"),
               value);
  for (auto value : {"[", "[\"a\"", "[\"a\"]\ny=[]", "a,,b", "a,"})
    if (std::string{value} != "a,") // a comma at the end is none too many
      BOOST_TEST(!load_sets({"admin.hosts=" + std::string{value}}).ok(), value);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(token_files)

BOOST_AUTO_TEST_CASE(a_token_is_what_stands_in_the_file_without_the_space_around_it) {
  token_on_disk file{"  0123456789abcdef\r\n\n"};
  BOOST_TEST(file.read().error == "");
  BOOST_TEST(file.read().token == "0123456789abcdef");
}

BOOST_AUTO_TEST_CASE(a_short_one_is_refused) {
  token_on_disk file{"0123456789abcde\n"};
  BOOST_TEST(file.read().error
             == std::string{file.path}
                  + ": a token has at least 16 characters, and not 15; `openssl rand -hex 32` "
                    "makes one");
  BOOST_TEST(file.read().token == "");
  BOOST_TEST(contains(token_on_disk{" \n"}.read().error, "not 0"));
}

BOOST_AUTO_TEST_CASE(what_no_header_can_carry_is_refused) {
  for (auto text : {"0123456789 abcdef", "0123456789\nabcdef",
                    "0123456789\x01"
                    "abcdef",
                    "0123456789\xc3\xa9"
                    "abcdef"})
    BOOST_TEST(contains(token_on_disk{text}.read().error, "one word of visible ASCII"), text);
}

BOOST_AUTO_TEST_CASE(one_that_everyone_can_read_is_refused_and_one_of_the_group_not) {
  BOOST_TEST(contains(token_on_disk("0123456789abcdef", 0644).read().error, "everyone"));
  BOOST_TEST(token_on_disk("0123456789abcdef", 0640).read().error == "");
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_refused_without_waiting) {
  BOOST_TEST(admin::read_token("/tmp").error == "/tmp: cannot be read: Is a directory");
  BOOST_TEST(contains(admin::read_token("/nowhere/token").error, "No such file or directory"));
  BOOST_TEST(contains(admin::read_token("/dev/zero").error, "it is no regular file"));
}

BOOST_AUTO_TEST_SUITE_END()
