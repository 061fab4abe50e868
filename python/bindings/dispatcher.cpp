// cantil._core.Dispatcher: what @njit makes of a function.
#include "python/bindings/dispatcher.h"

#include "python/bindings/external_function.h"

#include <structmember.h>

#include <cstring>

#include "frontend/extensions.h"
#include "python/bindings/call_signature.h"
#include "python/bindings/conversion.h"
#include "python/bindings/cuda_kernel.h"
#include "python/bindings/errors.h"
#include "python/bindings/ref.h"
#include "python/bindings/run.h"
#include "python/bindings/specialisation.h"
#include "python/bindings/type_object.h"
#include "python/bindings/typeof.h"
#include "python/bindings/ufunc_object.h"
#include "python/bindings/user_function.h"

namespace cantil::bindings {

using ir::TypeRef;

namespace {

struct State {
  std::shared_ptr<frontend::Function> function;
  std::unique_ptr<CallSignature> signature;
  std::vector<std::unique_ptr<Specialisation>> specialisations;
  std::vector<std::unique_ptr<CallTarget>> targets;  // addresses are stable: `last` points at one
  bool use_cache = false;
  bool can_compile = true;
  std::vector<size_t>
      literal_arguments;  // those that the function wants as literals, by its calls of literally()
};

struct Dispatcher {
  PyObject_HEAD vectorcallfunc vectorcall;
  CallTarget* last;
  State* state;
  PyObject* py_func;
  PyObject* options;
  PyObject* dict;
  PyObject* weak_references;
};

PyTypeObject* dispatcher_class = nullptr;

Dispatcher* as_dispatcher(PyObject* object) { return reinterpret_cast<Dispatcher*>(object); }
PyObject* as_object(Dispatcher* self) { return reinterpret_cast<PyObject*>(self); }

compiler::Job job_for(Dispatcher* self, std::vector<TypeRef> args, TypeRef ret) {
  compiler::Job job;
  job.function = self->state->function;
  job.args = std::move(args);
  job.ret = ret;
  job.target.debug = job.function->options.debug;
  job.use_cache = self->state->use_cache;
  return job;
}

CallTarget* compile_for(Dispatcher* self, const std::vector<TypeRef>& args, TypeRef ret) {
  State& state = *self->state;
  compiler::Job job = job_for(self, args, ret);
  std::shared_ptr<const compiler::Artifact> artifact;
  std::shared_ptr<compiler::LoadedCode> code;
  Ref alive = Ref::borrow(reinterpret_cast<PyObject*>(self));
  {
    // Without the GIL: another thread may hold the compiler's lock and need the GIL to capture a function.
    GilReleased released;
    artifact = compiler::compile(job);
    code = compiler::load(artifact);
  }
  if (CallTarget* made_meanwhile = find_target(state.targets, args)) return made_meanwhile;
  state.specialisations.push_back(std::make_unique<Specialisation>(
      std::move(artifact), reinterpret_cast<CpuEntry>(compiler::entry_address(*code)), code));
  Specialisation* made = state.specialisations.back().get();
  // A parallel function waits for other threads, as Numba's do: it does not keep Python's waiting too.
  made->nogil = state.function->options.nogil || state.function->options.parallel;
  return add_target(state.targets, args, made);
}

// The specialisation that takes these types by conversion, where compiling a new one is not allowed.
CallTarget* match_compiled(Dispatcher* self, const std::vector<TypeRef>& args) {
  State& state = *self->state;
  std::vector<const std::vector<TypeRef>*> candidates;
  for (auto& s : state.specialisations) candidates.push_back(&s->artifact->args);
  int best = best_match(args, candidates);
  if (best >= 0)
    return add_target(state.targets, args, state.specialisations[static_cast<size_t>(best)].get());
  std::string known;
  for (const auto* c : candidates) known += (known.empty() ? "(" : ", (") + type_list(*c) + ")";
  Diagnostic d{Diag::SignatureMismatch, {}, {type_list(args), known}, {}, state.function->name};
  throw CompileError(std::move(d));
}

TypeRef literal_of(PyObject* value, size_t argument) {
  if (PyBool_Check(value)) return ir::literal_bool(value == Py_True);
  if (PyLong_Check(value)) {
    const int64_t i = PyLong_AsLongLong(value);
    if (i == -1 && PyErr_Occurred()) throw PythonError{};
    return ir::literal_int(i);
  }
  if (PyUnicode_Check(value)) return ir::literal_str(text_of(value));
  throw CompileError(
      Diagnostic{Diag::NeedsConstant, {}, {"argument " + std::to_string(argument + 1)}, {}, ""});
}

// Compiles for these types; an argument that turns out to be wanted as a literal becomes its value's type.
CallTarget* compile_for_values(Dispatcher* self, std::vector<TypeRef>& args, PyObject* const* values) {
  for (;;) {
    size_t wanted = 0;
    try {
      return compile_for(self, args, nullptr);
    } catch (const frontend::NeedsLiteral& need) {
      wanted = need.parameter;
    }
    State& state = *self->state;
    if (args.at(wanted)->is_compile_time()) throw InternalError("a literal is no literal");
    state.literal_arguments.push_back(wanted);
    args[wanted] = literal_of(values[wanted], wanted);
    if (CallTarget* known = find_target(state.targets, args)) return known;
  }
}

CallTarget* resolve(Dispatcher* self, PyObject* const* values, size_t count) {
  std::vector<TypeRef> args;
  typeof_arguments(values, count, *self->state->function, args);
  for (size_t i : self->state->literal_arguments) args.at(i) = literal_of(values[i], i);
  CallTarget* target = find_target(self->state->targets, args);
  if (!target)
    target = self->state->can_compile ? compile_for_values(self, args, values) : match_compiled(self, args);
  ++target->specialisation->calls_resolved;
  // Where values decide, types do not tell the next call's target.
  self->last = self->state->literal_arguments.empty() ? target : nullptr;
  return target;
}

bool same_types(const CallTarget& target, PyObject* const* values) {
  for (TypeRef expected : target.key)
    if (typeof_value(*values++) != expected) return false;
  return true;
}

PyObject* call_bound(Dispatcher* self, PyObject* const* values, size_t count) {
  CallTarget* target = self->last;
  if (!target || target->key.size() != count || !same_types(*target, values)) {
    target = guarded<CallTarget*>(nullptr, [&] { return resolve(self, values, count); });
    if (!target) return nullptr;
  }
  return run(*target->specialisation, values, as_object(self), PyFunction_GET_GLOBALS(self->py_func));
}

PyObject* dispatcher_call(PyObject* object, PyObject* const* args, size_t nargsf, PyObject* kwnames) {
  Dispatcher* self = as_dispatcher(object);
  Py_ssize_t positional = PyVectorcall_NARGS(nargsf);
  const CallSignature& signature = *self->state->signature;
  if (signature.is_bound(positional, kwnames)) [[likely]]
    return call_bound(self, args, static_cast<size_t>(positional));
  return guarded([&] {
    Ref holder;
    std::vector<PyObject*> bound = signature.bind(args, positional, kwnames, holder);
    return call_bound(self, bound.data(), bound.size());
  });
}

// ---- The class ----

PyObject* dispatcher_new(PyTypeObject* cls, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"py_func", "options", nullptr};
  PyObject *py_func = nullptr, *options = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!", const_cast<char**>(names), &PyFunction_Type,
                                   &py_func, &PyDict_Type, &options))
    return nullptr;
  Ref object(cls->tp_alloc(cls, 0));
  if (!object) return nullptr;
  return guarded([&] {
    Dispatcher* self = as_dispatcher(object.get());
    self->vectorcall = dispatcher_call;
    self->state = new State;
    self->py_func = Py_NewRef(py_func);
    self->options = Py_NewRef(options);
    self->state->use_cache = option(options, "cache");
    self->state->function = make_user_function(py_func, options, frontend::FunctionRole::Host);
    self->state->signature = std::make_unique<CallSignature>(py_func);
    return object.release();
  });
}

int dispatcher_traverse(PyObject* object, visitproc visit, void* arg) {
  Dispatcher* self = as_dispatcher(object);
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(self->py_func);
  Py_VISIT(self->options);
  Py_VISIT(self->dict);
  return 0;
}

int dispatcher_clear(PyObject* object) {
  Dispatcher* self = as_dispatcher(object);
  Py_CLEAR(self->options);
  Py_CLEAR(self->dict);
  return 0;
}

void dispatcher_dealloc(PyObject* object) {
  Dispatcher* self = as_dispatcher(object);
  PyObject_GC_UnTrack(object);
  if (self->weak_references) PyObject_ClearWeakRefs(object);
  dispatcher_clear(object);
  Py_CLEAR(self->py_func);
  delete self->state;
  PyTypeObject* cls = Py_TYPE(object);
  cls->tp_free(object);
  Py_DECREF(cls);
}

PyObject* dispatcher_get(PyObject* self, PyObject* instance, PyObject*) {
  return instance ? PyMethod_New(self, instance) : Py_NewRef(self);
}

PyObject* compile_method(PyObject* object, PyObject* signature) {
  return guarded([&] {
    Dispatcher* self = as_dispatcher(object);
    std::vector<TypeRef> args;
    TypeRef ret = nullptr;
    read_signature(signature, args, ret);
    size_t expected = self->state->signature->count();
    if (args.size() != expected) {
      Diagnostic d{Diag::WrongArgumentCount,
                   {},
                   {self->state->function->name, std::to_string(expected), std::to_string(args.size())},
                   {},
                   ""};
      throw CompileError(std::move(d));
    }
    CallTarget* target = find_target(self->state->targets, args);
    if (!target) target = compile_for(self, args, ret);
    return wrap_type(target->specialisation->artifact->ret);
  });
}

PyObject* declare_method(PyObject* object, PyObject* signature) {
  return guarded([&]() -> PyObject* {
    std::vector<TypeRef> args;
    TypeRef ret = nullptr;
    read_signature(signature, args, ret);
    auto& f = *as_dispatcher(object)->state->function;
    f.signatures.push_back(std::move(args));
    f.signature_returns.push_back(ret);
    Py_RETURN_NONE;
  });
}

PyObject* disable_compile_method(PyObject* object, PyObject* args) {
  int disable = 1;
  if (!PyArg_ParseTuple(args, "|p", &disable)) return nullptr;
  as_dispatcher(object)->state->can_compile = !disable;
  Py_RETURN_NONE;
}

PyObject* compiled_method(PyObject* object, PyObject*) {
  return guarded([&] {
    Ref list = checked(PyList_New(0));
    for (auto& s : as_dispatcher(object)->state->specialisations) {
      Ref item = checked(Py_BuildValue("(NNOKs)", wrap_types(s->artifact->args), wrap_type(s->artifact->ret),
                                       s->artifact->from_cache ? Py_True : Py_False, s->calls_resolved,
                                       s->artifact->types_text.c_str()));
      check_status(PyList_Append(list.get(), item.get()));
    }
    return list.release();
  });
}

PyObject* inspect_method(PyObject* object, PyObject* args) {
  PyObject* types = nullptr;
  const char* stage = nullptr;
  if (!PyArg_ParseTuple(args, "Os", &types, &stage)) return nullptr;
  return guarded([&] {
    compiler::Job job = job_for(as_dispatcher(object), types_of(types), nullptr);
    std::string text;
    {
      GilReleased released;
      text = compiler::inspect(job, stage);
    }
    return make_str(text).release();
  });
}

// Forgets all compiled code and captured values. Arrays over constants of the old code keep the dispatcher
// alive, and so the old specialisations are kept too.
PyObject* forget_method(PyObject* object, PyObject*) {
  return guarded([&]() -> PyObject* {
    Dispatcher* self = as_dispatcher(object);
    self->last = nullptr;
    State& state = *self->state;
    auto fresh = make_user_function(self->py_func, self->options, frontend::FunctionRole::Host);
    fresh->signatures = state.function->signatures;
    fresh->signature_returns = state.function->signature_returns;
    state.function = std::move(fresh);
    state.targets.clear();
    for (auto& s : state.specialisations) s.release();
    state.specialisations.clear();
    Py_RETURN_NONE;
  });
}

PyObject* cache_path_method(PyObject* object, PyObject*) {
  return guarded([&] {
    return make_str(compiler::cache_directory(as_dispatcher(object)->state->function->filename)).release();
  });
}

PyMethodDef methods[] = {
    {"_compile", compile_method, METH_O, "_compile((return type or None, argument types)): the return type."},
    {"_declare", declare_method, METH_O, "Adds an explicit signature, for compiled callers."},
    {"disable_compile", disable_compile_method, METH_VARARGS,
     "disable_compile(val=True): stops (True) or allows (False) compiling for new argument types."},
    {"_compiled", compiled_method, METH_NOARGS,
     "[(argument types, return type, from cache, lookups, typed text)…]"},
    {"_inspect", inspect_method, METH_VARARGS, "_inspect(argument types, stage): the text of one stage."},
    {"_forget", forget_method, METH_NOARGS, "Drops compiled code and captured values."},
    {"_cache_path", cache_path_method, METH_NOARGS, "The folder of the disk cache, or ''."},
    {nullptr, nullptr, 0, nullptr}};

PyMemberDef members[] = {
    {"py_func", T_OBJECT, offsetof(Dispatcher, py_func), READONLY, "The Python function."},
    {"_options", T_OBJECT, offsetof(Dispatcher, options), READONLY, nullptr},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Dispatcher, vectorcall), READONLY, nullptr},
    {"__dictoffset__", T_PYSSIZET, offsetof(Dispatcher, dict), READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Dispatcher, weak_references), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyGetSetDef getset[] = {{"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
                        {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(dispatcher_new)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(dispatcher_dealloc)},
                       {Py_tp_traverse, reinterpret_cast<void*>(dispatcher_traverse)},
                       {Py_tp_clear, reinterpret_cast<void*>(dispatcher_clear)},
                       {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
                       {Py_tp_descr_get, reinterpret_cast<void*>(dispatcher_get)},
                       {Py_tp_methods, methods},
                       {Py_tp_members, members},
                       {Py_tp_getset, getset},
                       {0, nullptr}};
// Not immutable: cantil._dispatcher adds the rarely used methods in Python.
PyType_Spec spec = {
    "cantil._core.Dispatcher", sizeof(Dispatcher), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR,
    slots};

}  // namespace

std::shared_ptr<frontend::Function> function_of(PyObject* object) {
  if (PyObject_TypeCheck(object, dispatcher_class)) return as_dispatcher(object)->state->function;
  if (auto f = function_of_ufunc(object)) return f;
  // Objects of the package that stand for a dispatcher: the class says in which attribute it is.
  static PyObject* const key = PyUnicode_InternFromString("__cantil_compiled__");
  if (PyObject* name = _PyType_Lookup(Py_TYPE(object), key)) {
    Ref behind(PyUnicode_Check(name) ? PyObject_GetAttr(object, name) : nullptr);
    if (behind) return function_of(behind.get());
    PyErr_Clear();
  }
  if (auto f = function_of_kernel(object)) return f;
  return function_of_external(object);
}

int add_dispatcher(PyObject* module) {
  dispatcher_class = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (!dispatcher_class) return -1;
  Py_INCREF(dispatcher_class);
  return PyModule_AddObject(module, "Dispatcher", reinterpret_cast<PyObject*>(dispatcher_class));
}

}  // namespace cantil::bindings
