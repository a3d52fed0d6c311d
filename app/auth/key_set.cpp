#include "app/auth/key_set.hpp"

#include "app/auth/key_list.hpp"
#include "app/auth/public_key_bytes.hpp"
#include "app/read_file.hpp"
#include "protocol/json_string.hpp"
#include "protocol/json_text.hpp"

#include <algorithm>

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
  // The last byte of a public key in DER may look like the end of a line.
  auto secret = is_public_key(content) ? content : without_line_end(content);
  auto key = verification_key::from_secret(std::string{secret});
  if (auto* problem = std::get_if<std::string>(&key))
    list.error = std::move(*problem);
  else
    list.keys.push_back(std::get<verification_key>(std::move(key)));
  return list;
}

/// The first character, behind a byte order mark and white space; NUL if there is none.
char first_of(std::string_view content) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  auto at = content.substr(0, 3) == byte_order_mark ? byte_order_mark.size() : 0;
  at = skip_json_space(content, at);
  return at < content.size() ? content[at] : '\0';
}

key_list read_any(std::string_view content) {
  key_list list;
  if (content.empty()) {
    list.error = "the file is empty";
    return list;
  }
  if (content.find("-----BEGIN ") != std::string_view::npos)
    return read_pem(content);
  if (auto first = first_of(content); first == '{' || first == '[')
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

key_set_result load_keys(const std::string& path, key_file kind) {
  auto file = read_file(path);
  key_set_result result;
  if (!file.error.empty())
    result.error = path + ": cannot be read: " + file.error;
  else if (kind == key_file::jwks && first_of(file.text) != '{')
    result.error = path + " is no JWKS, which is an object of JSON";
  else
    result = parse_keys(file.text, path);
  return result;
}

} // namespace holdfast::auth
