// The loops of guvectorize: the function is called with the sub-arrays of each place of the outer loop.
#include <array>
#include <atomic>
#include <mutex>

#include "device_runtime/abi.h"
#include "device_runtime/parallel.h"
#include "ir/layout.h"
#include "python/bindings/errors.h"
#include "python/bindings/raise.h"
#include "python/bindings/ref.h"
#include "python/bindings/ufunc_loops.h"

namespace cantil::bindings {

namespace {

using Entry = int32_t (*)(void* ret, const void* args);
constexpr size_t kStackWords = 128;

// One compilation of the function, with where its arguments' leaves lie in the packed form.
struct Variant {
  std::shared_ptr<const compiler::Artifact> artifact;
  std::shared_ptr<compiler::LoadedCode> code;
  Entry entry;
  ir::Packed packed;

  explicit Variant(const compiler::Job& job)
      : artifact(compiler::compile(job)),
        code(compiler::load(artifact)),
        entry(reinterpret_cast<Entry>(compiler::entry_address(*code))),
        packed(ir::pack(artifact->args)) {}
};

class GeneralisedLoop : public UfuncLoop {
 public:
  GeneralisedLoop(compiler::Job any_layout, CoreDimensions core, const LoopOptions& options)
      : core_(std::move(core)), parallel_(options.parallel) {
    job = std::move(any_layout);
    py_func_ = options.py_func;
    contiguous_job_ = job;
    for (ir::TypeRef& t : contiguous_job_.args) {
      types.push_back(t->is_array() ? t->elem() : t);
      sizes_.push_back(static_cast<npy_intp>(ir::memory_size(types.back())));
      if (t->is_array()) t = ir::array_type(t->elem(), t->ndim, ir::Layout::C);
    }
    contiguous_ = std::make_unique<Variant>(contiguous_job_);
    artifact = contiguous_->artifact;
  }

  void run(char** args, const npy_intp* dims, const npy_intp* steps) noexcept override {
    const npy_intp* core_steps = steps + sizes_.size();
    const Variant* variant = contiguous_.get();
    if (!is_contiguous(dims + 1, core_steps)) {
      variant = strided();
      if (!variant) return;
    }
    Call call{this, variant, args, dims, steps};
    int32_t status;
    if (parallel_ && dims[0] > 1 && device_runtime::parallelism() > 1) {
      const auto body = [](void* data, int64_t begin, int64_t end, int64_t) {
        return static_cast<Call*>(data)->run(begin, end);
      };
      status =
          device_runtime::parallel_for(variant, body, &call, dims[0], cantil_rt_parallel_chunks(dims[0]));
    } else {
      status = call.run(0, dims[0]);
    }
    if (status != 0) [[unlikely]]
      fail(*variant->artifact, status);
  }

 private:
  struct Call {
    const GeneralisedLoop* loop;
    const Variant* variant;
    char** args;
    const npy_intp* dims;
    const npy_intp* steps;

    int32_t run(int64_t begin, int64_t end) const {
      const size_t bytes = variant->packed.size;
      std::array<uint64_t, kStackWords> stack;
      std::unique_ptr<uint64_t[]> heap;
      char* buffer = reinterpret_cast<char*>(stack.data());
      if (bytes > sizeof stack) {
        heap = std::make_unique<uint64_t[]>(bytes / 8 + 1);
        buffer = reinterpret_cast<char*>(heap.get());
      }
      loop->describe(*variant, dims + 1, steps + loop->sizes_.size(), buffer);
      uint64_t ret = 0;
      for (int64_t k = begin; k < end; ++k) {
        loop->point(*variant, args, steps, k, buffer);
        if (const int32_t status = variant->entry(&ret, buffer); status != 0) return status;
      }
      return 0;
    }
  };

  bool is_contiguous(const npy_intp* sizes, const npy_intp* core_steps) const {
    for (size_t i = 0; i < sizes_.size(); ++i) {
      npy_intp expected = sizes_[i];
      for (size_t k = core_.of[i].size(); k-- > 0;) {
        const npy_intp size = sizes[core_.of[i][k]];
        if (size > 1 && core_steps[k] != expected) return false;
        expected *= size;
      }
      core_steps += core_.of[i].size();
    }
    return true;
  }

  // The code for arrays of any layout, made when first needed. Null with an exception set when it fails.
  const Variant* strided() noexcept {
    if (const Variant* made = strided_.load(std::memory_order_acquire)) return made;
    // The compiler may need the GIL to capture a function while another thread waits for the compiler.
    PyThreadState* held = PyGILState_Check() ? PyEval_SaveThread() : nullptr;
    try {
      std::lock_guard lock(mutex_);
      if (!strided_.load(std::memory_order_relaxed)) {
        strided_owner_ = std::make_unique<Variant>(job);
        strided_.store(strided_owner_.get(), std::memory_order_release);
      }
    } catch (...) {
      GilHeld gil;
      set_current_exception();
    }
    if (held) PyEval_RestoreThread(held);
    return strided_.load(std::memory_order_acquire);
  }

  template <typename T>
  static void put(char* buffer, const ir::Leaf& leaf, T value) {
    std::memcpy(buffer + leaf.offset, &value, sizeof value);
  }

  // What is the same for all calls: lengths and strides.
  void describe(const Variant& v, const npy_intp* sizes, const npy_intp* core_steps, char* buffer) const {
    for (size_t i = 0; i < sizes_.size(); ++i) {
      ir::TypeRef t = v.artifact->args[i];
      const std::vector<int>& core = core_.of[i];
      if (t->is_array()) {
        const ir::Leaf* leaf = &v.packed.leaves[v.packed.first_leaf[i]];
        put<void*>(buffer, *leaf, nullptr);
        leaf += 2;
        // A place without core dimensions is an array of one element.
        if (core.empty()) put<int64_t>(buffer, *leaf++, 1);
        for (int d : core) put<int64_t>(buffer, *leaf++, sizes[d]);
        if (t->layout == ir::Layout::A) {
          if (core.empty()) put<int64_t>(buffer, *leaf++, sizes_[i]);
          for (size_t k = 0; k < core.size(); ++k) put<int64_t>(buffer, *leaf++, core_steps[k]);
        }
      }
      core_steps += core.size();
    }
  }

  void point(const Variant& v, char** args, const npy_intp* steps, int64_t k, char* buffer) const {
    for (size_t i = 0; i < sizes_.size(); ++i) {
      char* at = args[i] + k * steps[i];
      const ir::Leaf* leaf = &v.packed.leaves[v.packed.first_leaf[i]];
      if (v.artifact->args[i]->is_array())
        put<void*>(buffer, leaf[1], at);
      else
        copy_scalar(v.artifact->args[i], at, buffer, leaf);
    }
  }

  static void copy_scalar(ir::TypeRef t, const char* from, char* buffer, const ir::Leaf* leaf) {
    const size_t parts = t->is_complex() ? 2 : 1, size = ir::memory_size(t) / parts;
    for (size_t i = 0; i < parts; ++i) std::memcpy(buffer + leaf[i].offset, from + i * size, size);
  }

  CoreDimensions core_;
  bool parallel_;
  std::vector<npy_intp> sizes_;
  compiler::Job contiguous_job_;
  std::unique_ptr<Variant> contiguous_, strided_owner_;
  std::atomic<const Variant*> strided_{nullptr};
  std::mutex mutex_;
};

}  // namespace

std::unique_ptr<UfuncLoop> make_generalised_loop(compiler::Job job, CoreDimensions core,
                                                 const LoopOptions& options) {
  return std::make_unique<GeneralisedLoop>(std::move(job), std::move(core), options);
}

}  // namespace cantil::bindings
