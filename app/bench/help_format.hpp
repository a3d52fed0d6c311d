// Pages of help that fit into 80 columns. For command_line.cpp, which compiles CLI11.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace holdfast::bench {

/// "--inflight N    What it is [1]": the name of a value and its default, without the words for
/// what CLI11 checks.
class help_format : public CLI::Formatter {
public:
  std::string make_option_opts(const CLI::Option* option) const override {
    auto type = option->get_type_name(); // with the checks after a colon
    return option->get_type_size() == 0 ? "" : " " + type.substr(0, type.find(':'));
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    auto usual = option->get_default_str();
    return option->get_description() + (usual.empty() ? "" : " [" + usual + "]");
  }

  std::string make_option(const CLI::Option* option, bool positional) const override {
    return row(make_option_name(option, positional) + (positional ? "" : make_option_opts(option)),
               make_option_desc(option));
  }

  // There is a blank line between groups already.
  std::string make_group(std::string name, bool positional,
                         std::vector<const CLI::Option*> options) const override {
    auto text = CLI::Formatter::make_group(name, positional, options);
    return positional || name == "Options" ? text : text.substr(1);
  }

  std::string make_subcommand(const CLI::App* mode) const override {
    return row(mode->get_name(), mode->get_description());
  }

private:
  static std::string row(const std::string& name, std::string about) {
    constexpr std::size_t column = 25, width = 80;
    auto text = "  " + name;
    if (text.size() >= column)
      text.append("\n").append(column, ' ');
    else
      text.resize(column, ' ');
    auto used = column;
    while (used + about.size() > width) {
      auto end = about.rfind(' ', width - used);
      if (end == std::string::npos)
        break;
      text.append(about, 0, end).append("\n").append(column, ' ');
      about.erase(0, end + 1);
      used = column;
    }
    return text + about + "\n";
  }
};

} // namespace holdfast::bench
