// What the C runtime asks of Python: where texts are printed, and SciPy's routines.
#pragma once
#include <Python.h>

#include <atomic>
#include <cstddef>

namespace cantil::bindings {

// A worker thread of compiled code that prints must not wait for the GIL while the thread that called the
// code holds it: that one waits for the worker. Texts are then kept until the call is over.
class GilHeldCall {  // while compiled code runs with the GIL
 public:
  GilHeldCall() { count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
  ~GilHeldCall() {
    count_.store(count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    if (kept_.load(std::memory_order_acquire)) [[unlikely]]
      flush();
  }
  GilHeldCall(const GilHeldCall&) = delete;
  GilHeldCall& operator=(const GilHeldCall&) = delete;

  static bool any() { return count_.load(std::memory_order_relaxed) > 0; }
  static void keep(const char* text, size_t size);
  static void flush();  // needs the GIL

 private:
  static std::atomic<int> count_;  // changed with the GIL only
  static std::atomic<bool> kept_;
};

// Once, before compiled code runs.
void install_runtime_hooks();

}  // namespace cantil::bindings
