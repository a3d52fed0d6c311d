// What must hold, after every step and when everything has come to rest (lifecycle.md, Invariants).
#pragma once

#include "tests/simulation/world.hpp"

namespace holdfast::simulation {

/// After every step, whatever is on its way.
void check_step(world& w);

/// When no message is on its way.
void check_rest(world& w);

/// The same, by asking the actors; runs what is left to do first.
void check_books(world& w);

/// Ends the node by a drain, if none has, and checks what remains.
void check_end(world& w);

} // namespace holdfast::simulation
