// Frames that websocketpp 0.8.2 answers wrongly, and close frames of its that do not arrive.
#include "tests/app/faults/two_servers.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

namespace data = boost::unit_test::data;

namespace {

struct fault {
  const char* name;
  std::string bytes;
  unsigned stock; ///< code of its close frame; 1000 when it took the message
  unsigned ours;
};

std::ostream& operator<<(std::ostream& out, const fault& x) {
  return out << x.name;
}

const std::vector<fault> faults{
  {"a 16 bit length of 5", std::string{"\x81\xfe\0\5\0\0\0\0hello", 13}, 1011, 1002},
  {"a 64 bit length of 5", std::string{"\x81\xff\0\0\0\0\0\0\0\5\0\0\0\0hello", 19}, 1011, 1002},
  {"fragments that end in a codepoint", encode_frame(0x01, "a\xe2") + encode_frame(0x80, "\x82"),
   1000, 1007},
  {"a close reason that is not UTF-8", encode_frame(0x88, close_payload(1000, "\xff")), 1002, 1007},
};

unsigned code_after(std::uint16_t port, const std::string& bytes) {
  witness peer{port};
  BOOST_REQUIRE(peer.upgrade());
  peer.send(bytes + close_frame(1000));
  peer.read();
  return peer.close_code();
}

/// What a client saw that does not read while it sends.
struct farewell {
  bool sent_all;
  std::size_t echoes;
  unsigned code;
  stream_end end;
};

constexpr std::size_t echoes = 8;

/// Some echoes, then `last`, then what nobody asked for: 6 MB by a client that is not listening.
farewell goes_on_sending_after(std::uint16_t port, const std::string& last) {
  const std::string noise(64 * 1024, 'n');
  witness peer{port, {0, 4096}};
  BOOST_REQUIRE(peer.upgrade());
  for (std::size_t i = 0; i < echoes; ++i)
    BOOST_REQUIRE(peer.send(encode_frame(0x82, std::string(60'000, 'x'))));
  bool sent_all = peer.send(last);
  for (int i = 0; i < 100; ++i)
    sent_all = sent_all && peer.send(noise);
  auto end = peer.read();
  return {sent_all, peer.messages(), peer.close_code(), end};
}

} // namespace

BOOST_AUTO_TEST_SUITE(stock_frames)

BOOST_DATA_TEST_CASE_F(two_servers, each_violation_gets_its_code, data::make(faults)) {
  BOOST_TEST(code_after(ours(), sample.bytes) == sample.ours);
  auto wrong = code_after(stocks(), sample.bytes);
  BOOST_TEST(wrong == sample.stock, mended << sample.name << " got " << wrong);
}

// The stock library adds this length to that of the fragment before, in 64 bits.
BOOST_FIXTURE_TEST_CASE(a_continuation_of_almost_2_to_64_bytes_does_not_slip_past_the_limit,
                        two_servers) {
  const auto continuation = std::string{"\x80\xff"} + std::string(7, '\xff') + "\xfd"
                            + std::string(4, '\0') + std::string(1000, 'x');
  BOOST_TEST(code_after(ours(), encode_frame(0x01, "hello") + continuation) == 1002u);
}

BOOST_FIXTURE_TEST_CASE(a_violator_that_goes_on_sending_gets_its_echoes_and_the_close_frame,
                        two_servers) {
  const auto violation = encode_frame(0x83, "bad opcode");
  auto right = goes_on_sending_after(ours(), violation);
  BOOST_TEST(right.sent_all);
  BOOST_TEST(right.echoes == echoes);
  BOOST_TEST(right.code == 1002u);
  BOOST_TEST(right.end == stream_end::fin);
  auto wrong = goes_on_sending_after(stocks(), violation);
  BOOST_TEST(wrong.code == 0u, mended << "a close frame under way");
  BOOST_TEST(wrong.end == stream_end::reset, mended << "its end is no reset");
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_goes_on_sending_after_its_close_frame_gets_the_answer,
                        two_servers) {
  auto right = goes_on_sending_after(ours(), close_frame(1000));
  BOOST_TEST(right.echoes == echoes);
  BOOST_TEST(right.code == 1000u);
  BOOST_TEST(right.end == stream_end::fin);
  auto wrong = goes_on_sending_after(stocks(), close_frame(1000));
  BOOST_TEST(wrong.code == 0u, mended << "the answer to a close frame");
  BOOST_TEST(wrong.end == stream_end::reset, mended << "its end is no reset");
}

BOOST_AUTO_TEST_SUITE_END()
