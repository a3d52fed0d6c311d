// Counts the messages of each connection, in an actor of its own.
#include "actors/handler.hpp"
#include "app/run.hpp"

class count_messages final : public holdfast::handler {
public:
  void inbound(holdfast::session& from, const holdfast::inbound_message&) override {
    from.send(holdfast::payload_kind::text, std::to_string(++count_));
  }

private:
  int count_ = 0;
};

int main(int argc, char** argv) {
  holdfast::node_extensions types;
  types.handlers["counter"]
    = {[](holdfast::handler_context&) { return std::make_unique<count_messages>(); },
       holdfast::handler_mode::per_connection};
  return holdfast::run(argc, argv, types);
}
