#include "app/console/words.hpp"

namespace holdfast::console {

split_line split(std::string_view line) {
  split_line result;
  result.last_from = line.size();
  std::string word;
  auto inside = false;
  char quote = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    auto c = line[at];
    auto blank = quote == 0 && (c == ' ' || c == '\t');
    if (blank && inside) {
      result.words.push_back(word);
      word.clear();
      result.last_from = line.size();
    }
    if (!blank && !inside)
      result.last_from = at;
    inside = !blank;
    if (blank)
      continue;
    if (quote != 0 && c == quote)
      quote = 0;
    else if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else if (c == '\\' && quote != '\'' && at + 1 < line.size())
      word += line[++at];
    else
      word += c;
  }
  if (inside)
    result.words.push_back(word);
  result.last = word;
  result.open_quote = quote != 0;
  return result;
}

} // namespace holdfast::console
