// A node that answers what a test has written down.
#pragma once

#include "app/console/api.hpp"

#include <map>
#include <string>
#include <vector>

namespace holdfast::console {

class fake_api : public api {
public:
  /// "GET /v1/status" -> its answers, the last one again and again. What is not there is a 404.
  std::map<std::string, std::vector<outcome>> answers;
  std::vector<std::string> asked; ///< "GET /v1/status", with a body behind it
  std::vector<std::string> lines; ///< of every stream

  void says(const std::string& to, const std::string& body, int status = 200) {
    answers[to].push_back(answer{status, body});
  }

  outcome ask(const request& what) override {
    auto to = what.method + " " + what.target;
    asked.push_back(to + (what.body.empty() ? "" : " " + what.body));
    auto found = answers.find(to);
    if (found == answers.end() || found->second.empty())
      return answer{
        404, R"({"error":{"code":"not_found","message":"there is no such thing","hint":""}})"};
    auto first = found->second.front();
    if (found->second.size() > 1)
      found->second.erase(found->second.begin());
    return first;
  }

  outcome stream(const request& what, const std::function<bool(std::string_view)>& line) override {
    asked.push_back("STREAM " + what.target);
    if (answers.count("STREAM") != 0)
      return answers["STREAM"].front();
    for (auto& each : lines)
      if (!line(each))
        break;
    return answer{200, ""};
  }
};

} // namespace holdfast::console
