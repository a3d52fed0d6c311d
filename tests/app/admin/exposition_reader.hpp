// Reads metrics as strictly as their format is written down; a breach fails the test.
#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::test {

struct metric_sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

struct metric_family {
  std::string type;
  std::string help;
  std::vector<metric_sample> samples;
};

class exposition_reader {
public:
  explicit exposition_reader(const std::string& text) {
    BOOST_REQUIRE(!text.empty() && text.back() == '\n');
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
      read(line);
    for (auto& [name, family] : families)
      if (family.type == "histogram")
        check_histogram(name, family);
  }

  /// Its value; a test that asks for what is not there fails.
  double value(const std::string& name,
               const std::map<std::string, std::string>& labels = {}) const {
    for (auto& [of, family] : families)
      for (auto& sample : family.samples)
        if (sample.name == name && sample.labels == labels)
          return sample.value;
    BOOST_ERROR("there is no sample of " + name);
    return 0;
  }

  std::size_t samples(const std::string& name) const {
    auto found = families.find(name);
    return found == families.end() ? 0 : found->second.samples.size();
  }

  std::map<std::string, metric_family> families;

private:
  void read(const std::string& line) {
    static const std::regex help{R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (([^\\\n]|\\\\|\\n)+))"};
    static const std::regex type{R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))"};
    static const std::regex sample{R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+))"};
    std::smatch parts;
    if (std::regex_match(line, parts, help)) {
      current_ = parts[1];
      BOOST_TEST(families.count(current_) == 0u, current_ + " is there twice");
      families[current_].help = parts[2];
    } else if (std::regex_match(line, parts, type)) {
      BOOST_TEST(current_ == parts[1], line);
      BOOST_TEST(families[current_].type == "", line);
      families[current_].type = parts[2];
    } else {
      BOOST_REQUIRE_MESSAGE(std::regex_match(line, parts, sample), "no sample: " + line);
      add(line, {parts[1], labels_of(parts[2]), number(parts[3])});
    }
  }

  void add(const std::string& line, metric_sample sample) {
    auto& family = families[current_];
    BOOST_TEST(family.type != "", line);
    auto suffix = sample.name.substr(std::min(sample.name.size(), current_.size()));
    BOOST_TEST(sample.name.compare(0, current_.size(), current_) == 0, line);
    bool right = family.type == "histogram"
                   ? suffix == "_bucket" || suffix == "_sum" || suffix == "_count"
                   : suffix.empty();
    BOOST_TEST(right, line);
    BOOST_TEST((family.type != "counter" || sample.value >= 0), line);
    BOOST_TEST(series_.insert({sample.name, sample.labels}).second, "twice: " + line);
    family.samples.push_back(std::move(sample));
  }

  static std::map<std::string, std::string> labels_of(std::string text) {
    static const std::regex label{R"x(([a-zA-Z_][a-zA-Z0-9_]*)="(([^"\\\n]|\\\\|\\"|\\n)*)")x"};
    std::map<std::string, std::string> result;
    if (text.empty())
      return result;
    text = text.substr(1, text.size() - 2);
    while (!text.empty()) {
      std::smatch parts;
      BOOST_REQUIRE_MESSAGE(
        std::regex_search(text, parts, label, std::regex_constants::match_continuous),
        "no label: " + text);
      BOOST_TEST(result.emplace(parts[1], parts[2]).second, "a label twice: " + text);
      text = parts.suffix();
      BOOST_REQUIRE((text.empty() || text.front() == ','));
      text = text.empty() ? text : text.substr(1);
    }
    return result;
  }

  static double number(const std::string& text) {
    if (text == "+Inf")
      return HUGE_VAL;
    std::size_t used = 0;
    auto value = std::stod(text, &used);
    BOOST_TEST(used == text.size(), text);
    return value;
  }

  /// Bounds ascend to +Inf, counts never fall, and the last one is the count.
  static void check_histogram(const std::string& name, const metric_family& family) {
    std::map<std::map<std::string, std::string>, std::vector<std::pair<double, double>>> buckets;
    std::map<std::map<std::string, std::string>, double> counts;
    for (auto sample : family.samples) {
      if (sample.name == name + "_bucket") {
        BOOST_TEST_REQUIRE(sample.labels.count("le") == 1u);
        auto bound = number(sample.labels["le"]);
        sample.labels.erase("le");
        auto& those = buckets[sample.labels];
        if (!those.empty()) {
          BOOST_TEST(bound > those.back().first, name);
          BOOST_TEST(sample.value >= those.back().second, name);
        }
        those.emplace_back(bound, sample.value);
      } else if (sample.name == name + "_count") {
        counts[sample.labels] = sample.value;
      }
    }
    BOOST_TEST(buckets.size() == counts.size(), name);
    for (auto& [labels, those] : buckets) {
      BOOST_TEST(those.back().first == HUGE_VAL, name);
      BOOST_TEST(those.back().second == counts[labels], name);
    }
  }

  std::string current_;
  std::set<std::pair<std::string, std::map<std::string, std::string>>> series_;
};

} // namespace holdfast::test
