#include "app/admin/token_file.hpp"

#include "app/read_file.hpp"

#include <algorithm>
#include <sys/stat.h>

namespace holdfast::admin {

namespace {

constexpr auto how_to_make_one = "; `openssl rand -hex 32` makes one";

std::string without_space_around(const std::string& text) {
  constexpr auto space = " \t\r\n";
  auto begin = text.find_first_not_of(space);
  if (begin == std::string::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

bool is_visible(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

} // namespace

token_result read_token(const std::string& path) {
  auto fail = [&](const std::string& why) { return token_result{{}, path + ": " + why}; };
  auto file = read_file(path);
  if (!file.error.empty())
    return fail("cannot be read: " + file.error);
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0 && (about.st_mode & S_IROTH) != 0)
    return fail("everyone on this machine can read it; chmod 600 is for its owner alone");
  token_result result;
  result.token = without_space_around(file.text);
  if (result.token.size() < shortest_token)
    return fail("a token has at least " + std::to_string(shortest_token) + " characters, and not "
                + std::to_string(result.token.size()) + how_to_make_one);
  if (!is_visible(result.token))
    return fail(std::string{"a token is one word of visible ASCII"} + how_to_make_one);
  return result;
}

} // namespace holdfast::admin
