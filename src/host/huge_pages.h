// Brings huge pages back after a forked child has ended.
//
// While a child shares the memory, the first write to a huge page splits it into small ones, and
// they stay split: the next fork would have to copy hundreds of times as many entries of the page
// tables and take tens of milliseconds for a few gigabytes. So a thread asks the kernel to put them
// together again (MADV_COLLAPSE, since Linux 6.1; elsewhere nothing happens), one after the other:
// a page that is being moved makes a reader wait for a fraction of a millisecond.
//
// Only memory that was asked to be in huge pages (MADV_HUGEPAGE) is touched.
#pragma once

#include <atomic>
#include <thread>

namespace oki::host {

class HugePages {
 public:
  HugePages() = default;
  ~HugePages() { stop(); }
  HugePages(const HugePages&) = delete;
  HugePages& operator=(const HugePages&) = delete;

  void restore();  // Begins; it ends by itself.
  void stop();     // Returns when no page is being moved any more.
  bool busy() const { return busy_; }

 private:
  void work();

  std::thread thread_;
  std::atomic<bool> busy_{false};
  std::atomic<bool> stop_{false};
};

}  // namespace oki::host
