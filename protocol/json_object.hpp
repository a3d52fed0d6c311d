// The members of one JSON object, without a document: what a token and a key set are read with.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// The members of an object. Values are slices of the text it was read from, which must outlive
/// it; what they hold is JSON.
class json_object {
public:
  /// Nothing unless all of `text` is one JSON object that nests no deeper than `depth` and has no
  /// name twice: of two values each reader could believe another one. Names in objects within it
  /// are not compared.
  static std::optional<json_object> read(std::string_view text, std::size_t depth);

  /// The value of that member; nothing if there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }

private:
  struct member {
    std::string name;
    std::string_view value;
  };

  std::vector<member> members_; // sorted by name
};

// The rest asks for one value that is known to be JSON.

/// What a string says; nothing if `value` is no string.
std::optional<std::string> read_json_string(std::string_view value);

/// The elements of an array, as slices; nothing if `value` is no array.
std::optional<std::vector<std::string_view>> read_json_array(std::string_view value);

} // namespace holdfast
