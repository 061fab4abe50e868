// The loops of vectorize: long ones run through code for contiguous elements, block by block where memory is
// not contiguous.
#include "python/bindings/ufunc_loops.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

#include "codegen/entry_form.h"
#include "device_runtime/abi.h"
#include "device_runtime/parallel.h"
#include "ir/layout.h"
#include "python/bindings/float_flags.h"
#include "python/bindings/raise.h"
#include "python/bindings/ref.h"

namespace cantil::bindings {

using codegen::ElementwiseMode;

void UfuncLoop::fail(const compiler::Artifact& code, int32_t status) noexcept {
  GilHeld gil;
  if (!PyErr_Occurred())
    raise_status(code, status, *cantil_rt_this_error(), PyFunction_GET_GLOBALS(py_func_.get()));
}

namespace {

using Entry = int32_t (*)(char* const* args, int64_t n, const int64_t* steps, int32_t mode);

constexpr size_t kMostOperands = 8;    // with more, strided loops go element by element
constexpr size_t kMostArguments = 64;  // of NumPy
constexpr int64_t kBlockBytes = 4096;
constexpr int64_t kShort = 8;     // elements: shorter loops are not worth a look at their memory
constexpr int64_t kChunk = 4096;  // elements: the least that another thread is given
constexpr int64_t kParallelFrom = 2 * kChunk;
constexpr int64_t kWatched =
    8192;  // elements: how many at a time are looked at for floating-point exceptions

template <typename T>
void copy_strided(char* to, int64_t to_step, const char* from, int64_t from_step, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    T value;
    std::memcpy(&value, from + i * from_step, sizeof value);
    std::memcpy(to + i * to_step, &value, sizeof value);
  }
}

struct Wide {
  uint64_t parts[2];
};

void copy(char* to, int64_t to_step, const char* from, int64_t from_step, int64_t size, int64_t n) {
  switch (size) {
    case 1:
      return copy_strided<uint8_t>(to, to_step, from, from_step, n);
    case 2:
      return copy_strided<uint16_t>(to, to_step, from, from_step, n);
    case 4:
      return copy_strided<uint32_t>(to, to_step, from, from_step, n);
    case 8:
      return copy_strided<uint64_t>(to, to_step, from, from_step, n);
    default:
      return copy_strided<Wide>(to, to_step, from, from_step, n);
  }
}

struct Extent {
  const char *first, *end;
  Extent(const char* base, int64_t step, int64_t size, int64_t n)
      : first(step < 0 ? base + step * (n - 1) : base),
        end((step < 0 ? base : base + step * (n - 1)) + size) {}
  bool meets(const Extent& other) const { return first < other.end && other.first < end; }
};

class ElementwiseLoop : public UfuncLoop {
 public:
  ElementwiseLoop(compiler::Job compiled, const LoopOptions& options) : parallel_(options.parallel) {
    job = std::move(compiled);
    artifact = compiler::compile(job);
    code_ = compiler::load(artifact);
    entry_ = reinterpret_cast<Entry>(compiler::entry_address(*code_));
    py_func_ = options.py_func;
    types = artifact->args;
    types.push_back(artifact->ret);
    count_ = types.size();
    for (ir::TypeRef t : types) {
      sizes_.push_back(static_cast<int64_t>(ir::memory_size(t)));
      largest_ = std::max(largest_, sizes_.back());
    }
    folds_ = count_ == 3 && types[0] == types[2];
    inexact_ =
        std::any_of(types.begin(), types.end(), [](ir::TypeRef t) { return !t->is_int() && !t->is_bool(); });
  }

  void run(char** args, const npy_intp* dims, const npy_intp* steps) noexcept override {
    const int64_t n = dims[0];
    int32_t status;
    if (n < kShort) {
      status = entry_(args, n, steps, mode(ElementwiseMode::Strided));
    } else if (parallel_ && n >= kParallelFrom && is_independent(args, n, steps)) {
      status = run_parallel(args, n, steps);
    } else {
      status = run_here(args, n, steps);
    }
    if (status != 0) [[unlikely]]
      fail(*artifact, status);
  }

  bool run_one(char** args) noexcept override {
    return entry_(args, 1, sizes_.data(), mode(ElementwiseMode::Strided)) == 0;
  }

 private:
  static int32_t mode(ElementwiseMode m) { return static_cast<int32_t>(m); }

  bool is_contiguous(const npy_intp* steps) const {
    for (size_t i = 0; i < count_; ++i)
      if (steps[i] != sizes_[i]) return false;
    return true;
  }

  // Whether no element that is written is read by another iteration.
  bool is_independent(char** args, int64_t n, const npy_intp* steps) const {
    const size_t out = count_ - 1;
    if (steps[out] == 0) return false;
    const Extent written(args[out], steps[out], sizes_[out], n);
    for (size_t i = 0; i < out; ++i) {
      if (args[i] == args[out] && steps[i] == steps[out] && sizes_[i] <= sizes_[out]) continue;
      if (written.meets(Extent(args[i], steps[i], sizes_[i], n))) return false;
    }
    return true;
  }

  int32_t run_here(char** args, int64_t n, const npy_intp* steps) const {
    if (folds_ && steps[0] == 0 && steps[2] == 0 && args[0] == args[2] && steps[1] == sizes_[1] &&
        !Extent(args[0], 0, sizes_[0], 1).meets(Extent(args[1], steps[1], sizes_[1], n)))
      return entry_(args, n, steps, mode(ElementwiseMode::Fold));
    if (!is_independent(args, n, steps)) return entry_(args, n, steps, mode(ElementwiseMode::Strided));
    if (!inexact_ && is_contiguous(steps)) return entry_(args, n, steps, mode(ElementwiseMode::Contiguous));
    if (is_contiguous(steps) && !is_in_place(args)) {
      Watch watch;
      return run_watched(args, n, watch);
    }
    if (count_ > kMostOperands) return entry_(args, n, steps, mode(ElementwiseMode::Strided));
    return run_in_blocks(args, n, steps);
  }

  bool is_in_place(char** args) const {
    return std::find(args, args + count_ - 1, args[count_ - 1]) != args + count_ - 1;
  }

  struct Watch {
    FloatFlags flags;
    unsigned settled = 0;  // flags that need no more looking at
    int looks = 0;
  };
  static constexpr int kMostLooks = 4;  // what was not meant so often is taken to be never meant

  // Vector code computes both sides of a branch, and what its mathematical functions raise on the way is not
  // what was asked for. Where it raises something new, the elements are computed again one by one, and what
  // that raises counts. The results do not overlap the operands.
  int32_t run_watched(char* const* args, int64_t n, Watch& watch) const {
    std::array<char*, kMostArguments> at;
    int32_t status = 0;
    for (int64_t from = 0; from < n && status == 0; from += kWatched) {
      const int64_t count = std::min(kWatched, n - from);
      for (size_t i = 0; i < count_; ++i) at[i] = args[i] + from * sizes_[i];
      status = entry_(at.data(), count, sizes_.data(), mode(ElementwiseMode::Contiguous));
      const unsigned raised = watch.flags.raised() & ~watch.settled;
      if (raised == 0) [[likely]]
        continue;
      watch.flags.clear();
      if (status == 0) verify(at, count);
      const unsigned real = watch.flags.raised();
      watch.flags.raise(real);
      watch.flags.clear();
      watch.settled |= ++watch.looks < kMostLooks ? real : raised;
    }
    return status;
  }

  void verify(const std::array<char*, kMostArguments>& args, int64_t n) const {
    alignas(64) char scratch[kBlockBytes];
    std::array<char*, kMostArguments> at;
    const size_t out = count_ - 1;
    const int64_t length = kBlockBytes / sizes_[out];
    for (int64_t from = 0; from < n; from += length) {
      for (size_t i = 0; i < out; ++i) at[i] = args[i] + from * sizes_[i];
      at[out] = scratch;
      entry_(at.data(), std::min(length, n - from), sizes_.data(), mode(ElementwiseMode::Strided));
    }
  }

  // Operands that are not contiguous are copied into blocks that are, those that are one element for all only
  // once: one loop of vector code then serves every layout. So are operands that the results replace.
  int32_t run_in_blocks(char** args, int64_t n, const npy_intp* steps) const {
    alignas(64) char blocks[kMostOperands][kBlockBytes];
    const size_t out = count_ - 1;
    const int64_t length = kBlockBytes / largest_;
    std::array<char*, kMostOperands> at{};
    Watch watch;
    for (int64_t from = 0; from < n; from += length) {
      const int64_t count = std::min(length, n - from);
      for (size_t i = 0; i < count_; ++i) {
        char* here = args[i] + from * steps[i];
        if (steps[i] == sizes_[i] && (i == out || args[i] != args[out])) {
          at[i] = here;
          continue;
        }
        at[i] = blocks[i];
        if (i != out && (steps[i] != 0 || from == 0))
          copy(blocks[i], sizes_[i], here, steps[i], sizes_[i], count);
      }
      if (const int32_t status = run_watched(at.data(), count, watch); status != 0) return status;
      if (steps[out] != sizes_[out])
        copy(args[out] + from * steps[out], steps[out], blocks[out], sizes_[out], sizes_[out], count);
    }
    return 0;
  }

  int32_t run_parallel(char** args, int64_t n, const npy_intp* steps) const {
    struct Context {
      const ElementwiseLoop* loop;
      char** args;
      const npy_intp* steps;
      std::atomic<unsigned> raised{0};  // on any thread
    } context{this, args, steps};
    const auto body = [](void* data, int64_t begin, int64_t end, int64_t) -> int32_t {
      Context& c = *static_cast<Context*>(data);
      std::array<char*, kMostArguments> at;
      for (size_t i = 0; i < c.loop->count_; ++i) at[i] = c.args[i] + begin * c.steps[i];
      FloatFlags flags;
      const int32_t status = c.loop->run_here(at.data(), end - begin, c.steps);
      c.raised.fetch_or(flags.raised(), std::memory_order_relaxed);
      return status;
    };
    const int64_t chunks = std::min(cantil_rt_parallel_chunks(n), n / kChunk);
    const int32_t status = device_runtime::parallel_for(this, body, &context, n, chunks);
    FloatFlags().raise(context.raised.load(std::memory_order_relaxed));
    return status;
  }

  std::shared_ptr<compiler::LoadedCode> code_;
  Entry entry_ = nullptr;
  size_t count_ = 0;
  std::vector<int64_t> sizes_;
  int64_t largest_ = 1;
  bool folds_ = false;
  bool inexact_ = false;  // some type is not of integers
  bool parallel_;
};

}  // namespace

std::unique_ptr<UfuncLoop> make_elementwise_loop(compiler::Job job, const LoopOptions& options) {
  return std::make_unique<ElementwiseLoop>(std::move(job), options);
}

}  // namespace cantil::bindings
