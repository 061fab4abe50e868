// MT19937 (Matsumoto and Nishimura): seeding, a round of 624 words at a time, and the states of the threads.
#include "device_runtime/random/mt19937.h"

#include <pthread.h>
#include <sys/random.h>

#include <chrono>

namespace cantil::device_runtime {

namespace {

constexpr uint32_t kUpper = 0x80000000u, kLower = 0x7fffffffu;

[[gnu::always_inline]] inline uint32_t twist(uint32_t high, uint32_t low, uint32_t far) {
  uint32_t y = (high & kUpper) | (low & kLower);
  return far ^ (y >> 1) ^ (-(y & 1u) & 0x9908b0dfu);
}

// The next 624 words of the state, and what comes out of them.
[[gnu::always_inline]] inline void next_round(uint32_t* state, uint32_t* out) {
  constexpr int kWords = Mt19937::kWords, kFar = 397;
  int i = 0;
  for (; i < kWords - kFar; ++i) state[i] = twist(state[i], state[i + 1], state[i + kFar]);
  for (; i < kWords - 1; ++i) state[i] = twist(state[i], state[i + 1], state[i + kFar - kWords]);
  state[i] = twist(state[i], state[0], state[kFar - 1]);
  for (i = 0; i < kWords; ++i) {
    uint32_t y = state[i];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    out[i] = y ^ (y >> 18);
  }
}

[[gnu::target("avx2")]] void next_round_avx2(uint32_t* state, uint32_t* out) { next_round(state, out); }
void next_round_default(uint32_t* state, uint32_t* out) { next_round(state, out); }

Mt19937& of(void* state) { return *static_cast<Mt19937*>(state); }

}  // namespace

Mt19937::Mt19937() noexcept {
  bitgen.state = this;
  bitgen.next_uint64 = [](void* s) {
    uint64_t high = of(s).word();
    return high << 32 | of(s).word();
  };
  bitgen.next_uint32 = [](void* s) { return of(s).word(); };
  bitgen.next_double = [](void* s) { return of(s).real(); };
  bitgen.next_raw = [](void* s) { return uint64_t{of(s).word()}; };
  seed_from_entropy();
}

void Mt19937::restart() noexcept {
  at = kWords;
  has_gauss = false;
  gauss = 0;
}

void Mt19937::seed(uint32_t value) noexcept {
  for (int i = 0; i < kWords; ++i) {
    state[i] = value;
    value = 1812433253u * (value ^ (value >> 30)) + static_cast<uint32_t>(i) + 1;
  }
  restart();
}

void Mt19937::seed(const uint32_t* key, int64_t n) noexcept {
  seed(19650218u);
  int i = 1;
  auto wrap = [&] {
    if (++i < kWords) return;
    state[0] = state[kWords - 1];
    i = 1;
  };
  int64_t j = 0;
  for (int64_t k = n > kWords ? n : kWords; k > 0; --k) {
    uint32_t before = state[i - 1];
    state[i] = (state[i] ^ ((before ^ (before >> 30)) * 1664525u)) + key[j] + static_cast<uint32_t>(j);
    wrap();
    if (++j >= n) j = 0;
  }
  for (int k = kWords - 1; k > 0; --k) {
    uint32_t before = state[i - 1];
    state[i] = (state[i] ^ ((before ^ (before >> 30)) * 1566083941u)) - static_cast<uint32_t>(i);
    wrap();
  }
  state[0] = kUpper;
  restart();
}

void Mt19937::seed_from_entropy() noexcept {
  uint32_t key[8];
  if (getrandom(key, sizeof key, 0) != sizeof key) {
    auto now = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    auto place = reinterpret_cast<uintptr_t>(this);
    for (int i = 0; i < 8; ++i) key[i] = static_cast<uint32_t>((i % 2 ? now : place) >> (i / 4 * 32)) + i;
  }
  seed(key, 8);
}

void Mt19937::refill() noexcept {
  static const bool wide = __builtin_cpu_supports("avx2");
  wide ? next_round_avx2(state, out) : next_round_default(state, out);
  at = 0;
}

constinit thread_local ThreadStates* this_thread_states = nullptr;

ThreadStates& new_thread_states() noexcept {
  // Owned by the thread: freed with it.
  static thread_local struct Owned {
    ThreadStates* states = nullptr;
    ~Owned() {
      delete states;
      this_thread_states = nullptr;
    }
  } owned;
  // A child has its parent's states, and would repeat its numbers: it starts anew.
  static const int registered = pthread_atfork(nullptr, nullptr, [] {
    if (!this_thread_states) return;
    this_thread_states->numpy.seed_from_entropy();
    this_thread_states->python.seed_from_entropy();
  });
  static_cast<void>(registered);
  owned.states = new ThreadStates;
  return *(this_thread_states = owned.states);
}

}  // namespace cantil::device_runtime
