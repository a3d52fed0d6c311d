// Chat rooms with presence. One shared handler keeps what was said last in each of them; the router
// tells who is there, and brings what is said to everybody in the room. chat.html is a page for it.
#include "actors/handler.hpp"
#include "app/run.hpp"

#include <nlohmann/json.hpp>

#include <deque>
#include <unordered_map>

using namespace holdfast;
using nlohmann::json;

namespace {

constexpr std::size_t remembered = 20; ///< lines a room
constexpr std::size_t longest_line = 1000;

struct room {
  std::deque<json> lines;
  std::size_t people = 0;
};

class chat final : public handler {
public:
  explicit chat(handler_context& around)
    : around_{around},
      said_{around.node().count("chat_lines_total", "Lines said in chat rooms")} {}

  void opened(session& s) override {
    if (s.user().empty() || !s.speaks_v1())
      return s.close(close_code::policy_violation, "come as ?user=NAME with holdfast.v1");
    auto name = s.query("room");
    if (!s.set_attribute("room", name.empty() ? "lobby" : name))
      return refuse(s);
    come_in(s);
    if (auto there = rooms_.find(where(s)); there != rooms_.end())
      s.send(payload_kind::json, json{{"before", there->second.lines}}.dump());
  }

  /// The handler that was here before has failed, and what was said is forgotten with it.
  void adopted(session& s) override {
    if (!where(s).empty())
      come_in(s);
  }

  void inbound(session& from, const inbound_message& message) override {
    if (in_.count(from.id()) == 0)
      return; // it is being closed
    if (message.kind != payload_kind::text)
      return from.send_error("no_text", "what is said is a text");
    if (message.payload.size() > longest_line)
      return from.send_error("too_long", "a line has at most 1000 bytes");
    auto& lines = rooms_[where(from)].lines;
    lines.push_back({{"from", from.user()}, {"text", message.payload}});
    if (lines.size() > remembered)
      lines.pop_front();
    from.publish(topic(from), payload_kind::text, message.payload);
    ++said_;
  }

  void closed(const close_receipt& receipt) override {
    auto found = in_.find(receipt.id);
    if (found == in_.end())
      return;
    if (auto there = rooms_.find(found->second); --there->second.people == 0)
      rooms_.erase(there);
    in_.erase(found);
    show();
  }

private:
  static std::string where(const session& s) { return std::string{s.attribute("room")}; }
  static std::string topic(const session& s) { return "room:" + where(s); }

  void come_in(session& s) {
    if (!s.subscribe(topic(s), true))
      return refuse(s);
    in_.emplace(s.id(), where(s));
    ++rooms_[where(s)].people;
    show();
  }

  static void refuse(session& s) {
    s.close(close_code::policy_violation, "a room's name has at most 251 bytes");
  }

  /// For `holdfast actors show`.
  void show() {
    around_.show("rooms", std::to_string(rooms_.size()));
    around_.show("people", std::to_string(in_.size()));
  }

  handler_context& around_;
  counter& said_;
  std::unordered_map<std::string, room> rooms_;
  std::unordered_map<connection_id, std::string> in_;
};

} // namespace

int main(int argc, char** argv) {
  node_extensions types;
  types.handlers["chat"] = {[](handler_context& around) { return std::make_unique<chat>(around); },
                            handler_mode::shared};
  return run(argc, argv, types);
}
