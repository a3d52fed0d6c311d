// The Prometheus rules and the Grafana dashboard that ship, against the metrics that there are.
#include "app/admin/metrics.hpp"
#include "app/config_value.hpp"
#include "app/read_file.hpp"
#include "tests/app/admin/exposition_reader.hpp"
#include "tests/app/admin/measured.hpp"
#include "tests/app/admin/promtool.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <vector>

using namespace holdfast;
using namespace holdfast::test;

namespace {

const std::string deploy = HOLDFAST_VECTORS_DIR "/../../app/deploy/";

using names = std::set<std::string>;

std::string source(const std::string& name) {
  auto file = read_file(HOLDFAST_VECTORS_DIR "/../../" + name);
  BOOST_REQUIRE_MESSAGE(file.error.empty(), name + ": " + file.error);
  return file.text;
}

/// What queries can name.
struct exported {
  exported() {
    for (auto& [name, family] : exposition_reader{admin::render_metrics(measured())}.families) {
      series.insert(name);
      if (family.type == "histogram")
        series.insert({name + "_bucket", name + "_sum", name + "_count"});
      for (auto& sample : family.samples)
        for (auto& [label, value] : sample.labels)
          labels.insert(label);
    }
  }

  names series;
  names labels{"job", "instance", "alertname", "alertstate"}; // those that Prometheus adds
};

names found(const std::string& text, const std::regex& what) {
  names result;
  for (std::sregex_iterator it{text.begin(), text.end(), what}, end; it != end; ++it)
    result.insert((*it)[1]);
  return result;
}

/// Names of metrics in an expression; label matchers are looked at apart.
names series_in(const std::string& expression) {
  return found(expression, std::regex{R"(\b((?:holdfast|process)_[a-z_]+)\b)"});
}

names labels_in(const std::string& expression) {
  auto result = found(expression, std::regex{R"x([{,] *([a-z_]+) *(?:=|!))x"});
  for (auto& list : found(expression, std::regex{R"((?:by|without|on) \(([^)]*)\))"}))
    for (auto& label : found(list, std::regex{R"(([a-z_]+))"}))
      result.insert(label);
  return result;
}

void check_expression(const std::string& expression, const std::string& where) {
  static const exported there;
  BOOST_TEST(!series_in(expression).empty(), where << ": " << expression);
  for (auto& name : series_in(expression))
    BOOST_TEST(there.series.count(name) == 1u, where << ": there is no metric " << name);
  for (auto& label : labels_in(expression))
    BOOST_TEST(there.labels.count(label) == 1u, where << ": no metric has a label " << label);
}

const nlohmann::json& dashboard() {
  static const auto read = nlohmann::json::parse(source("app/deploy/grafana/holdfast.json"));
  return read;
}

std::vector<std::string> dashboard_expressions() {
  std::vector<std::string> result;
  for (auto& panel : dashboard().at("panels"))
    for (auto& target : panel.value("targets", nlohmann::json::array()))
      result.push_back(target.at("expr"));
  return result;
}

/// As Grafana puts its variables in.
std::string filled(std::string expression) {
  for (auto [variable, value] :
       {std::pair{"$__rate_interval", "1m"}, {"$job", ".*"}, {"$instance", ".*"}})
    for (auto at = expression.find(variable); at != std::string::npos;
         at = expression.find(variable))
      expression.replace(at, std::string{variable}.size(), value);
  return expression;
}

} // namespace

BOOST_AUTO_TEST_SUITE(deployed_metrics)

BOOST_AUTO_TEST_CASE(the_rules_name_only_what_is_exported) {
  auto rules = source("app/deploy/prometheus/holdfast.rules.yml");
  std::regex expression{R"(\n +expr: (\|\n( {10,}.*\n)+|.*\n))"};
  std::size_t count = 0;
  for (std::sregex_iterator it{rules.begin(), rules.end(), expression}, end; it != end; ++it) {
    check_expression((*it)[1], "rules");
    ++count;
  }
  BOOST_TEST(count == alert_count);
}

BOOST_AUTO_TEST_CASE(the_rules_have_the_default_thresholds) {
  auto rules = source("app/deploy/prometheus/holdfast.rules.yml");
  alert_config defaults;
  auto has
    = [&](const std::string& text) { BOOST_TEST((rules.find(text) != std::string::npos), text); };
  has("holdfast_pool_utilisation_ratio > " + shortest_text(defaults.pool_utilisation) + "\n");
  has("holdfast_zombie_ratio > " + shortest_text(defaults.zombie_ratio) + "\n");
  has("holdfast_heartbeat_success_ratio < " + shortest_text(defaults.heartbeat_success) + "\n");
  has(">= " + std::to_string(defaults.min_events) + "\n");
}

BOOST_AUTO_TEST_CASE(the_rules_do_what_they_say,
                     *boost::unit_test::precondition(promtool_is_there)) {
  auto checked = promtool("check rules " + deploy + "prometheus/holdfast.rules.yml");
  BOOST_TEST(checked.ok, checked.output);
  auto tested = promtool("test rules " + deploy + "prometheus/holdfast.rules_test.yml");
  BOOST_TEST(tested.ok, tested.output);
}

BOOST_AUTO_TEST_CASE(the_dashboard_names_only_what_is_exported) {
  auto expressions = dashboard_expressions();
  BOOST_TEST(expressions.size() >= 20u);
  for (auto& expression : expressions)
    check_expression(expression, "dashboard");
  for (auto& variable : dashboard().at("templating").at("list"))
    if (variable.at("type") == "query")
      check_expression(variable.at("definition"), "variable");
}

BOOST_AUTO_TEST_CASE(the_dashboards_panels_stand_side_by_side) {
  std::set<int> ids;
  std::set<std::pair<int, int>> taken;
  for (auto& panel : dashboard().at("panels")) {
    BOOST_TEST(ids.insert(panel.at("id").get<int>()).second);
    auto& at = panel.at("gridPos");
    BOOST_TEST(at.at("x").get<int>() + at.at("w").get<int>() <= 24);
    for (int x = at.at("x"); x < at.at("x").get<int>() + at.at("w").get<int>(); ++x)
      for (int y = at.at("y"); y < at.at("y").get<int>() + at.at("h").get<int>(); ++y)
        BOOST_TEST(taken.insert({x, y}).second, panel.at("title"));
  }
}

BOOST_AUTO_TEST_CASE(prometheus_can_read_the_dashboards_queries,
                     *boost::unit_test::precondition(promtool_is_there)) {
  std::string rules = "groups:\n  - name: dashboard\n    rules:\n";
  for (auto& expression : dashboard_expressions())
    rules += "      - record: a:b\n        labels: {n: \"" + std::to_string(rules.size())
             + "\"}\n        expr: '" + filled(expression) + "'\n";
  // It wants a file: what it reads from a pipe is no rules to it.
  char path[] = "/tmp/holdfast-rules-XXXXXX";
  ::close(::mkstemp(path));
  std::ofstream{path} << rules;
  auto checked = promtool(std::string{"check rules "} + path);
  std::filesystem::remove(path);
  BOOST_TEST(checked.ok, checked.output);
}

BOOST_AUTO_TEST_CASE(every_metric_has_its_row_in_the_readme) {
  auto readme = source("app/README.md");
  auto from = readme.find("### Metrics");
  BOOST_REQUIRE((from != std::string::npos));
  auto section = readme.substr(from, readme.find("\n## ", from) - from);
  names rows = found(section, std::regex{R"(\n\| `((?:holdfast|process)_[a-z_]+)[`{])"});
  names there;
  for (auto& [name, family] : exposition_reader{admin::render_metrics(measured())}.families)
    there.insert(name);
  BOOST_TEST(rows == there, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
