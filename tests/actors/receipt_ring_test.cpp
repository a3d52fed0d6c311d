// The ring of closed connections: what is found in it, page by page.
#include "actors/receipt_ring.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;

namespace {

close_receipt receipt(std::uint64_t number) {
  close_receipt x;
  x.id = {incarnation{7}, number};
  x.user = number % 2 == 0 ? "ann" : "bob";
  x.route = number % 3 == 0 ? "/chat" : "/echo";
  x.address = number % 5 == 0 ? "2001:db8::5" : "192.0.2.1:50000";
  x.why = number % 7 == 0 ? cause::kicked : cause::peer_closed;
  x.code = number % 7 == 0 ? close_code::kicked : close_code::normal;
  return x;
}

/// With receipts 1 to `count`.
receipt_ring filled(std::size_t capacity, std::uint64_t count) {
  receipt_ring ring{capacity};
  for (std::uint64_t i = 1; i <= count; ++i)
    ring.add(receipt(i));
  return ring;
}

std::vector<std::uint64_t> numbers(const receipt_page& page) {
  std::vector<std::uint64_t> result;
  for (auto& x : page.receipts)
    result.push_back(x.id.counter);
  return result;
}

template <class F>
std::vector<std::uint64_t> found(F&& set) {
  find_receipts wanted;
  set(wanted);
  return numbers(filled(100, 21).find(wanted));
}

using list = std::vector<std::uint64_t>;

} // namespace

BOOST_AUTO_TEST_SUITE(receipt_rings)

BOOST_AUTO_TEST_CASE(the_newest_come_first_and_the_oldest_are_overwritten) {
  auto page = filled(5, 8).find({});
  BOOST_TEST(numbers(page) == (list{8, 7, 6, 5, 4}), boost::test_tools::per_element());
  BOOST_TEST(page.kept == 5);
  BOOST_TEST(page.ever == 8);
  BOOST_TEST(page.next == 0);
}

BOOST_AUTO_TEST_CASE(each_condition_selects) {
  auto per_element = boost::test_tools::per_element();
  BOOST_TEST(found([](auto& x) {
               x.id = connection_id{incarnation{7}, 4};
             }) == (list{4}),
             per_element);
  BOOST_TEST(found([](auto& x) { x.id = connection_id{incarnation{8}, 4}; }).empty());
  BOOST_TEST(found([](auto& x) { x.why = cause::kicked; }) == (list{21, 14, 7}), per_element);
  BOOST_TEST(found([](auto& x) { x.code = 4503; }) == (list{21, 14, 7}), per_element);
  BOOST_TEST(found([](auto& x) { x.route = "/chat"; }) == (list{21, 18, 15, 12, 9, 6, 3}),
             per_element);
  BOOST_TEST(found([](auto& x) { x.from = parse_cidr_block("2001:db8::/32"); })
               == (list{20, 15, 10, 5}),
             per_element);
  BOOST_TEST(found([](auto& x) {
               x.user = "ann";
               x.why = cause::kicked;
             }) == (list{14}),
             per_element);
  BOOST_TEST(found([](auto& x) { x.user = ""; }).empty()); // the anonymous
}

BOOST_AUTO_TEST_CASE(pages_together_are_all_that_match_each_once) {
  auto ring = filled(100, 21);
  find_receipts wanted;
  wanted.user = "bob";
  wanted.limit = 4;
  list all;
  unsigned pages = 0;
  do {
    auto page = ring.find(wanted);
    BOOST_TEST(page.receipts.size() <= 4);
    for (auto number : numbers(page))
      all.push_back(number);
    wanted.before = page.next;
    ++pages;
  } while (wanted.before != 0);
  BOOST_TEST(all == (list{21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1}),
             boost::test_tools::per_element());
  BOOST_TEST(pages == 3);
}

BOOST_AUTO_TEST_CASE(a_full_last_page_has_no_next_one) {
  auto ring = filled(100, 4);
  find_receipts wanted;
  wanted.limit = 4;
  BOOST_TEST(ring.find(wanted).next == 0);
}

BOOST_AUTO_TEST_CASE(a_page_goes_on_where_it_was_though_others_have_ended_meanwhile) {
  auto ring = filled(10, 10);
  find_receipts wanted;
  wanted.limit = 3;
  wanted.before = ring.find(wanted).next;
  ring.add(receipt(11));
  BOOST_TEST(numbers(ring.find(wanted)) == (list{7, 6, 5}), boost::test_tools::per_element());
  for (std::uint64_t i = 12; i <= 40; ++i)
    ring.add(receipt(i));
  BOOST_TEST(ring.find(wanted).receipts.empty()); // overwritten
}

BOOST_AUTO_TEST_CASE(a_number_that_is_yet_to_come_is_behind_the_newest) {
  find_receipts wanted;
  wanted.before = UINT64_MAX;
  BOOST_TEST(numbers(filled(10, 2).find(wanted)) == (list{2, 1}), boost::test_tools::per_element());
  BOOST_TEST(receipt_ring{10}.find(wanted).receipts.empty());
}

BOOST_AUTO_TEST_SUITE_END()
