// Which columns a list can have.
#pragma once

#include "app/console/catalog.hpp"
#include "app/console/json.hpp"
#include "app/console/layout.hpp"

#include <string>
#include <vector>

namespace holdfast::console {

struct listed_column {
  column heading;
  item (*cell)(const json& of);
  bool usual = true; ///< shown unless --columns says otherwise
};

/// The columns of a command that lists something; none for other commands.
const std::vector<listed_column>& columns_of(verb what);

/// Their names, for --columns.
std::vector<std::string> column_names(verb what);

/// The items as a table; `names` are those of the columns, empty: the usual ones.
std::string listed(verb what, const json& items, const std::vector<std::string>& names,
                   const style& with);

/// How a connection's state is coloured.
tone tone_of_state(std::string_view state);

/// "2026-11-23T03:12:07.123Z" as "03:12:07", with the date before it unless it is `today`.
std::string time_of_day(const std::string& date_time, const std::string& today);

} // namespace holdfast::console
