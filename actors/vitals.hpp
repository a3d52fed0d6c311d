// What the node's permanent actors do with what is measured. Plain functions on the node's context,
// so that it outlives each of them. Threads: the control thread's.
#pragma once

#include "protocol/messages.hpp"

#include <vector>

namespace holdfast {

struct node_context;

/// Takes a sample and judges the alerts by it; an `alert` event for each that was raised or is
/// over. Health does so every second, and shutdown when it cannot wait for that.
void look_at_vitals(node_context& node);

/// Everything, as of now.
vitals_status vitals_of(const node_context& node);

/// As of the last look.
std::vector<alert_status> alerts_of(const node_context& node);

/// Other thresholds from now on, as a reload brings them. With another window, ratios are told of
/// the time from now on.
void set_alerts(node_context& node, const alert_config& config);

} // namespace holdfast
