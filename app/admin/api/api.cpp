#include "app/admin/api/api.hpp"

#include "app/nearest.hpp"
#include "protocol/json_text.hpp"

#include <algorithm>

namespace holdfast::admin {

namespace {

constexpr auto json_type = "application/json";

/// Deeper than anything that we ask for; the parser has no limit of its own.
constexpr std::size_t deepest_body = 32;

/// What stands in the place of the braces; nothing when the path is another one.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  auto braces = pattern.find("{}");
  if (braces == std::string_view::npos)
    return pattern == path ? std::optional<std::string>{""} : std::nullopt;
  auto before = pattern.substr(0, braces);
  auto behind = pattern.substr(braces + 2);
  if (path.size() <= before.size() + behind.size() || path.substr(0, before.size()) != before
      || path.substr(path.size() - behind.size()) != behind)
    return std::nullopt;
  path.remove_prefix(before.size());
  path.remove_suffix(behind.size());
  return std::string{path};
}

bool is_known(exchange& to, const std::string& name, const std::vector<std::string>& known,
              std::string_view what) {
  if (std::find(known.begin(), known.end(), name) != known.end())
    return true;
  std::string all;
  for (auto& each : known)
    all += (all.empty() ? "" : ", ") + each;
  fail(to, 400, "bad_request",
       "there is no " + std::string{what} + " " + name + " here" + did_you_mean(name, known),
       all.empty() ? "none is taken" : "taken are " + all);
  return false;
}

} // namespace

void reply(exchange& to, const json& value, int status) {
  to.respond(status, json_type, text_of(value) + "\n");
}

void fail(exchange& to, int status, std::string_view code, std::string_view message,
          std::string_view hint) {
  reply(to, {{"error", {{"code", code}, {"message", message}, {"hint", hint}}}}, status);
}

std::optional<json> fields_of(exchange& from, const std::vector<std::string>& known) {
  auto& body = from.asked().body;
  auto value = json::object();
  if (!body.empty())
    value = nests_deeper(body, deepest_body) ? json{} : json::parse(body, nullptr, false);
  if (!value.is_object()) { // what cannot be parsed is "discarded", not an object
    fail(from, 400, "bad_request", "the body is no JSON object", R"(send one, such as {})");
    return std::nullopt;
  }
  for (auto& [name, field] : value.items())
    if (!is_known(from, name, known, "field"))
      return std::nullopt;
  return value;
}

bool knows_parameters(exchange& from, const std::vector<std::string>& known) {
  auto& query = from.asked().query;
  return std::all_of(query.begin(), query.end(), [&](auto& parameter) {
    return is_known(from, parameter.first, known, "parameter");
  });
}

void api::answer(const exchange_ptr& asked) const {
  auto& request = asked->asked();
  const endpoint* best = nullptr;
  std::string rest;
  std::string allowed;
  for (auto& each : endpoints_) {
    auto found = match(each.pattern, request.path);
    if (!found)
      continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string{each.method}
               + (each.method == "GET" ? ", HEAD" : "");
    // The longest pattern says most about what is meant.
    if (each.method == request.method && (!best || each.pattern.size() > best->pattern.size())) {
      best = &each;
      rest = *found;
    }
  }
  if (best) {
    best->answer(asked, rest);
    return;
  }
  if (allowed.empty())
    not_found(*asked);
  else
    asked->respond(405, json_type,
                   text_of({{"error",
                             {{"code", "method_not_allowed"},
                              {"message", request.method + " is not for " + request.path},
                              {"hint", "use " + allowed}}}})
                     + "\n",
                   {{"Allow", allowed}});
}

void api::not_found(exchange& asked) const {
  std::vector<std::string> paths;
  for (auto& each : endpoints_)
    paths.emplace_back(each.pattern);
  fail(asked, 404, "not_found",
       "there is nothing at " + asked.asked().path + did_you_mean(asked.asked().path, paths),
       "GET /v1/schema lists all there is");
}

} // namespace holdfast::admin
