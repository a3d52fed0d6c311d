// What clients do.
#include "tests/simulation/world.hpp"

namespace holdfast::simulation {

namespace {

class request final : public handshake_request {
public:
  request(std::string path, std::string query, bool v1, std::string origin, unsigned host)
    : path_{std::move(path)},
      query_{std::move(query)},
      protocol_{v1 ? "chat, holdfast.v1" : ""},
      origin_{std::move(origin)},
      address_{client_address::from_v4(0xc0000200 + host)},
      text_{"192.0.2." + std::to_string(host) + ":50000"} {}

  std::string_view path() const override { return path_; }
  std::string_view query() const override { return query_; }
  std::string_view header(std::string_view name) const override {
    if (name == "Sec-WebSocket-Protocol")
      return protocol_;
    return name == "Origin" ? std::string_view{origin_} : std::string_view{};
  }
  std::size_t count(std::string_view name) const override { return header(name).empty() ? 0 : 1; }
  const client_address& address() const override { return address_; }
  std::string_view address_text() const override { return text_; }

private:
  std::string path_;
  std::string query_;
  std::string protocol_;
  std::string origin_;
  client_address address_;
  std::string text_;
};

/// Of a socket that says nothing yet.
client_address knocking() {
  return client_address::from_v4(0xc0000201);
}

constexpr std::array<const char*, 28> at_opening{
  "",  "",  "",  "",  "",  "",  "",  "",     "",   "j1",     "j1", "j2j3", "s3",   "p",
  "t", "x", "c", "Q", "Z", "Y", "F", "j1YQ", "pr", "j1j2QZ", "wa", "wa",   "wawb", "j1waZ"};

constexpr std::array<const char*, 46> words{
  "e",  "e",  "e",  "e",    "e",  "e",  "n",  "n",  "n",    "s2",  "s2",     "s9",
  "s5", "j1", "j2", "j3",   "l1", "l2", "o1", "o1", "o2",   "o3",  "o1o1o1", "t",
  "x",  "c",  "p",  "p",    "pr", "ep", "et", "js", "j1o1", "l3",  "e",      "e",
  "e",  "n",  "o2", "b1b1", "wa", "ua", "wb", "ub", "ga",   "gaga"};

constexpr std::array<const char*, 14> commands{
  R"({"type":"ping","id":1})",
  R"({"type":"ping","id":"p"})",
  R"({"type":"ack","n":0})",
  R"({"type":"ack","n":1})",
  R"({"type":"ack","n":3})",
  R"({"type":"subscribe","topic":"a","presence":true,"id":2})",
  R"({"type":"subscribe","topic":"b"})",
  R"({"type":"unsubscribe","topic":"a","id":"x"})",
  R"({"type":"publish","topic":"a","data":"x","id":3})",
  R"({"type":"publish","topic":"b","data":{"a":1}})",
  R"({"presence":true,"topic":"b","type":"subscribe"})",
  R"({"type":"message","data":[1,2],"id":9})",
  R"({"type":"message","data":"e","id":10})",
  R"({"type":"message","data":null})"};

constexpr std::array<const char*, 6> nonsense{"{",
                                              "[]",
                                              R"({"type":"nonsense"})",
                                              R"({"type":"ack","n":999999})",
                                              R"({"data":1})",
                                              R"({"type":"subscribe","topic":""})"};

struct violation {
  close_code code;
  cause why;
};

constexpr std::array<violation, 4> violations{
  {{close_code::protocol_error, cause::protocol_violation},
   {close_code::invalid_payload, cause::bad_utf8},
   {close_code::message_too_big, cause::too_big},
   {close_code::policy_violation, cause::policy}}};

constexpr std::array<refusal, 5> without_handshake{refusal::bad_request, refusal::upgrade_required,
                                                   refusal::header_too_large, refusal::uri_too_long,
                                                   refusal::handshake_timeout};

constexpr std::array<close_code, 4> goodbyes{close_code::normal, close_code::going_away,
                                             close_code::no_status, close_code{3000}};

promptness how_prompt(unsigned percent, std::uint32_t number) {
  if (number % 100 < percent)
    return promptness::now;
  return number % 2 == 0 ? promptness::late : promptness::never;
}

template <class Table>
auto& one_of(Table& table, std::uint32_t number) {
  return table[number % table.size()];
}

} // namespace

void world::client_acts(const action& x) {
  auto shard = x.a % shards();
  switch (x.what) {
  case verb::connect:
    if (listeners[shard].accepting)
      turn(shard, [&] { connect(shard, x.a, x.b, false); });
    return;
  case verb::knock:
    if (listeners[shard].accepting && at(shard).socket_accepted(knocking()))
      ++clocks[shard].knocks;
    return;
  case verb::request:
    if (clocks[shard].knocks > 0)
      turn(shard, [&] { connect(shard, x.a, x.b, true); });
    return;
  case verb::desist:
    if (clocks[shard].knocks == 0)
      return;
    --clocks[shard].knocks;
    at(shard).refused(one_of(without_handshake, x.b));
    at(shard).socket_settled(knocking());
    return;
  default: break;
  }
  if (live.empty())
    return;
  auto& c = *live[x.a % live.size()];
  using kind = inbound_frame::kind;
  auto now_or_later = [&] {
    if (x.b % 4 != 0)
      read_all(c.traits.shard);
  };
  switch (x.what) {
  case verb::say: say(c, x); break;
  case verb::binary:
    c.sends({kind::message, frame_opcode::binary, one_of(words, x.b / 4), {}, {}});
    break;
  case verb::control: control(c, x); break;
  case verb::garble:
    for (std::uint32_t i = 0; i < 1 + x.b / 4 % 3; ++i)
      c.sends({kind::message, frame_opcode::text, one_of(nonsense, x.b / 16 + i), {}, {}});
    break;
  case verb::prod: c.sends({kind::ping, frame_opcode::ping, "x", {}, {}}); break;
  case verb::pong: c.answers_ping(x.b / 4); break;
  case verb::bye:
    c.sends({kind::close, frame_opcode::close, {}, one_of(goodbyes, x.b / 4), {}});
    break;
  case verb::answer: c.answers_close(); break;
  case verb::vanish:
    if (x.b / 4 % 2 == 0)
      turn(c.traits.shard, [&] { c.resets(); });
    else
      c.sends({kind::end, {}, {}, {}, {}});
    return;
  case verb::violate: {
    auto& v = one_of(violations, x.b / 4);
    c.sends({kind::violation, {}, {}, v.code, v.why});
    break;
  }
  case verb::clog: c.clog(); break;
  case verb::unclog: turn(c.traits.shard, [&] { c.unclog(); }); break;
  default: break;
  }
  now_or_later();
}

void world::say(client& c, const action& x) {
  std::string word = one_of(words, x.b / 4);
  if (c.traits.speaks_v1)
    word = R"({"type":"message","data":")" + word + R"("})";
  c.sends({inbound_frame::kind::message, frame_opcode::text, std::move(word), {}, {}});
}

void world::control(client& c, const action& x) {
  auto text = c.traits.speaks_v1 ? one_of(commands, x.b / 4) : "e";
  c.sends({inbound_frame::kind::message, frame_opcode::text, text, {}, {}});
}

/// What the client shows beside its name.
std::string world::credentials_of(std::uint32_t number, client_traits& of) {
  switch (number % 16) {
  case 0: of.forged = true; return "&forged=1";
  case 1: of.priority = true; return "&vip=1";
  case 2:
  case 3: {
    auto milliseconds = 200 + number / 16 % 4000;
    of.expires = now() + std::chrono::milliseconds{milliseconds};
    return "&ttl=" + std::to_string(milliseconds);
  }
  default: return {};
  }
}

void world::connect(std::size_t shard, std::uint32_t a, std::uint32_t b, bool knocked) {
  client_traits traits;
  traits.number = clients.size();
  traits.shard = shard;
  auto user = a / 7 % (wanted.users + 1);
  traits.user = user == 0 ? "" : "u" + std::to_string(user);
  traits.speaks_v1 = b % 2 == 0;
  traits.pongs = how_prompt(wanted.answers_pings, b / 2);
  traits.closes = how_prompt(wanted.answers_closes, b / 200);
  traits.max_queued_messages = wanted.max_queued_messages;
  traits.on_slow_consumer = wanted.on_slow_consumer;
  traits.close_timeout = wanted.settings.close_timeout;

  auto oddity = a / 61 % 24;
  constexpr std::array<const char*, 4> paths{"/a", "/b", "/own", "/shared"};
  std::string path = oddity == 0 ? "/nowhere" : paths[oddity % paths.size()];
  traits.mode = path == "/own"      ? handler_mode::per_connection
                : path == "/shared" ? handler_mode::shared
                                    : handler_mode::inlined;
  std::string query{"do="};
  query += one_of(at_opening, b / 20000);
  if (user != 0)
    query += "&user=" + traits.user;
  query += credentials_of(a / 4392, traits);
  request asked{path, query, traits.speaks_v1,
                oddity == 1  ? "https://example.com"
                : oddity < 8 ? "https://example.org"
                             : "",
                1 + a / 1464 % 3};
  auto from = knocked ? knocking() : asked.address();
  if (knocked)
    --clocks[shard].knocks;
  else if (!at(shard).socket_accepted(asked.address()))
    return;
  auto owner = std::make_unique<client>(*this, traits);
  auto& c = *owner;
  c.reply = at(shard).handshake(asked, c);
  seen.trace.add(c.reply.status);
  seen.trace.add(static_cast<std::uint64_t>(c.reply.close));
  if (c.reply.status == 101 && c.reply.close == close_code::none)
    enter(c, std::move(owner));
  at(shard).socket_settled(from);
  if (!owner) {
    c.established();
    at(shard).established(c.reply.slot);
  }
}

/// It was accepted: nobody else may stand in its slot.
void world::enter(client& c, std::unique_ptr<client> owner) {
  for (auto* other : live)
    if (other->traits.shard == c.traits.shard && other->reply.slot == c.reply.slot)
      breach("a slot is used again only after its release", other->seen.name);
  if (c.traits.forged)
    breach("nobody gets in who is not who he says", c.traits.user);
  if (!c.traits.priority
      && context().total.taken() > wanted.settings.max_total_connections - wanted.settings.reserve)
    breach("the reserve is kept for priority users", c.traits.user);
  auto& place = at(c.traits.shard).slots()[c.reply.slot];
  c.seen.id = place.actor->id();
  c.seen.name = to_string(c.seen.id);
  c.seen.connected = now();
  c.seen.since_resume = std::chrono::hours{1};
  seen.knows(c);
  live.push_back(&c);
  clients.push_back(std::move(owner));
}

} // namespace holdfast::simulation
