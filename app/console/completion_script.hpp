// What shells source.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::console {

/// The script for "bash", "zsh" or "fish"; empty for another. Each asks `holdfast __complete LINE`
/// at every key, so that it knows no command itself.
std::string_view completion_script(std::string_view shell);

} // namespace holdfast::console
