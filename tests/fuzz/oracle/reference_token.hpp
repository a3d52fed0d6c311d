// A second reading of a token's header and claims (RFC 7515, 7519, and what app/auth/README.md
// says), from another parser's documents.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace holdfast::fuzz {

/// What is asked of the claims, at `now`.
struct reference_policy {
  std::string issuer, audience; ///< empty: none
  bool require_expiry = true;
  double leeway = 30; ///< seconds
  double now = 0;     ///< seconds since 1970
};

class reference_token {
public:
  using json = nlohmann::json;

  /// What a token with this header and these claims, signed with the secret of the kid "s", must
  /// be told: the label of a fault, or "" if it is accepted; nothing if the parser does not know.
  /// The keys are "s", "r" and "e", of HS256, RS256 and ES256.
  static std::optional<std::string> judge(std::string_view header, std::string_view claims,
                                          const reference_policy& policy) {
    reference_token of;
    auto first = of.object(header);
    auto second = of.object(claims);
    if (of.unsure_)
      return {};
    if (auto fault = of.judge_header(first); !fault.empty())
      return fault;
    return of.judge_claims(second, policy);
  }

private:
  /// Discarded if `text` is no object with each name once that nests at most 32 levels.
  json object(std::string_view text) {
    std::multiset<std::string> names;
    int deepest = 0;
    bool twice = false;
    auto note = [&](int depth, json::parse_event_t event, json& parsed) {
      if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start)
        deepest = std::max(deepest, depth + 1);
      if (event == json::parse_event_t::key && depth == 1) {
        twice |= names.count(parsed.get<std::string>()) > 0;
        names.insert(parsed.get<std::string>());
      }
      return true;
    };
    // The parser takes a byte order mark, and NUL for the end.
    if (text.find('\0') != std::string_view::npos || text.substr(0, 3) == "\xef\xbb\xbf")
      return json(json::value_t::discarded);
    try {
      auto document = json::parse(text.begin(), text.end(), note);
      return document.is_object() && !twice && deepest <= 32 ? document
                                                             : json(json::value_t::discarded);
    } catch (const json::parse_error&) {
      return json(json::value_t::discarded);
    } catch (const json::out_of_range&) { // a number that is no double
      unsure_ = true;
      return json(json::value_t::discarded);
    }
  }

  static std::string text_in(const json& object, const char* name) {
    return object.contains(name) && object[name].is_string() ? object[name].get<std::string>()
                                                             : std::string{};
  }

  static std::string judge_header(const json& header) {
    if (header.is_discarded() || !header.contains("alg") || !header["alg"].is_string())
      return "malformed";
    auto algorithm = text_in(header, "alg");
    if (algorithm != "HS256" && algorithm != "RS256" && algorithm != "ES256")
      return "algorithm_refused";
    if (header.contains("crit") || header.contains("b64"))
      return "unsupported_header";
    if (header.contains("typ")) {
      auto type = text_in(header, "typ");
      for (auto& c : type)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
      if (type != "jwt" && type != "at+jwt" && type != "application/jwt"
          && type != "application/at+jwt")
        return "unsupported_header";
    }
    if (!header.contains("kid"))
      return algorithm == "HS256" ? "" : "bad_signature";
    if (!header["kid"].is_string())
      return "malformed";
    auto kid = text_in(header, "kid");
    if (kid != "s" && kid != "r" && kid != "e")
      return "unknown_key";
    if (algorithm != (kid == "s" ? "HS256" : kid == "r" ? "RS256" : "ES256"))
      return "algorithm_refused";
    return kid == "s" ? "" : "bad_signature";
  }

  static bool is_subject(const json& x) {
    if (!x.is_string())
      return false;
    auto& text = x.get_ref<const std::string&>();
    return !text.empty() && text.size() <= 256
           && std::none_of(text.begin(), text.end(),
                           [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  }

  static bool is_audience(const json& x) {
    return x.is_string()
           || (x.is_array() && !x.empty()
               && std::all_of(x.begin(), x.end(), [](const json& one) { return one.is_string(); }));
  }

  static bool is_date(const json& x) {
    return x.is_number() && x.get<double>() >= 0 && x.get<double>() <= 253402300799.0;
  }

  static bool can_be(const json& claims) {
    for (auto name : {"exp", "nbf", "iat"})
      if (claims.contains(name) && !is_date(claims[name]))
        return false;
    return (!claims.contains("sub") || is_subject(claims["sub"]))
           && (!claims.contains("iss") || claims["iss"].is_string())
           && (!claims.contains("aud") || is_audience(claims["aud"]));
  }

  static bool is_for(const json& claims, const std::string& audience) {
    if (audience.empty() || !claims.contains("aud"))
      return audience.empty() && !claims.contains("aud");
    auto& named = claims["aud"];
    return named == audience || std::find(named.begin(), named.end(), audience) != named.end();
  }

  static std::string judge_claims(const json& claims, const reference_policy& policy) {
    if (claims.is_discarded())
      return "malformed";
    if (!can_be(claims))
      return "bad_claim";
    if (!policy.issuer.empty() && text_in(claims, "iss") != policy.issuer)
      return "wrong_issuer";
    if (!is_for(claims, policy.audience))
      return "wrong_audience";
    if (!claims.contains("sub"))
      return "no_subject";
    if (policy.require_expiry && !claims.contains("exp"))
      return "no_expiry";
    if (claims.contains("exp")
        && policy.now >= std::floor(claims["exp"].get<double>()) + policy.leeway)
      return "expired";
    if (claims.contains("nbf")
        && policy.now < std::ceil(claims["nbf"].get<double>()) - policy.leeway)
      return "not_yet_valid";
    return "";
  }

  bool unsure_ = false;
};

} // namespace holdfast::fuzz
