// Rows of plain data, numbered from 1, in memory that is reserved once: fork() has few pages to
// copy, and a row costs no allocation.
//
// A row can be read by anyone and written only through `change`, which first keeps the row as it
// was: what a step changed can be listed (`changes`), told, checked, and taken back (`rollback`).
// There is no other way to write, so nothing can be forgotten.
//
// REQUIRES of T: trivially copyable, with a member `std::uint32_t mark`, which belongs to the
// table. Invariant: outside a step all marks are 0. Row 0 is nobody's.
#pragma once

#include <cstdint>
#include <vector>

#include "core/fast/broken.h"
#include "core/fast/step_list.h"
#include "core/large_array.h"

namespace oki::core::fast {

using Row = std::uint32_t;  // The number of a row of some table; 0 is none.

template <typename T>
class Table {
 public:
  struct Change {
    Row row;
    bool
        created;  // In this step; `before` is then T{}, unless the owner of the row says otherwise.
    T before;
  };

  // `touched` is set with the first change, for who commits many tables.
  explicit Table(std::size_t rows_max, bool* touched = nullptr)
      : Table(rows_max, touched, touched == nullptr ? Pages::huge : Pages::small) {}
  Table(std::size_t rows_max, bool* touched, Pages pages)
      : rows_(rows_max + 1, pages), touched_(touched) {}

  const T& operator[](Row row) const { return rows_[row]; }
  std::size_t rows_max() const { return rows_.size() - 1; }
  bool full() const { return free_.empty() && used_ + 1 >= rows_.size(); }
  std::size_t rows() const { return used_ - free_.size(); }  // Created and not dropped.
  Row last() const { return used_; }                         // The highest ever created.

  // For writing. The reference holds until the next step.
  T& change(Row row) {
    T& data = rows_[row];
    if (data.mark == 0) {
      changes_.push_back({row, false, data});
      if (touched_ != nullptr) *touched_ = true;
      data.mark = static_cast<std::uint32_t>(changes_.size());
    }
    return data;
  }

  // For writing what is final at once and is never taken back: fast/direct.h.
  // REQUIRES: no step is under way.
  T& settled(Row row) { return rows_[row]; }

  void prefetch(Row row) const {  // A row may begin in one line and end in the next one.
    __builtin_prefetch(&rows_[row], 1);
    if constexpr (sizeof(T) > 16)
      __builtin_prefetch(&reinterpret_cast<const char*>(&rows_[row] + 1)[-1], 1);
  }

  // REQUIRES: !full().
  Row create() {
    INVARIANT(!full(), "a table is full");
    Row row = 0;
    if (free_.empty()) {
      row = ++used_;
    } else {
      row = free_.back();
      free_.pop_back();
    }
    create_at(row);
    return row;
  }

  // A row whose number another table has given. REQUIRES: it is dropped with `wipe`, if at all.
  T& create_at(Row row, const T& value = T{}) {
    T& data = rows_[row];
    data = value;
    changes_.push_back({row, true, T{}});
    if (touched_ != nullptr) *touched_ = true;
    data.mark = static_cast<std::uint32_t>(changes_.size());
    return data;
  }

  // Frees a row when the step is committed.
  // REQUIRES: it was changed in this step.
  void drop(Row row) {
    change(row);
    dropped_.push_back(row);
  }

  // What the step has changed, each row once, in order of its first change.
  const StepList<Change>& changes() const { return changes_; }
  // REQUIRES: the row was changed in this step.
  const Change& change_of(Row row) const { return changes_[rows_[row].mark - 1]; }
  // As it was before the step.
  const T& before(Row row) const {
    return rows_[row].mark == 0 ? rows_[row] : changes_[rows_[row].mark - 1].before;
  }
  // Keeps the row as it is now as what is compared with later. REQUIRES: created in this step.
  void compare_with_now(Row row) {
    Change& kept = changes_[rows_[row].mark - 1];
    kept.before = rows_[row];
    kept.before.mark = 0;
  }

  void commit() {
    for (const Change& change : changes_) rows_[change.row].mark = 0;
    changes_.clear();
    for (const Row row : dropped_) free_.push_back(row);
    dropped_.clear();
  }

  void rollback() {
    for (std::size_t i = changes_.size(); i-- > 0;) {
      const Change& change = changes_[i];
      if (!change.created) {
        rows_[change.row] = change.before;
        continue;
      }
      rows_[change.row] = T{};
      if (owns_numbers_) free_.push_back(change.row);
    }
    changes_.clear();
    dropped_.clear();
  }

  // The numbers of rows come from elsewhere (create_at), so there is no list of free ones.
  void take_numbers_from_elsewhere() { owns_numbers_ = false; }

 private:
  LargeArray<T> rows_;
  StepList<Change> changes_;
  std::vector<Row> free_;
  std::vector<Row> dropped_;
  Row used_ = 0;
  bool* touched_;
  bool owns_numbers_ = true;
};

}  // namespace oki::core::fast
