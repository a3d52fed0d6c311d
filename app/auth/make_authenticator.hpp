// From the configuration to who decides who a client is.
#pragma once

#include "app/config.hpp"
#include "protocol/authentication.hpp"

#include <memory>
#include <string>
#include <vector>

namespace holdfast::auth {

struct authenticator_result {
  std::shared_ptr<const authenticator> made; ///< null: see `error`
  std::string key;                           ///< of the configuration, that the others are about
  std::string error;                         ///< a sentence that begins with the file's name
  std::vector<std::string> warnings;         ///< the same, of keys that were left out
  std::string keys;                          ///< "2 keys: a, b"; empty without any
};

/// Reads the key file, blocking: at the start, and again for a reload.
authenticator_result make_authenticator(const auth_settings& settings);

} // namespace holdfast::auth
