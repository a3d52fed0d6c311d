#define BOOST_TEST_MODULE holdfast_protocol
#include <boost/test/unit_test.hpp>
