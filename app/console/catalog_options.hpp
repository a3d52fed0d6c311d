// Options that several commands share, for the table of commands.
#pragma once

#include "app/console/catalog.hpp"

namespace holdfast::console {

using option_list = std::vector<option_spec>;

option_list operator+(option_list a, const option_list& b);

option_list selectors();                          ///< which connections
option_list answered();                           ///< one object as the answer
option_list screen(option_list own = {});         ///< the same, and again and again
option_list streamed();                           ///< lines without an end
option_list listing_of(verb what);                ///< items with columns
option_list sorting(std::vector<std::string> by); ///< both ways
option_list everything();                         ///< more than one page
option_list changing();                           ///< what asks before it does something
option_list kicking();
option_list tracing();
option_list spawning();
option_list sending();
option_list publishing();
option_list topping();
option_list receipts();
option_list users();
option_list of_kind();
option_list drawn();
option_list draining();
option_list refreshed();
option_list checked();
option_list levelled();

/// What the node can sort connections by.
std::vector<std::string> connection_orders();

/// What the console sorts actors by.
std::vector<std::string> actor_orders();

} // namespace holdfast::console
