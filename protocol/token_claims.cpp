// Reading the claims of a token; what they mean is in token.cpp.

#include "protocol/authentication.hpp"
#include "protocol/json_object.hpp"
#include "protocol/token.hpp"

#include <charconv>
#include <cmath>

namespace holdfast {

namespace {

constexpr std::size_t max_depth = 32;

/// Takes claims out one by one; after one that cannot be, failed() is true.
class claim_reader {
public:
  explicit claim_reader(const json_object& from) : from_{from} {}

  bool failed() const { return failed_; }

  std::optional<std::string> string(std::string_view name) {
    auto value = from_.find(name);
    if (!value)
      return {};
    auto text = read_json_string(*value);
    failed_ |= !text;
    return text;
  }

  std::string subject() {
    auto name = string("sub");
    if (!name)
      return {};
    failed_ |= name->empty() || !fault_of_user(*name).empty();
    return std::move(*name);
  }

  std::vector<std::string> audience() {
    auto value = from_.find("aud");
    if (!value)
      return {};
    if (auto one = read_json_string(*value))
      return {std::move(*one)};
    std::vector<std::string> all;
    for (auto element : read_json_array(*value).value_or(std::vector<std::string_view>{})) {
      auto one = read_json_string(element);
      failed_ |= !one;
      all.push_back(std::move(one).value_or(""));
    }
    failed_ |= all.empty();
    return all;
  }

  /// In seconds; `round` is std::floor or std::ceil.
  std::optional<std::int64_t> date(std::string_view name, double (*round)(double)) {
    auto value = from_.find(name);
    if (!value)
      return {};
    double seconds = -1;
    auto* end = value->data() + value->size();
    auto [stopped, error] = std::from_chars(value->data(), end, seconds);
    // The last condition fails for not-a-number too. Below 2^53 doubles hold every integer.
    if (error != std::errc{} || stopped != end || !(seconds >= 0 && seconds <= max_numeric_date)) {
      failed_ = true;
      return {};
    }
    return static_cast<std::int64_t>(round(seconds));
  }

  /// Empty: there is none.
  std::string attribute(std::string_view name) const {
    auto value = from_.find(name);
    if (!value)
      return {};
    auto text = read_json_string(*value);
    return text ? std::move(*text) : std::string{*value};
  }

  bool is_true(std::string_view name) const { return from_.find(name) == "true"; }

private:
  const json_object& from_;
  bool failed_ = false;
};

double floor_of(double x) {
  return std::floor(x);
}

double ceiling_of(double x) {
  return std::ceil(x);
}

} // namespace

std::variant<token_claims, token_fault> read_claims(std::string_view json,
                                                    std::string_view priority_claim,
                                                    const std::vector<std::string>& attributes) {
  auto object = json_object::read(json, max_depth);
  if (!object)
    return token_fault::malformed;
  claim_reader from{*object};
  token_claims claims;
  claims.subject = from.subject();
  claims.issuer = from.string("iss");
  claims.audience = from.audience();
  claims.expires = from.date("exp", floor_of);
  claims.not_before = from.date("nbf", ceiling_of);
  claims.issued_at = from.date("iat", floor_of);
  claims.priority = !priority_claim.empty() && from.is_true(priority_claim);
  if (from.failed())
    return token_fault::bad_claim;
  for (auto& name : attributes)
    if (auto text = from.attribute(name); !text.empty())
      claims.attributes.emplace_back(name, std::move(text));
  return claims;
}

} // namespace holdfast
