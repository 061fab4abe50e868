// The Mersenne twister behind `random` and `np.random` in compiled code: two states for each thread, apart
// from those of the interpreter, seeded from the system's entropy until a program seeds them.
#pragma once
#include <cstdint>

#include "device_runtime/random/numpy_random.h"

namespace cantil::device_runtime {

struct Mt19937 {
  static constexpr int kWords = 624;
  uint32_t state[kWords];
  uint32_t out[kWords];  // the tempered words of this round
  int at = kWords;       // the next word of `out`
  bool has_gauss = false;
  double gauss = 0;  // the second of a pair of normal numbers
  Bitgen bitgen;     // NumPy's view of this state

  Mt19937() noexcept;
  Mt19937(const Mt19937&) = delete;
  Mt19937& operator=(const Mt19937&) = delete;

  void seed(uint32_t value) noexcept;
  void seed(const uint32_t* key, int64_t n) noexcept;
  void seed_from_entropy() noexcept;

  uint32_t word() noexcept {
    if (at == kWords) [[unlikely]]
      refill();
    return out[at++];
  }
  double real() noexcept {  // 53 bits
    uint32_t a, b;
    if (at + 2 <= kWords) [[likely]] {
      a = out[at];
      b = out[at + 1];
      at += 2;
    } else {
      a = word();
      b = word();
    }
    return static_cast<double>(int64_t{a >> 5} << 26 | int64_t{b >> 6}) * (1.0 / 9007199254740992.0);
  }

 private:
  void refill() noexcept;
  void restart() noexcept;
};

struct ThreadStates {
  Mt19937 numpy, python;
};

// Initial-exec: one instruction to reach, which counts where each random number asks for it. It makes the
// library's whole thread-local data part of what the loader has in reserve for all libraries (1.6 KB): keep
// it small.
extern constinit thread_local ThreadStates* this_thread_states __attribute__((tls_model("initial-exec")));
ThreadStates& new_thread_states() noexcept;

inline ThreadStates& thread_states() noexcept {
  if (!this_thread_states) [[unlikely]]
    return new_thread_states();
  return *this_thread_states;
}

inline Mt19937& numpy_state() noexcept { return thread_states().numpy; }    // np.random's of this thread
inline Mt19937& python_state() noexcept { return thread_states().python; }  // random's of this thread

}  // namespace cantil::device_runtime
