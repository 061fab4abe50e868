// One call of compiled code.
#include "python/bindings/run.h"

#include "device_runtime/abi.h"
#include "python/bindings/box.h"
#include "python/bindings/lists.h"
#include "python/bindings/raise.h"
#include "python/bindings/ref.h"
#include "python/bindings/runtime_hooks.h"

namespace cantil::bindings {
namespace {

constexpr size_t kStackBytes = 1024;  // larger argument lists go to the heap

struct Call {
  Specialisation& s;
  PyObject* const* values;
  PyObject* keeper;
  PyObject* globals;

  PyObject* run(char* args, char* ret, ListScope* lists = nullptr) {
    if (!s.arguments.unbox(values, args)) return nullptr;
    int32_t status;
    if (s.nogil) {
      GilReleased released;
      status = s.entry(ret, args);
    } else {
      GilHeldCall held;
      status = s.entry(ret, args);
    }
    PyObject* result = nullptr;
    if (status == 0) [[likely]] {
      result = Boxer(s.result, ret, keeper).next(s.artifact->ret);
    } else {
      raise_status(*s.artifact, status, *cantil_rt_this_error(), globals);
    }
    if (lists) [[unlikely]] {
      PyObject *type, *error, *trace;
      PyErr_Fetch(&type, &error, &trace);
      if (!lists->write_back()) {
        Py_CLEAR(result);
        Py_XDECREF(type);
        Py_XDECREF(error);
        Py_XDECREF(trace);
      } else {
        PyErr_Restore(type, error, trace);
      }
    }
    s.arguments.release(args);
    return result;
  }

  // With lists among the arguments: what the call has changed in them is seen outside, also when it raises.
  PyObject* run_with_lists(char* args, char* ret) {
    ListScope lists;
    return run(args, ret, &lists);
  }

  PyObject* run_any(char* args, char* ret) {
    return s.arguments.has_lists() ? run_with_lists(args, ret) : run(args, ret);
  }
};

}  // namespace

PyObject* run(Specialisation& s, PyObject* const* values, PyObject* keeper, PyObject* globals) {
  size_t args_size = s.arguments.size(), ret_size = s.result.size;
  Call call{s, values, keeper, globals};
  if (args_size + ret_size <= kStackBytes) [[likely]] {
    alignas(16) char buffer[kStackBytes];  // not cleared: unbox() fills what is read
    return call.run_any(buffer, buffer + args_size);
  }
  auto buffer = std::make_unique<uint64_t[]>((args_size + ret_size) / 8 + 1);
  char* bytes = reinterpret_cast<char*>(buffer.get());
  return call.run_any(bytes, bytes + args_size);
}

}  // namespace cantil::bindings
