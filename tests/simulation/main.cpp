#define BOOST_TEST_MODULE holdfast_simulation
#include <boost/test/unit_test.hpp>
