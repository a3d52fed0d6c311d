// The node's answers as people read them. Nothing here asks or prints; what is null is shown as
// "?".
#pragma once

#include "app/console/json.hpp"
#include "app/console/layout.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::console {

std::string status_screen(const json& status, const style& with);

std::string pool_screen(const json& pool, const style& with);
std::string stats_screen(const json& stats, const style& with);

/// "none", or the names of those that are active, with their values.
std::vector<item> alerts_in_words(const json& alerts);

std::string health_screen(const json& health, const style& with);
std::string connection_health_screen(const json& health, const style& with);
std::string validation_screen(const json& validation, const style& with);

std::string connection_screen(const json& connection, const style& with);
std::string kicked_screen(const json& kicked, const style& with);
std::string cleaned_screen(const json& cleaned, const style& with);

/// Receipts, each in two lines; with their histories if wanted.
std::string closed_screen(const json& receipts, bool histories, const style& with);

std::string plan_screen(const json& plan, const style& with);
std::string drain_screen(const json& drain, const style& with);
std::string reload_screen(const json& reloaded, const style& with);

std::string actor_screen(const json& actor, const style& with);

/// An event of a trace or of the log, in one line.
std::string event_line(const json& event, const style& with);

/// "8,199 open, 12 suspect": those that are not 0; "none" without any.
std::string states_in_words(const json& states);

/// The flight recorder of something that is, or became, `age` ms old; nothing when it is empty.
std::string history_lines(const json& entries, double age, const style& with);

/// Names of the actors that did not answer. Empty: nobody.
std::string silent_in_words(const json& answer);

} // namespace holdfast::console
