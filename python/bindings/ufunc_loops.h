// The loops that NumPy's ufunc machinery calls: compiled code behind NumPy's inner-loop interface.
#pragma once
#include "python/bindings/numpy_api.h"

#include <memory>
#include <vector>

#include "compiler/job.h"

namespace cantil::bindings {

// One loop of a ufunc, for one choice of types. NumPy may call it from any thread, with or without the GIL.
class UfuncLoop {
 public:
  virtual ~UfuncLoop() = default;
  virtual void run(char** args, const npy_intp* dims, const npy_intp* steps) noexcept = 0;

  // The loop for one element, without reporting: false when the function raised.
  virtual bool run_one(char**) noexcept { return false; }

  // PyUFuncGenericFunction; `data` is the UfuncLoop.
  static void call(char** args, const npy_intp* dims, const npy_intp* steps, void* data) {
    static_cast<UfuncLoop*>(data)->run(args, dims, steps);
  }

  std::vector<ir::TypeRef> types;  // of the elements: operands, then results
  compiler::Job job;               // what was compiled, for inspection
  std::shared_ptr<const compiler::Artifact> artifact;

 protected:
  // Sets the exception behind a failed status, unless one is set already.
  void fail(const compiler::Artifact& code, int32_t status) noexcept;
  std::shared_ptr<PyObject> py_func_;
};

struct LoopOptions {
  bool parallel = false;              // splits long loops over the thread pool
  std::shared_ptr<PyObject> py_func;  // for the globals of tracebacks
};

// The loop of vectorize. Compiles; throws CompileError.
std::unique_ptr<UfuncLoop> make_elementwise_loop(compiler::Job job, const LoopOptions& options);

// The core dimensions of guvectorize's operands, as NumPy read them from the layout.
struct CoreDimensions {
  size_t inputs = 0;
  std::vector<std::vector<int>> of;  // for each operand and result, the indices into NumPy's list of sizes
};

// The loop of guvectorize. `job.args` are the types as the function is to see them, arrays of layout A; for
// contiguous ones it is compiled again. Compiles; throws CompileError.
std::unique_ptr<UfuncLoop> make_generalised_loop(compiler::Job job, CoreDimensions core,
                                                 const LoopOptions& options);

}  // namespace cantil::bindings
