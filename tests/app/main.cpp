#define BOOST_TEST_MODULE holdfast_app
#include <boost/test/unit_test.hpp>
