#include "app/console/mishap.hpp"

#include "app/console/json.hpp"
#include "app/console/text.hpp"

#include <array>
#include <string_view>

namespace holdfast::console {

namespace {

bool is_url(const std::string& node) {
  return node.compare(0, 7, "http://") == 0;
}

exit_code code_of(int status) {
  switch (status) {
  case 400:
  case 413:
  case 414:
  case 415: return exit_code::usage;
  case 401:
  case 403: return exit_code::denied;
  case 404: return exit_code::not_found;
  case 504: return exit_code::partial;
  default: return exit_code::failed;
  }
}

/// What the API's hints name, and what that is here.
struct translation {
  std::string_view request;
  std::string_view command;
};

constexpr std::array<translation, 7> translations{{
  {"GET /v1/closed?id=", "holdfast closed --id "},
  {"GET /v1/connections", "holdfast conns list"},
  {"GET /v1/actors", "holdfast actors list"},
  {"GET /v1/drain", "holdfast drain status"},
  {"GET /v1/schema", "holdfast --help"},
  {R"(, such as {"user":"u42"}, or say {"all":true})", ", such as --user u42, or say --all"},
  {R"(say one of user, id and "everyone":true)", "say one of --user, --id and --everyone"},
}};

std::string as_commands(std::string hint) {
  for (auto& [request, command] : translations)
    if (auto at = hint.find(request); at != std::string::npos)
      hint.replace(at, request.size(), command);
  return hint;
}

std::string what_to_do_about(int status, const std::string& node) {
  if (status == 401 || status == 403)
    return is_url(node) ? "give its token with --token-file FILE"
                        : "be the user that runs the node, or root";
  return status == 504 ? "try again; holdfast actors list shows who is busy" : "";
}

} // namespace

mishap mishap_of(const no_answer& nothing, const std::string& node) {
  auto on = shown(node);
  auto why = nothing.text.empty() ? "" : ": " + shown(nothing.text);
  switch (nothing.why) {
  case no_answer::kind::usage: return {exit_code::usage, shown(nothing.text)};
  case no_answer::kind::unreachable:
    return {exit_code::unreachable,
            "no node answers on " + on + why
              + (is_url(node)
                   ? "; is admin.listen set, and is this its address?"
                   : "; start one with holdfast serve, or name another with --socket PATH, "
                     "--run-dir DIR or --url URL")};
  case no_answer::kind::denied:
    return {exit_code::denied, "permission to speak to " + on + " is denied" + why
                                 + "; be the user that runs the node, or root"};
  case no_answer::kind::timeout:
    return {exit_code::partial,
            "the node on " + on + " has not answered in time" + "; --timeout TIME waits longer"};
  case no_answer::kind::nonsense:
    return {exit_code::failed, "what answers on " + on + " is no node of Holdfast" + why};
  case no_answer::kind::stopped: return {exit_code::interrupted, "interrupted"};
  }
  return {};
}

mishap mishap_of(const answer& refused, const std::string& node) {
  auto body = parse_json(refused.body).value_or(json{});
  auto& error = at(body, {"error"});
  auto message = text(error, "message");
  auto hint = as_commands(text(error, "hint"));
  if (message.empty())
    message = "the node answers with status " + std::to_string(refused.status);
  if (hint.empty() || refused.status == 401) // the API's is about a header
    hint = what_to_do_about(refused.status, node);
  return {code_of(refused.status), message + (hint.empty() ? "" : "; " + hint)};
}

mishap nonsense(const std::string& node) {
  return mishap_of(no_answer{no_answer::kind::nonsense, "its answer is no JSON"}, node);
}

} // namespace holdfast::console
