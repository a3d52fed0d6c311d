// Names to complete, from the node.
#pragma once

#include "app/console/api.hpp"
#include "app/console/complete.hpp"

namespace holdfast::console {

/// Asks `node` for the first thousand connections or users, or all actors. Nothing when it does not
/// answer. `node` must wait a moment only, and live as long as what is returned.
name_source names_from(api& node);

} // namespace holdfast::console
