// cantil._core.UniversalFunction.
#include "python/bindings/ufunc_object.h"

#include "python/bindings/numpy_api.h"

// After it, NumPy's own import macro finds its table.
#define PY_UFUNC_UNIQUE_SYMBOL cantil_ufunc_api
#include <numpy/ufuncobject.h>
#include <structmember.h>

#include <algorithm>

#include "codegen/entry_form.h"
#include "python/bindings/errors.h"
#include "python/bindings/float_flags.h"
#include "python/bindings/ref.h"
#include "python/bindings/type_object.h"
#include "python/bindings/typeof.h"
#include "python/bindings/ufunc_loops.h"
#include "python/bindings/user_function.h"

namespace cantil::bindings {

using ir::TypeRef;

namespace {

// What a numpy.ufunc points into, for as long as it lives.
struct Table {
  std::vector<std::shared_ptr<UfuncLoop>> loops;
  std::vector<PyUFuncGenericFunction> functions;
  std::vector<void*> data;
  std::vector<char> types;
  std::string name, doc, layout;
};

struct State {
  std::shared_ptr<frontend::Function> function;
  std::vector<std::shared_ptr<UfuncLoop>> loops;
  LoopOptions loop_options;
  std::string name, doc;
  std::string layout;  // as NumPy reads it; "" for vectorize
  CoreDimensions core;
  std::vector<int> writable;  // operands that the function may write to
  int inputs = 0, outputs = 0;
  int identity = PyUFunc_None;
  Ref identity_value;
  bool use_cache = false;
};

struct UfuncObject {
  PyObject_HEAD vectorcallfunc vectorcall;
  PyObject* ufunc;    // numpy.ufunc
  PyObject* missing;  // called with (arguments, keywords) when no loop takes them; None: no new loops
  State* state;
  PyObject* py_func;
  PyObject* options;
  PyObject* dict;
  PyObject* weak_references;
};

PyTypeObject* ufunc_class = nullptr;
PyObject* array_override = nullptr;  // numpy.ndarray.__array_ufunc__

UfuncObject* as_ufunc(PyObject* object) { return reinterpret_cast<UfuncObject*>(object); }

int load_ufunc_api() { return PyUFunc_API ? 0 : _import_umath(); }

void drop_table(PyObject* capsule) { delete static_cast<Table*>(PyCapsule_GetPointer(capsule, nullptr)); }

// A new numpy.ufunc over all loops: NumPy reads them once, when it makes one.
Ref build(const State& s) {
  auto table = std::make_unique<Table>();
  table->loops = s.loops;
  table->name = s.name;
  table->doc = s.doc;
  table->layout = s.layout;
  for (const auto& loop : s.loops) {
    table->functions.push_back(&UfuncLoop::call);
    table->data.push_back(loop.get());
    for (TypeRef t : loop->types) table->types.push_back(static_cast<char>(dtype_number(t)));
  }
  Ref ufunc = checked(PyUFunc_FromFuncAndDataAndSignatureAndIdentity(
      table->functions.data(), table->data.data(), table->types.data(), static_cast<int>(s.loops.size()),
      s.inputs, s.outputs, s.identity, table->name.c_str(), table->doc.c_str(), 0,
      s.layout.empty() ? nullptr : table->layout.c_str(), s.identity_value.get()));
  auto* u = reinterpret_cast<PyUFuncObject*>(ufunc.get());
  for (int i : s.writable) u->op_flags[i] = NPY_ITER_READWRITE | NPY_ITER_UPDATEIFCOPY;
  u->obj = checked(PyCapsule_New(table.get(), nullptr, drop_table)).release();
  table.release();
  return ufunc;
}

// ---- Calls ----

// Whether a call with this argument may belong to the argument's class. NumPy's own check would hand out the
// inner ufunc, which cannot make new loops.
bool overrides(PyObject* value) {
  PyTypeObject* cls = Py_TYPE(value);
  if (cls == &PyArray_Type || cls == &PyFloat_Type || cls == &PyLong_Type || cls == &PyBool_Type ||
      cls == &PyComplex_Type || cls == &PyList_Type || cls == &PyTuple_Type || value == Py_None ||
      PyArray_IsScalar(value, Generic))
    return false;
  PyObject* own = _PyType_Lookup(cls, PyUnicode_InternFromString("__array_ufunc__"));
  return own && own != array_override;
}

bool any_overrides(PyObject* const* args, Py_ssize_t count) {
  for (Py_ssize_t i = 0; i < count; ++i)
    if (overrides(args[i])) [[unlikely]]
      return true;
  return false;
}

Ref tuple_of(PyObject* const* args, Py_ssize_t count) {
  Ref tuple = checked(PyTuple_New(count));
  for (Py_ssize_t i = 0; i < count; ++i) PyTuple_SET_ITEM(tuple.get(), i, Py_NewRef(args[i]));
  return tuple;
}

Ref keywords_of(PyObject* const* args, Py_ssize_t count, PyObject* names) {
  Ref keywords = checked(PyDict_New());
  for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); ++i)
    check_status(PyDict_SetItem(keywords.get(), PyTuple_GET_ITEM(names, i), args[count + i]));
  return keywords;
}

// A loop that fails sets an exception, which NumPy does not look for.
PyObject* call_numpy(UfuncObject* self, PyObject* const* args, size_t nargsf, PyObject* kwnames) {
  PyObject* result =
      reinterpret_cast<PyUFuncObject*>(self->ufunc)->vectorcall(self->ufunc, args, nargsf, kwnames);
  if (result && PyErr_Occurred()) [[unlikely]]
    Py_CLEAR(result);
  return result;
}

PyObject* call_general(UfuncObject* self, PyObject* const* args, Py_ssize_t count, PyObject* kwnames,
                       const char* method) {
  return guarded([&] {
    Ref positional = tuple_of(args, count), keywords = keywords_of(args, count, kwnames);
    return PyObject_CallMethod(reinterpret_cast<PyObject*>(self), method, "OO", positional.get(),
                               keywords.get());
  });
}

// A call with floats and ints alone, for which a loop is there: as NumPy does it, without making arrays of
// them. Null, without an exception, for any other call, and where there is something to report.
PyObject* call_numbers(const State& s, PyObject* const* args, Py_ssize_t count) {
  constexpr Py_ssize_t kMost = 4;
  if (count != s.inputs || count > kMost) return nullptr;
  TypeRef types[kMost];
  union Value {
    double f;
    int64_t i;
    char bytes[16];
  } values[kMost + 1];
  char* at[kMost + 1];
  bool of_numpy = false, whole = false;
  for (Py_ssize_t k = 0; k < count; ++k) {
    PyObject* a = args[k];
    PyTypeObject* cls = Py_TYPE(a);
    at[k] = values[k].bytes;
    types[k] = common_types.float64;
    if (cls == &PyFloat_Type) {
      values[k].f = PyFloat_AS_DOUBLE(a);
    } else if (cls == &PyDoubleArrType_Type) {
      values[k].f = PyArrayScalar_VAL(a, Double);
      of_numpy = true;
    } else if (cls == &PyLong_Type && is_small_int(a)) {
      values[k].i = small_int(a);
      types[k] = common_types.int64;
      whole = true;
    } else {
      return nullptr;
    }
  }
  if (of_numpy && whole) return nullptr;  // a Python int takes the other's type
  UfuncLoop* loop = nullptr;
  for (const auto& l : s.loops)
    if (std::equal(types, types + count, l->types.begin())) {
      loop = l.get();
      break;
    }
  if (!loop) return nullptr;
  at[count] = values[count].bytes;
  {
    FloatFlags flags;
    if (!loop->run_one(at) || flags.raised()) return nullptr;
  }
  if (loop->types.back() == common_types.float64) {
    PyObject* result = PyArrayScalar_New(Double);
    if (result) PyArrayScalar_ASSIGN(result, Double, values[count].f);
    return result;
  }
  PyArray_Descr* dtype = PyArray_DescrFromType(dtype_number(loop->types.back()));
  PyObject* result = PyArray_Scalar(at[count], dtype, nullptr);
  Py_DECREF(dtype);
  return result;
}

PyObject* ufunc_call(PyObject* object, PyObject* const* args, size_t nargsf, PyObject* kwnames) {
  UfuncObject* self = as_ufunc(object);
  const Py_ssize_t count = PyVectorcall_NARGS(nargsf);
  if (!kwnames && self->state->layout.empty()) {
    if (PyObject* result = call_numbers(*self->state, args, count)) return result;
    if (PyErr_Occurred()) return nullptr;
  }
  const Py_ssize_t all = count + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
  if (any_overrides(args, all)) [[unlikely]]
    return call_general(self, args, count, kwnames, "_call_overridden");
  if (!self->state->layout.empty() && self->missing != Py_None)
    return call_general(self, args, count, kwnames, "_call_generalised");
  PyObject* result = call_numpy(self, args, nargsf, kwnames);
  if (result || self->missing == Py_None || !PyErr_ExceptionMatches(PyExc_TypeError)) [[likely]]
    return result;
  // No loop takes these types, perhaps: another may be made.
  PyObject *type, *error, *trace;
  PyErr_Fetch(&type, &error, &trace);
  PyObject* made = guarded([&] {
    Ref positional = tuple_of(args, count), keywords = keywords_of(args, count, kwnames);
    return PyObject_CallFunctionObjArgs(self->missing, object, positional.get(), keywords.get(), nullptr);
  });
  const bool is_new = made == Py_True;
  Py_XDECREF(made);
  if (made && !is_new) {
    PyErr_Restore(type, error, trace);
    return nullptr;
  }
  Py_XDECREF(type);
  Py_XDECREF(error);
  Py_XDECREF(trace);
  return made ? call_numpy(self, args, nargsf, kwnames) : nullptr;
}

// _call_numpy(name, arguments, keywords): a method of the numpy.ufunc (None: the ufunc itself).
PyObject* call_numpy_method(PyObject* object, PyObject* args) {
  UfuncObject* self = as_ufunc(object);
  PyObject *name, *positional, *keywords;
  if (!PyArg_ParseTuple(args, "OO!O!", &name, &PyTuple_Type, &positional, &PyDict_Type, &keywords))
    return nullptr;
  return guarded([&]() -> PyObject* {
    Ref target = name == Py_None ? Ref::borrow(self->ufunc) : checked(PyObject_GetAttr(self->ufunc, name));
    PyObject* result = PyObject_Call(target.get(), positional, keywords);
    if (result || !PyErr_ExceptionMatches(PyExc_SystemError)) return result;
    // CPython found both a result and the exception that a loop set: that one is meant.
    PyObject *type, *error, *trace;
    PyErr_Fetch(&type, &error, &trace);
    PyErr_NormalizeException(&type, &error, &trace);
    Ref cause(PyException_GetCause(error));
    if (!cause) {
      PyErr_Restore(type, error, trace);
      return nullptr;
    }
    Py_XDECREF(type);
    Py_XDECREF(error);
    Py_XDECREF(trace);
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(cause.get())), cause.get());
    return nullptr;
  });
}

// ---- Loops ----

void check_element(TypeRef t, const std::string& name) {
  if (dtype_number(t) < 0) fail(Diag::UfuncElement, {}, {name, t->str()});
}

std::shared_ptr<UfuncLoop> compile_loop(UfuncObject* self, std::vector<TypeRef> args, TypeRef ret) {
  State& s = *self->state;
  compiler::Job job;
  job.function = s.function;
  job.ret = ret;
  job.target.debug = s.function->options.debug;
  job.use_cache = s.use_cache;
  job.args = std::move(args);
  Ref alive = Ref::borrow(reinterpret_cast<PyObject*>(self));
  if (s.layout.empty()) {
    job.form = compiler::EntryForm::Elementwise;
    for (TypeRef t : job.args) check_element(t, s.name);
  } else {
    for (TypeRef t : job.args) check_element(t->is_array() ? t->elem() : t, s.name);
  }
  std::shared_ptr<UfuncLoop> loop;
  {
    GilReleased released;
    loop = s.layout.empty() ? make_elementwise_loop(std::move(job), s.loop_options)
                            : make_generalised_loop(std::move(job), s.core, s.loop_options);
  }
  if (s.layout.empty()) check_element(loop->types.back(), s.name);
  return loop;
}

// _add((return type or None, argument types)): compiles a loop and adds it, in place of one for the same
// types.
PyObject* add_method(PyObject* object, PyObject* signature) {
  return guarded([&]() -> PyObject* {
    UfuncObject* self = as_ufunc(object);
    State& s = *self->state;
    std::vector<TypeRef> args;
    TypeRef ret = nullptr;
    read_signature(signature, args, ret);
    const size_t expected = static_cast<size_t>(s.layout.empty() ? s.inputs : s.inputs + s.outputs);
    if (args.size() != expected)
      fail(Diag::WrongArgumentCount, {}, {s.name, std::to_string(expected), std::to_string(args.size())});
    std::shared_ptr<UfuncLoop> loop = compile_loop(self, args, ret);
    auto same = [&](const std::shared_ptr<UfuncLoop>& other) {
      return std::equal(loop->types.begin(), loop->types.begin() + s.inputs, other->types.begin());
    };
    auto at = std::find_if(s.loops.begin(), s.loops.end(), same);
    if (at == s.loops.end())
      s.loops.push_back(loop);
    else
      *at = loop;
    Ref fresh = build(s);
    Py_SETREF(self->ufunc, fresh.release());
    return wrap_type(loop->types.back());
  });
}

PyObject* loops_method(PyObject* object, PyObject*) {
  return guarded([&] {
    Ref list = checked(PyList_New(0));
    for (const auto& loop : as_ufunc(object)->state->loops) {
      Ref item = checked(Py_BuildValue("(NNOs)", wrap_types(loop->job.args), wrap_type(loop->artifact->ret),
                                       loop->artifact->from_cache ? Py_True : Py_False,
                                       loop->artifact->types_text.c_str()));
      check_status(PyList_Append(list.get(), item.get()));
    }
    return list.release();
  });
}

PyObject* inspect_method(PyObject* object, PyObject* args) {
  Py_ssize_t index = 0;
  const char* stage = nullptr;
  if (!PyArg_ParseTuple(args, "ns", &index, &stage)) return nullptr;
  return guarded([&] {
    std::shared_ptr<UfuncLoop> loop = as_ufunc(object)->state->loops.at(static_cast<size_t>(index));
    std::string text;
    {
      GilReleased released;
      text = compiler::inspect(loop->job, stage);
    }
    return make_str(text).release();
  });
}

PyObject* cache_path_method(PyObject* object, PyObject*) {
  return guarded([&] {
    return make_str(compiler::cache_directory(as_ufunc(object)->state->function->filename)).release();
  });
}

// ---- The class ----

void read_identity(State& s, PyObject* identity) {
  if (identity == Py_None) return;
  if (PyUnicode_Check(identity)) {
    s.identity = PyUFunc_ReorderableNone;
    return;
  }
  const long value = PyLong_Check(identity) ? PyLong_AsLong(identity) : 2;
  if (value == -1 && PyErr_Occurred()) PyErr_Clear();
  if (value == 0 || value == 1) {
    s.identity = value ? PyUFunc_One : PyUFunc_Zero;
  } else {
    s.identity = PyUFunc_IdentityValue;
    s.identity_value = Ref::borrow(identity);
  }
}

std::vector<std::vector<int>> core_dimensions(PyObject* ufunc) {
  auto* u = reinterpret_cast<PyUFuncObject*>(ufunc);
  std::vector<std::vector<int>> of;
  for (int i = 0; i < u->nargs; ++i) {
    const int* first = u->core_dim_ixs + u->core_offsets[i];
    of.emplace_back(first, first + u->core_num_dims[i]);
  }
  return of;
}

// UniversalFunction(py_func, options, name, doc, inputs, outputs, layout, identity, writable)
PyObject* ufunc_new(PyTypeObject* cls, PyObject* args, PyObject*) {
  PyObject *py_func, *options, *identity, *writable;
  const char *name, *doc, *layout;
  int inputs, outputs;
  if (!PyArg_ParseTuple(args, "O!O!ssiisOO!", &PyFunction_Type, &py_func, &PyDict_Type, &options, &name, &doc,
                        &inputs, &outputs, &layout, &identity, &PyTuple_Type, &writable))
    return nullptr;
  if (load_ufunc_api() < 0) return nullptr;
  Ref object(cls->tp_alloc(cls, 0));
  if (!object) return nullptr;
  return guarded([&] {
    UfuncObject* self = as_ufunc(object.get());
    self->vectorcall = ufunc_call;
    auto* s = self->state = new State;
    self->py_func = Py_NewRef(py_func);
    self->options = Py_NewRef(options);
    self->missing = Py_NewRef(Py_None);
    s->name = name;
    s->doc = doc;
    s->layout = layout;
    s->inputs = inputs;
    s->outputs = outputs;
    s->use_cache = option(options, "cache");
    s->loop_options.parallel = option(options, "split");
    s->loop_options.py_func = share(py_func);
    read_identity(*s, identity);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(writable); ++i)
      s->writable.push_back(static_cast<int>(PyLong_AsLong(PyTuple_GET_ITEM(writable, i))));
    s->function = make_user_function(py_func, options, frontend::FunctionRole::Host);
    s->function->calling = s->layout.empty() ? frontend::Calling::Ufunc : frontend::Calling::GeneralisedUfunc;
    s->function->layout = s->layout;
    Ref ufunc = build(*s);
    if (!s->layout.empty()) {
      s->core.inputs = static_cast<size_t>(inputs);
      s->core.of = core_dimensions(ufunc.get());
    }
    self->ufunc = ufunc.release();
    return object.release();
  });
}

int ufunc_traverse(PyObject* object, visitproc visit, void* arg) {
  UfuncObject* self = as_ufunc(object);
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(self->py_func);
  Py_VISIT(self->options);
  Py_VISIT(self->missing);
  Py_VISIT(self->dict);
  return 0;
}

int ufunc_clear(PyObject* object) {
  UfuncObject* self = as_ufunc(object);
  Py_CLEAR(self->options);
  Py_CLEAR(self->dict);
  return 0;
}

void ufunc_dealloc(PyObject* object) {
  UfuncObject* self = as_ufunc(object);
  PyObject_GC_UnTrack(object);
  if (self->weak_references) PyObject_ClearWeakRefs(object);
  ufunc_clear(object);
  Py_CLEAR(self->ufunc);
  Py_CLEAR(self->missing);
  Py_CLEAR(self->py_func);
  delete self->state;
  PyTypeObject* cls = Py_TYPE(object);
  cls->tp_free(object);
  Py_DECREF(cls);
}

// _declare((return type or None, argument types)): a signature that compiled callers convert to.
PyObject* declare_method(PyObject* object, PyObject* signature) {
  return guarded([&]() -> PyObject* {
    std::vector<TypeRef> args;
    TypeRef ret = nullptr;
    read_signature(signature, args, ret);
    auto& f = *as_ufunc(object)->state->function;
    f.signatures.push_back(std::move(args));
    f.signature_returns.push_back(ret);
    Py_RETURN_NONE;
  });
}

PyMethodDef methods[] = {
    {"_add", add_method, METH_O, "_add((return type or None, argument types)): the result's type."},
    {"_declare", declare_method, METH_O, "Adds an explicit signature, for compiled callers."},
    {"_loops", loops_method, METH_NOARGS, "[(argument types, return type, from cache, typed text)…]"},
    {"_inspect", inspect_method, METH_VARARGS, "_inspect(number of the loop, stage): the text of one stage."},
    {"_cache_path", cache_path_method, METH_NOARGS, "The folder of the disk cache, or ''."},
    {"_call_numpy", call_numpy_method, METH_VARARGS, "_call_numpy(method or None, arguments, keywords)"},
    {nullptr, nullptr, 0, nullptr}};

PyMemberDef members[] = {
    {"py_func", T_OBJECT, offsetof(UfuncObject, py_func), READONLY, "The Python function."},
    {"ufunc", T_OBJECT, offsetof(UfuncObject, ufunc), READONLY, "The numpy.ufunc over the loops so far."},
    {"_missing", T_OBJECT, offsetof(UfuncObject, missing), 0, nullptr},
    {"_options", T_OBJECT, offsetof(UfuncObject, options), READONLY, nullptr},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(UfuncObject, vectorcall), READONLY, nullptr},
    {"__dictoffset__", T_PYSSIZET, offsetof(UfuncObject, dict), READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(UfuncObject, weak_references), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

// What asks for a numpy.ufunc (isinstance) has one.
PyObject* get_class(PyObject* object, void*) {
  return Py_NewRef(reinterpret_cast<PyObject*>(Py_TYPE(as_ufunc(object)->ufunc)));
}

PyGetSetDef getset[] = {{"__class__", get_class, nullptr, "numpy.ufunc", nullptr},
                        {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
                        {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(ufunc_new)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(ufunc_dealloc)},
                       {Py_tp_traverse, reinterpret_cast<void*>(ufunc_traverse)},
                       {Py_tp_clear, reinterpret_cast<void*>(ufunc_clear)},
                       {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
                       {Py_tp_methods, methods},
                       {Py_tp_members, members},
                       {Py_tp_getset, getset},
                       {0, nullptr}};
// Not immutable: cantil._ufuncs adds the methods that are not hot in Python.
PyType_Spec spec = {"cantil._core.UniversalFunction", sizeof(UfuncObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL, slots};

}  // namespace

std::shared_ptr<frontend::Function> function_of_ufunc(PyObject* object) {
  if (!PyObject_TypeCheck(object, ufunc_class)) return nullptr;
  return as_ufunc(object)->state->function;
}

int add_ufunc(PyObject* module) {
  array_override = PyObject_GetAttrString(reinterpret_cast<PyObject*>(&PyArray_Type), "__array_ufunc__");
  if (!array_override) return -1;
  ufunc_class = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (!ufunc_class) return -1;
  Py_INCREF(ufunc_class);
  return PyModule_AddObject(module, "UniversalFunction", reinterpret_cast<PyObject*>(ufunc_class));
}

}  // namespace cantil::bindings
