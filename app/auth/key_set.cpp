#include "app/auth/key_set.hpp"

#include "app/auth/key_list.hpp"
#include "protocol/json_string.hpp"
#include "protocol/json_text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace holdfast::auth {

bool key_set::has_names() const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [](const verification_key& key) { return key.kid().has_value(); });
}

const verification_key* key_set::find(std::string_view kid) const {
  auto found = std::find_if(keys_.begin(), keys_.end(),
                            [&](const verification_key& key) { return key.kid() == kid; });
  return found == keys_.end() ? nullptr : &*found;
}

std::string name_of_key(std::size_t number, const std::optional<std::string>& kid) {
  auto name = "key " + std::to_string(number);
  if (kid) {
    name += " (kid ";
    append_json_string(name, std::string_view{*kid}.substr(0, 64));
    name += ')';
  }
  return name;
}

namespace {

std::string_view without_line_end(std::string_view text) {
  if (!text.empty() && text.back() == '\n') {
    text.remove_suffix(1);
    if (!text.empty() && text.back() == '\r')
      text.remove_suffix(1);
  }
  return text;
}

key_list read_secret(std::string_view content) {
  key_list list;
  auto key = verification_key::from_secret(std::string{without_line_end(content)});
  if (auto* problem = std::get_if<std::string>(&key))
    list.error = std::move(*problem);
  else
    list.keys.push_back(std::get<verification_key>(std::move(key)));
  return list;
}

key_list read_any(std::string_view content) {
  key_list list;
  if (content.empty()) {
    list.error = "the file is empty";
    return list;
  }
  if (content.size() > max_key_file) {
    list.error = "the file is larger than 1 MiB: is it the one with the keys?";
    return list;
  }
  if (content.find("-----BEGIN ") != std::string_view::npos)
    return read_pem(content);
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  auto at = content.substr(0, 3) == byte_order_mark ? byte_order_mark.size() : 0;
  at = skip_json_space(content, at);
  if (at < content.size() && (content[at] == '{' || content[at] == '['))
    return read_jwks(content);
  return read_secret(content);
}

/// The sentence that names a `kid` that two of them have; empty: none has.
std::string find_twice(const std::vector<verification_key>& keys) {
  for (std::size_t i = 0; i < keys.size(); ++i)
    for (std::size_t j = i + 1; j < keys.size(); ++j)
      if (keys[i].kid() && keys[i].kid() == keys[j].kid()) {
        std::string sentence = "two keys have the kid ";
        append_json_string(sentence, keys[i].kid()->substr(0, 64));
        return sentence + ": a token could mean either, give each its own";
      }
  return {};
}

std::string check_list(const key_list& list) {
  if (!list.error.empty())
    return list.error;
  if (list.keys.empty())
    return "there is no key that can be used"
           + (list.warnings.empty() ? "" : ": " + list.warnings[0]);
  if (list.keys.size() > max_keys)
    return "there are " + std::to_string(list.keys.size()) + " keys, at most "
           + std::to_string(max_keys) + " are taken: leave out those that sign nothing any more";
  return find_twice(list.keys);
}

struct file_closer {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

/// What it holds, one byte beyond the limit if there is more; nothing with errno set.
std::optional<std::string> read_file(const std::string& path) {
  std::unique_ptr<std::FILE, file_closer> file{std::fopen(path.c_str(), "rbe")};
  if (!file)
    return {};
  std::string content(max_key_file + 1, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  if (std::ferror(file.get()) != 0)
    return {};
  return content;
}

} // namespace

key_set_result parse_keys(std::string_view content, std::string_view name) {
  auto list = read_any(content);
  auto in_file
    = [&](const std::string& text) { return std::string{name}.append(": ").append(text); };
  key_set_result result;
  if (auto problem = check_list(list); !problem.empty()) {
    result.error = in_file(problem);
    return result;
  }
  for (auto& warning : list.warnings)
    result.warnings.push_back(in_file(warning));
  result.keys.emplace(std::move(list.keys));
  return result;
}

key_set_result load_keys(const std::string& path) {
  auto content = read_file(path);
  if (!content) {
    key_set_result result;
    result.error = path + ": cannot be read: " + std::strerror(errno);
    return result;
  }
  return parse_keys(*content, path);
}

} // namespace holdfast::auth
