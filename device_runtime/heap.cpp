// Counted heap blocks: aligned memory with its header in front, small ones recycled per thread, all of them
// counted.
//
// A block is one allocation: 64 bytes that begin with the header, then the data, so that data is 64-byte
// aligned. Each thread keeps a few free blocks of each small size class; a block freed on another thread than
// its maker's simply moves into that thread's lists. The number of live blocks is the sum of per-thread
// counters (each written by its own thread only), so that counting never makes two threads share a cache
// line.
#include <pthread.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>

#include "device_runtime/abi.h"

namespace {

constexpr int64_t kAlign = 64;
constexpr int64_t kSmallClasses = 16;  // data sizes up to 16 * 64 bytes
constexpr int kKept = 32;              // free blocks that a thread keeps of each class
constexpr int64_t kHuge = int64_t{4} << 20;
static_assert(sizeof(cantil_rt_owner) <= kAlign);

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kRecycle = false;  // so that the sanitizer sees each use after free
#else
constexpr bool kRecycle = true;
#endif

struct FreeBlock {
  FreeBlock* next;
};

struct ThreadHeap;

// All threads' counters. Never destroyed: blocks may be freed while the process exits.
struct Registry {
  std::mutex mutex;
  ThreadHeap* first = nullptr;
  std::atomic<int64_t> retired{0};  // live blocks as counted by threads that have ended
};

Registry& registry() {
  static Registry* r = [] {
    auto* made = new Registry;
    // A fork while another thread holds the mutex would leave it locked in the child for ever.
    pthread_atfork([] { registry().mutex.lock(); }, [] { registry().mutex.unlock(); },
                   [] { registry().mutex.unlock(); });
    return made;
  }();
  return *r;
}

struct ThreadHeap {
  std::atomic<int64_t> live{0};  // written by this thread only
  FreeBlock* free[kSmallClasses + 1] = {};
  int kept[kSmallClasses + 1] = {};
  ThreadHeap* next = nullptr;
  ThreadHeap* previous = nullptr;

  ThreadHeap();
  ~ThreadHeap();
  void count(int64_t by) { live.store(live.load(std::memory_order_relaxed) + by, std::memory_order_relaxed); }
};

enum class HeapState : uint8_t { Unused, Alive, Ended };
thread_local HeapState heap_state = HeapState::Unused;

ThreadHeap::ThreadHeap() {
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  next = r.first;
  if (next != nullptr) next->previous = this;
  r.first = this;
  heap_state = HeapState::Alive;
}

ThreadHeap::~ThreadHeap() {
  heap_state = HeapState::Ended;
  for (FreeBlock* list : free) {
    while (list != nullptr) {
      FreeBlock* after = list->next;
      std::free(list);
      list = after;
    }
  }
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  r.retired.fetch_add(live.load(std::memory_order_relaxed), std::memory_order_relaxed);
  if (previous != nullptr) previous->next = next;
  if (next != nullptr) next->previous = previous;
  if (r.first == this) r.first = next;
}

// Null once the thread has begun to end: other thread-local objects may still free blocks then.
ThreadHeap* this_heap() {
  if (heap_state == HeapState::Ended) return nullptr;
  static thread_local ThreadHeap heap;
  return &heap;
}

void count(ThreadHeap* heap, int64_t by) {
  if (heap != nullptr) {
    heap->count(by);
  } else {
    registry().retired.fetch_add(by, std::memory_order_relaxed);
  }
}

int64_t size_class(int64_t bytes) { return (bytes + kAlign - 1) / kAlign; }

void destroy_block(cantil_rt_owner* owner) {
  ThreadHeap* heap = this_heap();
  count(heap, -1);
  const int64_t cls = size_class(owner->size);
  if (kRecycle && heap != nullptr && cls <= kSmallClasses && heap->kept[cls] < kKept) {
    auto* block = reinterpret_cast<FreeBlock*>(owner);
    block->next = heap->free[cls];
    heap->free[cls] = block;
    ++heap->kept[cls];
    return;
  }
  std::free(owner);
}

void destroy_packed(cantil_rt_owner* owner) {
  count(this_heap(), -1);
  std::free(owner);
}

// Blocks that wait for this thread to destroy them: a long chain of objects must not recurse.
thread_local cantil_rt_owner* waiting = nullptr;
thread_local bool destroying = false;

void release_held(cantil_rt_owner* owner) {
  const auto stride = reinterpret_cast<intptr_t>(owner->payload);
  auto* element = static_cast<char*>(owner->data);
  for (int64_t left = owner->size; left >= stride; left -= stride, element += stride)
    for (int word = 0; word < 3; ++word)
      for (uint64_t bits = owner->owners[word]; bits != 0; bits &= bits - 1)
        cantil_rt_release(reinterpret_cast<cantil_rt_owner**>(element)[word * 64 + __builtin_ctzll(bits)]);
}

void destroy_counted(cantil_rt_owner* owner) {
  owner->count = reinterpret_cast<int64_t>(waiting);
  waiting = owner;
  if (destroying) return;
  destroying = true;
  while (waiting != nullptr) {
    cantil_rt_owner* next = waiting;
    waiting = reinterpret_cast<cantil_rt_owner*>(next->count);
    release_held(next);
    destroy_block(next);
  }
  destroying = false;
}

}  // namespace

extern "C" {

cantil_rt_owner* cantil_rt_alloc(int64_t bytes) {
  if (bytes < 0 || bytes > std::numeric_limits<int64_t>::max() - 2 * kAlign) return nullptr;
  ThreadHeap* heap = this_heap();
  const int64_t cls = size_class(bytes);
  void* memory = nullptr;
  if (heap != nullptr && cls <= kSmallClasses && heap->free[cls] != nullptr) {
    memory = heap->free[cls];
    heap->free[cls] = heap->free[cls]->next;
    --heap->kept[cls];
  } else {
    const size_t whole = static_cast<size_t>(kAlign + cls * kAlign);
    memory = std::aligned_alloc(kAlign, whole);
    if (memory == nullptr) return nullptr;
    if (bytes >= kHuge) {
      // Big arrays are touched from end to end: huge pages spare most of the page faults. A refusal costs
      // nothing.
      constexpr uintptr_t kPage = 4096;
      const uintptr_t begin = (reinterpret_cast<uintptr_t>(memory) + kPage - 1) / kPage * kPage;
      const uintptr_t end = reinterpret_cast<uintptr_t>(memory) + whole;
      madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
    }
  }
  count(heap, 1);
  auto* owner = static_cast<cantil_rt_owner*>(memory);
  owner->count = 1;
  owner->data = static_cast<unsigned char*>(memory) + kAlign;
  owner->size = bytes;
  owner->destroy = destroy_block;
  owner->payload = nullptr;
  return owner;
}

cantil_rt_owner* cantil_rt_alloc_packed(int64_t bytes) {
  if (bytes < 0 || bytes >= kHuge) return cantil_rt_alloc(bytes);
  auto* owner = static_cast<cantil_rt_owner*>(std::malloc(static_cast<size_t>(kAlign + bytes)));
  if (owner == nullptr) return nullptr;
  count(this_heap(), 1);
  owner->count = 1;
  owner->data = reinterpret_cast<unsigned char*>(owner) + kAlign;
  owner->size = bytes;
  owner->destroy = destroy_packed;
  owner->payload = nullptr;
  return owner;
}

cantil_rt_owner* cantil_rt_alloc_counted(int64_t bytes, int64_t stride, uint64_t owners0, uint64_t owners1,
                                         uint64_t owners2) {
  cantil_rt_owner* owner = cantil_rt_alloc(bytes);
  if (owner == nullptr) return nullptr;
  std::memset(owner->data, 0, static_cast<size_t>(bytes));
  owner->destroy = destroy_counted;
  owner->payload = reinterpret_cast<void*>(static_cast<intptr_t>(stride));
  owner->owners[0] = owners0;
  owner->owners[1] = owners1;
  owner->owners[2] = owners2;
  return owner;
}

void cantil_rt_retain(cantil_rt_owner* owner) {
  if (owner != nullptr) __atomic_fetch_add(&owner->count, 1, __ATOMIC_RELAXED);
}

void cantil_rt_release(cantil_rt_owner* owner) {
  if (owner != nullptr && __atomic_fetch_sub(&owner->count, 1, __ATOMIC_ACQ_REL) == 1) owner->destroy(owner);
}

void cantil_rt_move(void* to, void* from, int64_t bytes) {
  auto *t = static_cast<char*>(to), *f = static_cast<char*>(from);
  std::memmove(t, f, static_cast<size_t>(bytes));
  const int64_t distance = t - f;
  if (distance >= bytes || distance <= -bytes) {
    std::memset(f, 0, static_cast<size_t>(bytes));
  } else if (distance > 0) {
    std::memset(f, 0, static_cast<size_t>(distance));
  } else {
    std::memset(t + bytes, 0, static_cast<size_t>(-distance));
  }
}

void cantil_rt_destroy(cantil_rt_owner* owner) { owner->destroy(owner); }

int64_t cantil_rt_live_blocks(void) {
  cantil_rt_error_forget();
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  int64_t live = r.retired.load(std::memory_order_relaxed);
  for (const ThreadHeap* heap = r.first; heap != nullptr; heap = heap->next) {
    live += heap->live.load(std::memory_order_relaxed);
  }
  return live;
}

}  // extern "C"
