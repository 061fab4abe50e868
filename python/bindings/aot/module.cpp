// A module compiled ahead of time: its functions as Python objects, with all that a call needs and no
// compiler.
#include <Python.h>
#include <structmember.h>

#include <memory>
#include <string>
#include <vector>

#include "compiler/artifact_io.h"
#include "python/bindings/aot/cantil_aot.h"
#include "python/bindings/aot/cpu_level.h"
#include "python/bindings/call_signature.h"
#include "python/bindings/conversion.h"
#include "python/bindings/errors.h"
#include "python/bindings/owner.h"
#include "python/bindings/run.h"
#include "python/bindings/runtime_hooks.h"
#include "python/bindings/typeof.h"

namespace cantil::aot {
namespace {

using namespace bindings;
using ir::TypeRef;

struct State {
  std::string name;
  Ref stub;  // the Python function with the same parameters
  std::unique_ptr<CallSignature> signature;
  std::vector<std::unique_ptr<Specialisation>> specialisations;
  std::vector<std::unique_ptr<CallTarget>> targets;
};

struct AotFunction {
  PyObject_HEAD vectorcallfunc vectorcall;
  CallTarget* last;
  State* state;
  PyObject* dict;
};

PyTypeObject* function_class = nullptr;

AotFunction* as_function(PyObject* object) { return reinterpret_cast<AotFunction*>(object); }

std::string listed(const std::vector<TypeRef>& types) {
  std::string text;
  for (TypeRef t : types) text += (text.empty() ? "" : ", ") + t->str();
  return "(" + text + ")";
}

std::string all_signatures(const State& state) {
  std::string text;
  for (const auto& s : state.specialisations) text += (text.empty() ? "" : ", ") + listed(s->artifact->args);
  return text;
}

CallTarget* resolve(State& state, PyObject* const* values, size_t count) {
  std::vector<TypeRef> types;
  for (size_t i = 0; i < count; ++i) {
    types.push_back(typeof_value(values[i]));
    if (types.back()) continue;
    if (PyErr_Occurred()) throw PythonError{};
    PyErr_Format(PyExc_TypeError, "%s() argument %zu: cannot use a value of %s; compiled for %s",
                 state.name.c_str(), i + 1, describe_untyped(values[i]).c_str(),
                 all_signatures(state).c_str());
    throw PythonError{};
  }
  if (CallTarget* known = find_target(state.targets, types)) return known;
  std::vector<const std::vector<TypeRef>*> candidates;
  for (const auto& s : state.specialisations) candidates.push_back(&s->artifact->args);
  const int best = best_match(types, candidates);
  if (best < 0) {
    PyErr_Format(PyExc_TypeError, "%s() does not take %s; compiled for %s", state.name.c_str(),
                 listed(types).c_str(), all_signatures(state).c_str());
    throw PythonError{};
  }
  return add_target(state.targets, std::move(types), state.specialisations[static_cast<size_t>(best)].get());
}

bool fits(const CallTarget& target, PyObject* const* values) {
  for (TypeRef expected : target.key)
    if (typeof_value(*values++) != expected) return false;
  return true;
}

PyObject* call_bound(AotFunction* self, PyObject* const* values, size_t count) {
  CallTarget* target = self->last;
  if (!target || target->key.size() != count || !fits(*target, values)) {
    target = guarded<CallTarget*>(nullptr, [&] { return resolve(*self->state, values, count); });
    if (!target) return nullptr;
    self->last = target;
  }
  return run(*target->specialisation, values, reinterpret_cast<PyObject*>(self),
             PyFunction_GET_GLOBALS(self->state->stub.get()));
}

PyObject* call(PyObject* object, PyObject* const* args, size_t nargsf, PyObject* kwnames) {
  AotFunction* self = as_function(object);
  const Py_ssize_t positional = PyVectorcall_NARGS(nargsf);
  const CallSignature& signature = *self->state->signature;
  if (signature.is_bound(positional, kwnames)) [[likely]]
    return call_bound(self, args, static_cast<size_t>(positional));
  return guarded([&] {
    Ref holder;
    std::vector<PyObject*> bound = signature.bind(args, positional, kwnames, holder);
    return call_bound(self, bound.data(), bound.size());
  });
}

void dealloc(PyObject* object) {
  AotFunction* self = as_function(object);
  PyObject_GC_UnTrack(object);
  Py_CLEAR(self->dict);
  delete self->state;
  PyTypeObject* cls = Py_TYPE(object);
  cls->tp_free(object);
  Py_DECREF(cls);
}

int traverse(PyObject* object, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(as_function(object)->dict);
  return 0;
}

PyObject* describe(PyObject* object) {
  return PyUnicode_FromFormat("<compiled function %s>", as_function(object)->state->name.c_str());
}

PyObject* bind_method(PyObject* self, PyObject* instance, PyObject*) {
  return instance ? PyMethod_New(self, instance) : Py_NewRef(self);
}

// Pickled by name, as functions are.
PyObject* reduce(PyObject* object, PyObject*) {
  return PyUnicode_FromString(as_function(object)->state->name.c_str());
}

PyObject* signatures(PyObject* object, void*) {
  return guarded([&] {
    const State& state = *as_function(object)->state;
    Ref list = checked(PyList_New(0));
    for (const auto& s : state.specialisations) {
      const std::string text = listed(s->artifact->args) + " -> " + s->artifact->ret->str();
      check_status(PyList_Append(list.get(), make_str(text).get()));
    }
    return list.release();
  });
}

PyMethodDef methods[] = {{"__reduce__", reduce, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};

PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(AotFunction, vectorcall), READONLY, nullptr},
    {"__dictoffset__", T_PYSSIZET, offsetof(AotFunction, dict), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyGetSetDef getset[] = {{"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
                        {"signatures", signatures, nullptr,
                         "The signatures that the function was compiled for, as texts.", nullptr},
                        {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
                       {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                       {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
                       {Py_tp_repr, reinterpret_cast<void*>(describe)},
                       {Py_tp_descr_get, reinterpret_cast<void*>(bind_method)},
                       {Py_tp_methods, methods},
                       {Py_tp_members, members},
                       {Py_tp_getset, getset},
                       {0, nullptr}};

PyType_Spec spec = {"cantil_aot.Function", sizeof(AotFunction), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL, slots};

Ref make_function(const cantil_aot_function& f, int level, PyObject* stub) {
  Ref object = checked(function_class->tp_alloc(function_class, 0));
  AotFunction* self = as_function(object.get());
  self->vectorcall = call;
  self->state = new State;
  State& state = *self->state;
  state.name = f.name;
  state.stub = Ref::borrow(stub);
  state.signature = std::make_unique<CallSignature>(stub);
  for (uint32_t i = 0; i < f.variant_count; ++i) {
    const cantil_aot_variant& v = f.variants[i];
    auto artifact = compiler::deserialise({reinterpret_cast<const char*>(v.metadata), v.metadata_size});
    if (!artifact) {
      PyErr_Format(PyExc_ImportError, "the description of %s() is damaged", f.name);
      throw PythonError{};
    }
    state.specialisations.push_back(std::make_unique<Specialisation>(
        std::make_shared<const compiler::Artifact>(std::move(*artifact)), v.entries[level], nullptr));
    state.specialisations.back()->nogil = v.releases_gil != 0;
  }
  for (const char* name : {"__name__", "__qualname__", "__doc__", "__module__"})
    check_status(PyObject_SetAttrString(object.get(), name, attribute(stub, name).get()));
  check_status(PyObject_SetAttrString(object.get(), "__wrapped__", stub));  // for inspect.signature
  return object;
}

void make_class() {
  if (function_class) return;
  if (init_typeof() < 0 || init_owner() < 0) throw PythonError{};
  install_runtime_hooks();
  function_class = reinterpret_cast<PyTypeObject*>(checked(PyType_FromSpec(&spec)).release());
}

}  // namespace
}  // namespace cantil::aot

// See cantil_aot.h.
extern "C" void* cantil_aot_init(const cantil_aot_module* m) {
  using namespace cantil;
  using namespace cantil::bindings;
  static PyModuleDef definition = {
      PyModuleDef_HEAD_INIT, m->name, nullptr, -1, nullptr, nullptr, nullptr, nullptr, nullptr};
  return guarded([&] {
    std::string missing;
    const int level = aot::choose_level(*m, missing);
    if (level < 0) {
      PyErr_Format(PyExc_ImportError, "%s was compiled for a CPU with %s, which this one does not have",
                   m->name, missing.c_str());
      throw PythonError{};
    }
    aot::make_class();
    Ref module = checked(PyModule_Create(&definition));
    PyObject* globals = PyModule_GetDict(module.get());  // borrowed
    Ref scope = checked(PyDict_New());
    check_status(PyDict_SetItemString(scope.get(), "__builtins__", PyEval_GetBuiltins()));
    check_status(PyDict_SetItemString(scope.get(), "__name__", make_str(m->name).get()));
    checked(PyRun_String(m->stubs, Py_file_input, scope.get(), scope.get()));
    for (uint32_t i = 0; i < m->function_count; ++i) {
      PyObject* stub = PyDict_GetItemString(scope.get(), m->functions[i].name);
      if (!stub) {
        PyErr_Format(PyExc_ImportError, "%s has no parameters for %s()", m->name, m->functions[i].name);
        throw PythonError{};
      }
      Ref function = aot::make_function(m->functions[i], level, stub);
      check_status(PyDict_SetItemString(globals, m->functions[i].name, function.get()));
    }
    return module.release();
  });
}
