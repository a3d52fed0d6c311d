#define BOOST_TEST_MODULE holdfast_actors
#include <boost/test/unit_test.hpp>
