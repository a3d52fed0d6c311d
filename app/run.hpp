// The whole holdfast command, for a program that adds handlers and actors of its own.
#pragma once

#include "actors/handler.hpp"

namespace holdfast {

/// What `holdfast` does with these arguments, with `types` to choose from: serves a node, asks one,
/// checks a configuration. The exit code. To be called once, from main().
int run(int argc, char** argv, const node_extensions& types = {});

} // namespace holdfast
