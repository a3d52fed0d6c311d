#include "app/console/names.hpp"

#include "app/console/json.hpp"

namespace holdfast::console {

name_source names_from(api& node) {
  return [&node](value kind) {
    auto* target = kind == value::connection ? "/v1/connections?limit=1000"
                   : kind == value::user     ? "/v1/users?limit=1000"
                                             : "/v1/actors";
    auto* field = kind == value::connection ? "id" : kind == value::user ? "user" : "name";
    std::vector<std::string> names;
    auto answered = node.ask({"GET", target, ""});
    auto* whole = std::get_if<answer>(&answered);
    auto value = whole == nullptr || whole->status != 200 ? std::nullopt : parse_json(whole->body);
    if (!value)
      return names;
    for (auto& each : list(*value, "items"))
      // As it is, not made fit for a terminal: what would have to be made fit is not offered.
      if (auto& name = at(each, {field}); name.is_string())
        names.push_back(name.get<std::string>());
    return names;
  };
}

} // namespace holdfast::console
