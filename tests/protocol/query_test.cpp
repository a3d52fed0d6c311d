#include "protocol/query.hpp"

#include <boost/test/unit_test.hpp>

using holdfast::query_value;
using holdfast::query_values;
using holdfast::query_without;

BOOST_AUTO_TEST_SUITE(query)

BOOST_AUTO_TEST_CASE(the_first_value_of_a_name_counts) {
  BOOST_TEST(query_value("user=ann&user=bob", "user") == "ann");
  BOOST_TEST(query_value("a=1&user=ann&b=2", "user") == "ann");
  BOOST_TEST(query_value("user=a=b", "user") == "a=b");
}

BOOST_AUTO_TEST_CASE(an_absent_name_and_one_without_a_value_are_empty) {
  BOOST_TEST(query_value("", "user") == "");
  BOOST_TEST(query_value("username=ann", "user") == "");
  BOOST_TEST(query_value("user", "user") == "");
  BOOST_TEST(query_value("user=&user=bob", "user") == "");
}

BOOST_AUTO_TEST_CASE(values_are_percent_decoded_and_plus_is_a_space) {
  BOOST_TEST(query_value("user=J%C3%B6rg+M", "user") == "J\xc3\xb6rg M");
  BOOST_TEST(query_value("us%65r=ann", "user") == "ann");
}

BOOST_AUTO_TEST_CASE(a_percent_sign_without_two_digits_stands_for_itself) {
  BOOST_TEST(query_value("user=100%", "user") == "100%");
  BOOST_TEST(query_value("user=%4", "user") == "%4");
  BOOST_TEST(query_value("user=%zz1", "user") == "%zz1");
  BOOST_TEST(query_value("user=%41", "user") == "A");
}

BOOST_AUTO_TEST_CASE(all_values_of_a_name_are_there_in_order) {
  using texts = std::vector<std::string>;
  BOOST_TEST(query_values("t=a&x=1&t=%62&t&t=", "t") == (texts{"a", "b", "", ""}),
             boost::test_tools::per_element());
  BOOST_TEST(query_values("", "t").empty());
  BOOST_TEST(query_values("tt=1&x", "t").empty());
}

BOOST_AUTO_TEST_CASE(a_name_is_taken_out_however_it_is_written) {
  BOOST_TEST(query_without("token=a&user=J%C3%B6rg+M&x", "token") == "user=J%C3%B6rg+M&x");
  BOOST_TEST(query_without("user=ann&to%6Ben=a&token&token=b", "token") == "user=ann");
  BOOST_TEST(query_without("token=a", "token") == "");
  BOOST_TEST(query_without("", "token") == "");
  BOOST_TEST(query_without("tokens=1", "token") == "tokens=1");
}

BOOST_AUTO_TEST_SUITE_END()
