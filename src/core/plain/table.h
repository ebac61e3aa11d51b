// A sorted table that remembers how its rows were before the step under way, so that the step can
// be undone, and so that what it changed can be told and checked.
//
// A row is changed only through edit(), put(), add() and erase(). References stay good until the
// row is erased or the step is undone.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "core/fault.h"

namespace oki::core::plain {

template <typename Key, typename Value>
class Table {
 public:
  using Rows = std::map<Key, Value>;
  using Before = std::map<Key, std::optional<Value>>;

  const Value* find(const Key& key) const {
    const auto found = rows_.find(key);
    return found == rows_.end() ? nullptr : &found->second;
  }
  bool has(const Key& key) const { return rows_.contains(key); }
  const Value& at(const Key& key) const {
    const auto found = rows_.find(key);
    CHECK(found != rows_.end(), "a row is missing");
    return found->second;
  }

  // REQUIRES: the row exists.
  Value& edit(const Key& key) {
    const auto found = rows_.find(key);
    CHECK(found != rows_.end(), "a row to change is missing");
    before_.try_emplace(key, found->second);
    return found->second;
  }
  // The row to change, which is made when there is none.
  Value& put(const Key& key) {
    const auto [place, is_new] = rows_.try_emplace(key);
    if (is_new) {
      before_.try_emplace(key, std::nullopt);
    } else {
      before_.try_emplace(key, place->second);
    }
    return place->second;
  }
  // REQUIRES: there is no such row.
  Value& add(const Key& key, Value value) {
    CHECK(!rows_.contains(key), "a row is there already");
    before_.try_emplace(key, std::nullopt);
    return rows_.emplace(key, std::move(value)).first->second;
  }
  // REQUIRES: the row exists.
  void erase(const Key& key) {
    const auto found = rows_.find(key);
    CHECK(found != rows_.end(), "a row to erase is missing");
    before_.try_emplace(key, found->second);
    rows_.erase(found);
  }

  const Rows& rows() const { return rows_; }
  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }

  // The rows that the step under way has touched, as they were before it; nothing: new.
  const Before& before() const { return before_; }
  const Value* before(const Key& key) const {
    const auto found = before_.find(key);
    return found == before_.end() || !found->second ? nullptr : &*found->second;
  }

  void undo() {
    for (auto& [key, value] : before_) {
      if (value) {
        rows_.insert_or_assign(key, std::move(*value));
      } else {
        rows_.erase(key);
      }
    }
    before_.clear();
  }
  // The step is done: forgets how it was before.
  void settle() { before_.clear(); }

 private:
  Rows rows_;
  Before before_;
};

// A sorted set with the same memory.
struct Nothing {
  friend bool operator==(const Nothing&, const Nothing&) = default;
};
template <typename Key>
using Keys = Table<Key, Nothing>;

}  // namespace oki::core::plain
