// The tables of pages. All is reserved address space that becomes memory where it is touched.
#include "simulator/shadow.h"

#include <sys/mman.h>

#include <atomic>
#include <new>

namespace cantil::simulator {
namespace {

constexpr uint64_t kAddressBits = 47;
constexpr size_t kEntries = size_t{1} << (kAddressBits - CANTIL_RT_PAGE_SHIFT);
constexpr uint64_t kPage = uint64_t{1} << CANTIL_RT_PAGE_SHIFT;

// Cells for one page of memory: one for each 4 bytes, or each byte.
size_t page_bytes(int table) { return (kPage << CANTIL_RT_CELL_SHIFT) >> (table == 0 ? 2 : 0); }

void* reserve(size_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? nullptr : at;
}

}  // namespace

Shadow& Shadow::get() {
  static Shadow* shadow = new Shadow;  // never destroyed: see memory.cpp
  return *shadow;
}

Shadow::Shadow() {
  for (cantil_rt_cell**& table : pages_) {
    table = static_cast<cantil_rt_cell**>(reserve(kEntries * sizeof(void*)));
    if (table == nullptr) throw std::bad_alloc();
  }
}

uint64_t Shadow::take_numbers(uint64_t count) {
  if (next_ + count >= kNumbers) {
    for (int table = 0; table < 2; ++table) {
      for (size_t k = 0; k < kEntries; ++k) {
        if (pages_[table][k] != nullptr) madvise(pages_[table][k], page_bytes(table), MADV_DONTNEED);
      }
    }
    next_ = 1;
  }
  const uint64_t first = next_;
  next_ += count;
  return first;
}

cantil_rt_cell* Shadow::cell(int table, uint64_t address) {
  std::atomic_ref<cantil_rt_cell*> entry(pages_[table][address >> CANTIL_RT_PAGE_SHIFT]);
  cantil_rt_cell* page = entry.load(std::memory_order_acquire);
  if (page == nullptr) {
    std::lock_guard lock(making_);
    page = entry.load(std::memory_order_relaxed);
    if (page == nullptr) {
      page = static_cast<cantil_rt_cell*>(reserve(page_bytes(table)));
      if (page == nullptr) return nullptr;
      madvise(page, page_bytes(table), MADV_HUGEPAGE);
      entry.store(page, std::memory_order_release);
    }
  }
  const uint64_t offset = address & (kPage - 1);
  return page + (table == 0 ? offset >> 2 : offset);
}

}  // namespace cantil::simulator
