#include "app/admin/api/connection_walk.hpp"

#include "app/admin/api/inquiry.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

namespace holdfast::admin {

namespace {

class walker : public std::enable_shared_from_this<walker> {
public:
  walker(caf::event_based_actor* self, const services& peers, walk_request request, walk_page page,
         walk_end end)
    : self_{self},
      members_{peers.members},
      page_{std::move(page)},
      end_{std::move(end)} {
    question_.which = std::move(request.which);
    question_.order = request.order;
    question_.rows = request.rows;
    question_.behind = request.after.has_value();
    if (request.after)
      question_.after = std::move(*request.after);
  }

  /// Asks for the next part.
  void step() {
    if (shard_ == members_.size()) {
      end_(std::move(silent_));
      self_->quit();
      return;
    }
    self_->request(members_[shard_], actor_patience, question_)
      .then([me = shared_from_this()](connection_page& page) { me->take(std::move(page)); },
            [me = shared_from_this()](const caf::error&) { me->skip(); });
  }

private:
  void take(connection_page page) {
    question_.from = page.next;
    if (page.done)
      next_shard();
    page_(std::move(page),
          [me = caf::actor_cast<caf::actor>(self_)] { caf::anon_send(me, tick_atom::value); });
  }

  void skip() {
    silent_.push_back("pool/" + std::to_string(shard_));
    next_shard();
    step();
  }

  void next_shard() {
    ++shard_;
    question_.from = 0;
  }

  caf::event_based_actor* self_;
  std::vector<pool_member_actor> members_;
  walk_page page_;
  walk_end end_;
  scan_connections question_;
  std::size_t shard_ = 0;
  std::vector<std::string> silent_;
};

} // namespace

caf::actor walk_connections(const api_context& node, walk_request request, walk_page page,
                            walk_end end) {
  return node.spawn([peers = node.peers, request = std::move(request), page = std::move(page),
                     end = std::move(end)](caf::event_based_actor* self) {
    auto walk = std::make_shared<walker>(self, peers, request, page, end);
    walk->step();
    return caf::behavior{[walk](tick_atom) { walk->step(); }};
  });
}

void best_of::add(std::vector<scanned_connection> rows) {
  auto before = [this](const scanned_connection& a, const scanned_connection& b) {
    return a.place.comes_before(b.place, order_.descending);
  };
  std::sort(rows.begin(), rows.end(), before);
  auto middle = static_cast<std::ptrdiff_t>(rows_.size());
  std::move(rows.begin(), rows.end(), std::back_inserter(rows_));
  std::inplace_merge(rows_.begin(), rows_.begin() + middle, rows_.end(), before);
  if (rows_.size() > limit_) {
    more_ = true;
    rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(limit_), rows_.end());
  }
}

std::optional<connection_place> best_of::next() const {
  return more_ && !rows_.empty() ? std::optional{rows_.back().place} : std::nullopt;
}

} // namespace holdfast::admin
