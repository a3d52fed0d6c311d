#include "app/console/completion_script.hpp"

namespace holdfast::console {

namespace {

// `holdfast __complete` prints "files", or "words" and then one candidate a line, behind a
// tabulator what it is.

constexpr std::string_view bash = R"(# holdfast completion bash
_holdfast() {
  local line=${COMP_LINE:0:COMP_POINT} word prefix= kind candidate i
  word=${line##*[[:space:]]}
  # bash parts words at : and = as well, and replaces only what is behind the last of them.
  for ((i = ${#word} - 1; i >= 0; i--)); do
    if [[ $COMP_WORDBREAKS == *"${word:i:1}"* ]]; then
      prefix=${word:0:i+1}
      break
    fi
  done
  COMPREPLY=()
  {
    read -r kind
    while IFS= read -r candidate; do
      candidate=${candidate%%$'\t'*}
      COMPREPLY+=("${candidate#"$prefix"}")
    done
  } < <("${COMP_WORDS[0]}" __complete "$line" 2>/dev/null)
  if [[ $kind == files ]]; then
    compopt -o default
  fi
}
complete -F _holdfast holdfast
)";

constexpr std::string_view zsh = R"(#compdef holdfast
# holdfast completion zsh
_holdfast() {
  local line="${(j: :)words[1,CURRENT-1]} $PREFIX" candidate
  local -a lines described
  lines=("${(@f)$("$words[1]" __complete "$line" 2>/dev/null)}")
  if [[ $lines[1] == files ]]; then
    _files
    return
  fi
  for candidate in "${(@)lines[2,-1]}"; do
    described+=("${${candidate//:/\\:}/$'\t'/:}")
  done
  _describe -V holdfast described
}
if [[ $funcstack[1] == _holdfast ]]; then
  _holdfast "$@"
else
  compdef _holdfast holdfast
fi
)";

constexpr std::string_view fish = R"(# holdfast completion fish
function __holdfast_complete
    set -l lines (holdfast __complete (commandline -cp) 2>/dev/null)
    if test "$lines[1]" = files
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $lines[2..-1]
    end
end
complete -c holdfast -f -k -a '(__holdfast_complete)'
)";

} // namespace

std::string_view completion_script(std::string_view shell) {
  return shell == "bash" ? bash : shell == "zsh" ? zsh : shell == "fish" ? fish : "";
}

} // namespace holdfast::console
