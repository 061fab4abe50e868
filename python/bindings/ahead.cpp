// Compiling ahead of time, as cantil/_aot uses it.
#include "python/bindings/ahead.h"

#include "compiler/artifact_io.h"
#include "compiler/job.h"
#include "python/bindings/dispatcher.h"
#include "python/bindings/errors.h"
#include "python/bindings/ref.h"
#include "python/bindings/type_object.h"
#include "python/bindings/user_function.h"

namespace cantil::bindings {
namespace {

// compile_ahead(function, signature, cpu): (description, object file, entry point's symbol, whether it runs
// without the GIL, return type).
PyObject* compile_ahead(PyObject*, PyObject* args) {
  PyObject *function = nullptr, *signature = nullptr;
  const char* cpu = nullptr;
  if (!PyArg_ParseTuple(args, "OOs", &function, &signature, &cpu)) return nullptr;
  return guarded([&] {
    compiler::Job job;
    job.function = function_of(function);
    if (!job.function) {
      PyErr_SetString(PyExc_TypeError, "expected a compiled function");
      throw PythonError{};
    }
    read_signature(signature, job.args, job.ret);
    job.target.cpu = cpu;
    std::shared_ptr<const compiler::Artifact> artifact;
    {
      GilReleased released;
      artifact = compiler::compile(job);
    }
    compiler::Artifact description = *artifact;
    description.code.clear();
    std::optional<std::string> metadata = compiler::serialise(description);
    if (!metadata) {
      PyErr_Format(
          PyExc_TypeError,
          "%s() refers to objects of this process and cannot be compiled ahead of time: use numbers, arrays, "
          "tuples and lists, and exception classes of importable modules",
          job.function->name.c_str());
      throw PythonError{};
    }
    const auto& options = job.function->options;
    auto bytes = [](const std::string& s) {
      return PyBytes_FromStringAndSize(s.data(), static_cast<Py_ssize_t>(s.size()));
    };
    return checked(Py_BuildValue("(NNsON)", bytes(*metadata), bytes(artifact->code), artifact->entry.c_str(),
                                 options.nogil || options.parallel ? Py_True : Py_False,
                                 wrap_type(artifact->ret)))
        .release();
  });
}

// cpu_features(cpu): the features that code for this CPU may use, of those that aot/cpu_level.cpp can look
// for; None when no CPU is called so.
PyObject* cpu_features(PyObject*, PyObject* cpu) {
  return guarded([&]() -> PyObject* {
    static const std::vector<std::string> names = {
#define FEATURE(name) name,
#include "python/bindings/aot/cpu_features.def"
#undef FEATURE
    };
    std::optional<std::vector<std::string>> found = compiler::cpu_features(text_of(cpu), names);
    if (!found) Py_RETURN_NONE;
    Ref list = checked(PyList_New(0));
    for (const std::string& name : *found) check_status(PyList_Append(list.get(), make_str(name).get()));
    return list.release();
  });
}

PyObject* host_cpu(PyObject*, PyObject*) {
  return guarded([&] { return make_str(compiler::host_cpu()).release(); });
}

PyMethodDef functions[] = {
    {"compile_ahead", compile_ahead, METH_VARARGS, "compile_ahead(function, signature, cpu)"},
    {"cpu_features", cpu_features, METH_O, "cpu_features(cpu): names, or None for an unknown CPU"},
    {"host_cpu", host_cpu, METH_NOARGS, "LLVM's name of this machine's CPU."},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

int add_ahead(PyObject* module) { return PyModule_AddFunctions(module, functions); }

}  // namespace cantil::bindings
