// Lists of connections and what is done to them, over a whole node in virtual time.
#include "app/admin/api/endpoints.hpp"
#include "tests/app/admin/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace holdfast;
using namespace holdfast::test;
using namespace holdfast::admin;
using namespace holdfast::admin::test;
using namespace std::chrono_literals;

namespace {

using parameters = std::vector<std::pair<std::string, std::string>>;

std::vector<endpoint> all_of_them(api_context& node) {
  auto all = connection_endpoints(node);
  for (auto* more : {action_endpoints, closed_endpoints})
    for (auto& each : more(node))
      all.push_back(each);
  return all;
}

struct crowd : api_node {
  static constexpr int size = 60;

  crowd() : api_node{settings(), all_of_them} {
    for (int i = 0; i < size; ++i) {
      node.connect(static_cast<std::size_t>(i % 2), "/echo?user=u" + std::to_string(i % 20));
      node.advance(50ms);
    }
  }

  static node_settings settings() {
    auto settings = test_settings();
    settings.shards = 2;
    settings.max_total_connections = 1000;
    settings.admission.max_connections_per_user = 5;
    return settings;
  }

  nlohmann::ordered_json list(const parameters& query) {
    return ask("GET", "/v1/connections", {}, query)->body();
  }

  std::string some_id() { return list({{"limit", "1"}})["items"][0]["id"]; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(admin_connections, crowd)

BOOST_AUTO_TEST_CASE(pages_together_are_everyone_once_and_in_order) {
  for (std::string sort : {"id", "-id", "age", "-age", "user", "-user", "idle", "state", "queue"}) {
    std::set<std::string> seen;
    std::vector<nlohmann::ordered_json> rows;
    parameters query{{"limit", "7"}, {"sort", sort}};
    for (;;) {
      auto page = list(query);
      BOOST_REQUIRE_EQUAL(page["total"], size);
      for (auto& row : page["items"]) {
        seen.insert(row["id"].get<std::string>());
        rows.push_back(row);
      }
      if (page["next"].is_null())
        break;
      query = {{"limit", "7"}, {"sort", sort}, {"cursor", page["next"].get<std::string>()}};
    }
    BOOST_TEST(rows.size() == std::size_t{size}, sort);
    BOOST_TEST(seen.size() == std::size_t{size}, sort);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (sort == "user")
        BOOST_TEST(rows[i - 1]["user"] <= rows[i]["user"]);
      if (sort == "-user")
        BOOST_TEST(rows[i - 1]["user"] >= rows[i]["user"]);
      if (sort == "-age")
        BOOST_TEST(rows[i - 1]["age_ms"] >= rows[i]["age_ms"]);
    }
  }
}

BOOST_AUTO_TEST_CASE(selectors_choose_and_are_counted_over_the_whole_set) {
  auto mine = list({{"user", "u3"}, {"limit", "1"}});
  BOOST_TEST(mine["total"] == 3);
  BOOST_TEST(mine["items"].size() == 1u);
  BOOST_TEST(mine["open"] == size);
  BOOST_TEST(list({{"user", "u3"}, {"user", "u4"}})["total"] == 6);
  BOOST_TEST(list({{"age_gt", "1s"}})["total"] < size);
  BOOST_TEST(list({{"state", "zombie"}})["total"] == 0);
  BOOST_TEST(list({{"node", "elsewhere"}})["total"] == 0);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_question_is_said) {
  for (auto& query :
       {parameters{{"usr", "u1"}}, parameters{{"sort", "height"}}, parameters{{"limit", "0"}},
        parameters{{"limit", "1001"}}, parameters{{"limit", "x"}}, parameters{{"age_gt", "long"}},
        parameters{{"state", "shut"}}, parameters{{"addr", "home"}}, parameters{{"id", "7"}},
        parameters{{"queue_gt", "1KB"}}, parameters{{"cursor", "there"}}}) {
    auto exchange = ask("GET", "/v1/connections", {}, query);
    BOOST_TEST(exchange->error() == "bad_request", query[0].first);
    BOOST_TEST(!exchange->body()["error"]["hint"].get<std::string>().empty());
  }
}

BOOST_AUTO_TEST_CASE(a_dead_pool_member_makes_a_list_partial_and_is_named) {
  peers.members[1] = silent<pool_member_actor>();
  auto page = list({});
  BOOST_TEST(page["partial"] == nlohmann::ordered_json::array({"pool/1"}));
  BOOST_TEST(page["total"] == size / 2);
}

BOOST_AUTO_TEST_CASE(one_connection_is_shown_with_its_history) {
  auto one = ask("GET", "/v1/connections/" + some_id())->body();
  BOOST_TEST(one["history"].size() == 1u);
  BOOST_TEST(one["history"][0]["cause"] == "admitted");
  BOOST_TEST(one["state"] == "open");
}

BOOST_AUTO_TEST_CASE(nobody_of_that_id_is_404_and_the_ledger_is_named) {
  for (const auto& id : {std::string{"nonsense"}, std::string{"mwxowo6g-12601"}, some_id() + "f"}) {
    auto exchange = ask("GET", "/v1/connections/" + id);
    BOOST_TEST(exchange->status == 404, id);
    BOOST_TEST(exchange->text.find("/v1/closed?id=") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_list_as_lines_has_everyone_and_waits_for_its_reader) {
  auto lines = [&](parameters query) {
    auto exchange = asked("GET", "/v1/connections", {}, std::move(query), "application/x-ndjson");
    served.answer(exchange);
    for (int i = 0; i < 20 && !exchange->finished; ++i)
      node.advance(100ms);
    BOOST_TEST(exchange->finished);
    return std::count(exchange->text.begin(), exchange->text.end(), '\n');
  };
  BOOST_TEST(lines({}) == size);
  BOOST_TEST(lines({{"user", "u3"}}) == 3);
  BOOST_TEST(lines({{"limit", "4"}}) == 4);
}

BOOST_AUTO_TEST_CASE(a_dry_run_closes_nobody) {
  auto kick = ask("POST", "/v1/connections/kick", R"({"user":"u3","dry_run":true})")->body();
  BOOST_TEST(kick["matched"] == 3);
  BOOST_TEST(kick["kicked"] == 0);
  BOOST_TEST(kick["items"].size() == 3u);
  auto some = ask("POST", "/v1/connections/kick", R"({"user":"u3","dry_run":true,"limit":2})");
  BOOST_TEST(some->body()["matched"] == 3);
  BOOST_TEST(some->body()["selected"] == 2);
  node.advance(1s);
  BOOST_TEST(node.open() == std::size_t{size});
}

BOOST_AUTO_TEST_CASE(a_kick_closes_who_is_meant_with_code_and_reason) {
  auto kick = ask("POST", "/v1/connections/kick",
                  R"({"user":"u3","limit":2,"code":4999,"reason":"enough"})")
                ->body();
  BOOST_TEST(kick["kicked"] == 2);
  node.advance(1s);
  int closed = 0;
  for (auto& client : node.clients)
    if (client->socket.sent_code != close_code::none) {
      ++closed;
      BOOST_TEST((client->socket.sent_code == static_cast<close_code>(4999)));
    }
  BOOST_TEST(closed == 2);
}

BOOST_AUTO_TEST_CASE(a_kick_of_everyone_is_paced) {
  ask("POST", "/v1/connections/kick", R"({"all":true,"rate":20})");
  auto closed = [&] {
    return std::count_if(node.clients.begin(), node.clients.end(), [](auto& client) {
      return client->socket.sent_code == close_code::kicked;
    });
  };
  node.advance(1s);
  BOOST_TEST(closed() >= 15);
  BOOST_TEST(closed() <= 25);
  node.advance(3s);
  BOOST_TEST(closed() == size);
}

BOOST_AUTO_TEST_CASE(a_kick_that_names_nobody_or_cannot_be_sent_kicks_nobody) {
  for (auto* wrong :
       {"{}", R"({"all":true,"user":"u3"})", R"({"user":"u3","rate":0})",
        R"({"user":"u3","rate":18446744073709551615})", R"({"user":"u3","code":1006})",
        R"({"user":"u3","code":"4503"})", R"({"user":3})", R"({"usr":"u3"})", R"({"dry_run":true})",
        R"({"user":"u3","dry_run":"true"})", R"({"user":"u3","dry_run":1})", R"({"all":"yes"})"}) {
    BOOST_TEST(ask("POST", "/v1/connections/kick", wrong)->error() == "bad_request", wrong);
  }
  BOOST_TEST(ask("POST", "/v1/connections/kick",
                 R"({"user":"u3","reason":")" + std::string(124, 'x') + "\"}")
               ->error()
             == "bad_request");
  node.advance(1s);
  BOOST_TEST(node.open() == std::size_t{size});
}

BOOST_AUTO_TEST_CASE(users_come_with_most_connections_first) {
  auto users = ask("GET", "/v1/users", {}, {{"limit", "3"}})->body();
  BOOST_TEST(users["total"] == 20);
  BOOST_TEST(users["items"].size() == 3u);
  BOOST_TEST(users["items"][0]["connections"] == 3);
  BOOST_TEST(users["items"][0]["limit"] == 5);
}

BOOST_AUTO_TEST_CASE(receipts_are_found_and_paged_newest_first) {
  ask("POST", "/v1/connections/kick", R"({"user":["u3","u4"],"rate":100})");
  node.advance(10s); // nobody answers the close
  auto first = ask("GET", "/v1/closed", {}, {{"limit", "4"}})->body();
  BOOST_REQUIRE(first["items"].size() == 4u);
  BOOST_TEST(first["ever"] == 6);
  auto second
    = ask("GET", "/v1/closed", {}, {{"limit", "4"}, {"cursor", first["next"].get<std::string>()}})
        ->body();
  BOOST_TEST(second["items"].size() == 2u);
  BOOST_TEST(second["next"].is_null());
  auto mine = ask("GET", "/v1/closed", {}, {{"user", "u3"}})->body();
  BOOST_TEST(mine["items"].size() == 3u);
  BOOST_TEST(mine["items"][0]["code"] == 4503);
  auto id = mine["items"][0]["id"].get<std::string>();
  BOOST_TEST(ask("GET", "/v1/closed", {}, {{"id", id}})->body()["items"].size() == 1u);
  BOOST_TEST(ask("GET", "/v1/closed", {}, {{"code", "1000"}})->body()["items"].empty());
  BOOST_TEST(ask("GET", "/v1/closed", {}, {{"cause", "kiked"}})->error() == "bad_request");
}

BOOST_AUTO_TEST_SUITE_END()
