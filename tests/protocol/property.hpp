// Properties: sentences about any input, tried on random ones with rapidcheck.
//
// A property is a function whose arguments rapidcheck makes up and shows, or which takes
// `*generator` itself; RC_ASSERT in it says what must hold (with parentheses around && and ||: its
// own evaluate both sides). Where rules have a state, the input is a list of steps that any state
// can take, so that a list stays one whatever is taken out of it.
#pragma once

#include <chrono>
#include <ostream>

namespace rc::detail {

/// How rapidcheck shows times; in front of its headers, whose templates would not find it else.
inline void showValue(std::chrono::nanoseconds x, std::ostream& out) {
  out << x.count() << "ns";
}

} // namespace rc::detail

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>

namespace holdfast {

/// What RC_PARAMS says, such as "seed=7 max_success=10000". What it leaves out is always the same,
/// so that a run that fails fails again. rapidcheck prints it.
inline const rc::detail::Configuration& property_settings() {
  static const auto settings = [] {
    rc::detail::Configuration usual;
    usual.testParams.seed = 2026;
    usual.testParams.maxSuccess = 1000;
    const auto* given = std::getenv("RC_PARAMS");
    auto used = rc::detail::configFromString(given ? given : "", usual);
    // For rapidcheck itself, which else makes up a seed.
    ::setenv("RC_PARAMS", rc::detail::configToMinimalString(used).c_str(), 1);
    return used;
  }();
  return settings;
}

/// For BOOST_TEST(holds(...)): whether the property holds for all inputs that are tried; if not,
/// the smallest that was found against it.
template <class Property>
boost::test_tools::predicate_result holds(Property&& property) {
  const auto& settings = property_settings();
  rc::detail::TestMetadata about;
  about.id = boost::unit_test::framework::current_test_case().full_name();
  auto result = rc::detail::checkTestable(std::forward<Property>(property), about);
  boost::test_tools::predicate_result verdict{result.template is<rc::detail::SuccessResult>()};
  if (!verdict) {
    std::ostringstream text;
    rc::detail::printResultMessage(result, text);
    verdict.message() << "seed " << settings.testParams.seed << ": " << text.str();
  }
  return verdict;
}

} // namespace holdfast
