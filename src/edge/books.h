// The public order books as published: what REST depth, the whole-depth room and the diffs say is
// always the same book at the same sequence.
//
// A published view holds the best levels of each side, in an auction those around the estimated
// price. It moves with the book's sequence only: an estimate that changes alone is seen with the
// book's next change, since clients pass over a difference that has no new sequence. Refreshing
// compares the projection with the published view and yields the difference, so that a client which
// holds one view and applies the differences after it has, level for level, every later view: a
// level that leaves the view is told as removed, one that enters it as new. Whoever is shown a view
// first sees it refreshed, so nobody holds a view that the differences skipped.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "core/types.h"
#include "history/projection.h"

namespace oki::edge {

constexpr std::size_t depth_levels_max = 200;

// In an auction: how far from the best price the levels around the estimated price are looked for.
constexpr std::size_t auction_levels_max = 10'000;

struct BookView {
  core::Sequence sequence;
  WallTimeMs changed_at;
  std::vector<history::Level> asks;  // Best first.
  std::vector<history::Level> bids;
  core::Lots asks_over;   // Beyond the last ask of the view.
  core::Lots bids_under;  // Beyond the last bid of the view.
  core::Lots asks_under;  // Before the first ask of the view: only in an auction.
  core::Lots bids_over;   // Before the first bid of the view: only in an auction.
};

// The best levels of each side; while an auction has an estimated price, the levels nearest to it:
// depth_levels_max at or above and as many below.
BookView read_book(const history::Projection& projection, core::MarketId market);

// The object of REST depth and of the whole-depth room.
Bytes depth_json(const BookView& view, const core::MarketSpec& market);

// The object of the depth_diff room that leads from `before` to `after`. `ps` is the sequence of
// `before`: ours, so that a client can see that it missed one.
Bytes diff_json(const BookView& before, const BookView& after, const core::MarketSpec& market);

class Books {
 public:
  // Receives what refresh() found, before anything else can see the new view.
  using OnDiff = std::function<void(core::MarketId, const BookView& before, const BookView& after)>;

  explicit Books(const history::Projection& projection) : projection_(projection) {}
  void on_diff(OnDiff action) { on_diff_ = std::move(action); }

  // Publishes the book as the projection has it. REQUIRES: the market exists.
  const BookView& refresh(core::MarketId market);

  // depth_json of the refreshed book, written once for each view.
  const Bytes& depth(core::MarketId market);

 private:
  struct Published {
    std::optional<BookView> view;
    Bytes depth;  // Empty until asked for.
  };
  Published& published(core::MarketId market);

  const history::Projection& projection_;
  OnDiff on_diff_;
  std::vector<Published> markets_;  // Position = MarketId.
};

}  // namespace oki::edge
