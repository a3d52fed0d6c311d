// Values as a source of the configuration gives them, before anyone knows what they should be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

struct config_value {
  enum class kind : std::uint8_t {
    untyped, ///< from the environment or the command line: whatever its text can be read as
    string,
    integer,
    number, ///< with a point or an exponent
    boolean,
    array,
    table,
    other, ///< nothing that any key takes; `text` says what it is
  };

  kind what = kind::untyped;
  std::string text;                     ///< empty for arrays and tables
  std::vector<config_value> elements{}; ///< of an array
};

/// The texts in an array, or in text that is either an array as TOML has it or a list with commas.
/// Nothing for anything else.
std::optional<std::vector<std::string>> texts_of(const config_value& value);

/// The shortest text that reads as this very number.
std::string shortest_text(double number);

/// For error messages: `"many"`, `20`, `a table`.
std::string describe(const config_value& value);

/// Text that may hold anything, such as a key or a path, for a line of its own: control characters
/// become question marks; so does all beyond ASCII when the text is not UTF-8.
std::string one_line(std::string text);

/// As a basic string of TOML, quotes included.
std::string toml_string(std::string_view text);

/// A key with its value in a file. Children: a table's entries, an array's elements (their `key` is
/// empty), in the order of the file.
struct file_node {
  std::string key;
  unsigned line = 0; ///< of the key, from 1
  unsigned column = 0;
  config_value value;
  std::vector<file_node> children;

  /// The value with the elements of an array.
  config_value whole() const;
};

struct parsed_file {
  file_node root;    ///< a table
  std::string error; ///< why this is no TOML; empty: it is
  unsigned line = 0; ///< of the error
  unsigned column = 0;
};

/// Tables and lists below the fourth level come without children, for no key is there.
parsed_file parse_toml(std::string_view text);

} // namespace holdfast
