// Lays the sources of the configuration over each other.
#pragma once

#include "app/config_keys.hpp"

#include <set>
#include <string>
#include <string_view>

namespace holdfast {

/// One load_config(): each step overrides those before it and notes origins and errors.
class config_loader {
public:
  explicit config_loader(const config_sources& sources) : sources_{sources} {}

  config_result run() &&;

private:
  void take_defaults();
  void take_profile();
  void take_file();
  void take_environment();
  void take_sets();
  void take_listens();

  void take_root(const file_node& root);
  void take_table(const file_node& table);
  void take_entry(const std::string& name, const file_node& entry);
  void take_listen_list(const file_node& list);
  void take_listen(const file_node& entry);
  void take_origins(const file_node& list, std::vector<std::string>& origins);
  void take_proxies(const file_node& list, std::vector<cidr_block>& proxies);
  void take_default_routes();
  void take_route_list(const file_node& list);
  void take_route(const file_node& entry);
  void take_route_key(const file_node& key, route_config& to);
  template <class Enum>
  void take_choice(const file_node& key, const std::string& name,
                   std::initializer_list<Enum> choices, Enum& to);
  void check_handler(const std::string& name, const std::string& place);

  /// Sets one key. `place` begins the message if that fails.
  void set(std::string_view name, const config_value& value, const std::string& origin,
           const std::string& place);
  void refuse_key(std::string_view name, const std::string& place);
  bool is_list(const file_node& node);
  void error(const std::string& place, const std::string& text);
  std::string place_of(const file_node& node) const;

  const config_sources& sources_;
  config_result result_;
  std::set<std::string, std::less<>> faulty_; // keys whose values were refused
  bool listen_seen_ = false; // an entry has said which pages may connect, and who is believed
};

/// What cannot hold together, what never fires, and what the process may not have. Rules about
/// `faulty` keys are skipped: the values they have now are not those that were meant.
void check_config(const config_sources& sources, const std::set<std::string, std::less<>>& faulty,
                  config_result& result);

/// Copies what two of the structs need to know.
void settle(config& settings);

} // namespace holdfast
