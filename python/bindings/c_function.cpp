// cantil._core.compile_c: functions with C's calling convention, and what happens when one raises.
#include "python/bindings/c_function.h"

#include <mutex>
#include <unordered_map>

#include "compiler/job.h"
#include "device_runtime/abi.h"
#include "python/bindings/errors.h"
#include "python/bindings/raise.h"
#include "python/bindings/ref.h"
#include "python/bindings/type_object.h"
#include "python/bindings/user_function.h"

namespace cantil::bindings {
namespace {

struct Compiled {
  std::shared_ptr<const compiler::Artifact> artifact;
  std::shared_ptr<compiler::LoadedCode> code;
  std::shared_ptr<PyObject> py_func;
};

// By address, for exceptions. C code may keep an address for as long as it likes: entries stay.
std::mutex table_mutex;
std::unordered_map<const void*, Compiled>& table() {
  static auto* t = new std::unordered_map<const void*, Compiled>;
  return *t;
}

void report(const void* function, int32_t status) {
  Compiled found;
  {
    std::lock_guard lock(table_mutex);
    auto at = table().find(function);
    if (at == table().end()) return;
    found = at->second;
  }
  if (!Py_IsInitialized()) return;
  const cantil_rt_error error = *cantil_rt_this_error();
  GilHeld gil;
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  raise_status(*found.artifact, status, error, PyFunction_GET_GLOBALS(found.py_func.get()));
  PyErr_WriteUnraisable(found.py_func.get());
  PyErr_Restore(type, value, trace);
}

bool passes_to_c(ir::TypeRef t) {
  return t->is_int() || t->is_bool() || t->is_complex() || t->is(ir::TypeKind::Pointer) ||
         (t->is_float() && t->bits >= 32);
}

compiler::Job job_of(PyObject* py_func, PyObject* options, PyObject* signature) {
  compiler::Job job;
  job.function = make_user_function(py_func, options, frontend::FunctionRole::Host);
  read_signature(signature, job.args, job.ret);
  job.form = compiler::EntryForm::C;
  job.target.debug = job.function->options.debug;
  job.use_cache = option(options, "cache");
  for (ir::TypeRef t : job.args)
    if (!passes_to_c(t)) fail(Diag::CFunctionType, {}, {job.function->name, t->str()});
  return job;
}

// compile_c(py_func, options, signature): (address, symbol, return type, whether it came from the cache).
PyObject* compile_c(PyObject*, PyObject* args) {
  PyObject *py_func, *options, *signature;
  if (!PyArg_ParseTuple(args, "O!O!O", &PyFunction_Type, &py_func, &PyDict_Type, &options, &signature))
    return nullptr;
  return guarded([&] {
    compiler::Job job = job_of(py_func, options, signature);
    Compiled made;
    made.py_func = share(py_func);
    {
      GilReleased released;
      made.artifact = compiler::compile(job);
      made.code = compiler::load(made.artifact);
    }
    if (!made.artifact->ret->is_none() && !passes_to_c(made.artifact->ret))
      fail(Diag::CFunctionType, {}, {job.function->name, made.artifact->ret->str()});
    void* address = compiler::entry_address(*made.code);
    Ref result =
        checked(Py_BuildValue("(NsNO)", PyLong_FromVoidPtr(address), made.artifact->entry.c_str(),
                              wrap_type(made.artifact->ret), made.artifact->from_cache ? Py_True : Py_False));
    std::lock_guard lock(table_mutex);
    table().insert_or_assign(address, std::move(made));
    return result.release();
  });
}

// inspect_c(py_func, options, signature, stage): the text of one stage.
PyObject* inspect_c(PyObject*, PyObject* args) {
  PyObject *py_func, *options, *signature;
  const char* stage;
  if (!PyArg_ParseTuple(args, "O!O!Os", &PyFunction_Type, &py_func, &PyDict_Type, &options, &signature,
                        &stage))
    return nullptr;
  return guarded([&] {
    compiler::Job job = job_of(py_func, options, signature);
    std::string text;
    {
      GilReleased released;
      text = compiler::inspect(job, stage);
    }
    return make_str(text).release();
  });
}

PyMethodDef functions[] = {
    {"compile_c", compile_c, METH_VARARGS, "compile_c(py_func, options, signature)"},
    {"inspect_c", inspect_c, METH_VARARGS, "inspect_c(py_func, options, signature, stage)"},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

int add_c_function(PyObject* module) {
  cantil_rt_set_c_failed_hook(report);
  return PyModule_AddFunctions(module, functions);
}

}  // namespace cantil::bindings
