// Registration of users' extensions and classes, and the callback that asks a user's overload.
#include "python/bindings/extension_objects.h"

#include <unordered_map>

#include "frontend/classes.h"
#include "frontend/extensions.h"
#include "frontend/library_names.h"
#include "python/bindings/captured_value.h"
#include "python/bindings/dispatcher.h"
#include "python/bindings/errors.h"
#include "python/bindings/public_names.h"
#include "python/bindings/ref.h"
#include "python/bindings/type_object.h"
#include "python/bindings/user_function.h"
#include "support/hash.h"

namespace cantil::bindings {

using ir::TypeRef;

namespace {

struct Registered {
  std::unordered_map<PyObject*, std::string> keys;  // holds its objects, as the next
  std::unordered_map<PyObject*, PyObject*> twins;
  std::unordered_map<std::string, PyObject*> objects;  // by key
};

Registered& registered() {
  static auto* r = new Registered;
  return *r;
}

std::string name_of(PyObject* object, const char* which) {
  Ref name(PyObject_GetAttrString(object, which));
  if (!name) PyErr_Clear();
  return name && PyUnicode_Check(name.get()) ? text_of(name.get()) : std::string();
}

// What an overload is made of. Plain functions that it calls are not looked into: then nothing is said.
std::string digest_of(PyObject* function) {
  GilHeld gil;
  try {
    Ref options = checked(PyDict_New());
    auto f = make_user_function(function, options.get(), frontend::FunctionRole::Host);
    Hasher h;
    if (!frontend::hash_function(h.str("overload"), *f)) return "";
    for (const auto& [name, c] : f->captures)
      if (c.kind == frontend::Captured::Kind::Other && c.text == "function") return "";
    return h.hex();
  } catch (const PythonError&) {
    PyErr_Clear();
  } catch (const CompileError&) {
  }
  return "";
}

// extend(object, function): the key under which overloads of `object` are looked up; `function` is one.
PyObject* extend(PyObject*, PyObject* args) {
  PyObject *object = nullptr, *function = nullptr;
  if (!PyArg_ParseTuple(args, "OO", &object, &function)) return nullptr;
  return guarded([&] {
    std::string key;
    if (PyUnicode_Check(object)) {  // "method:total"
      key = text_of(object);
    } else {
      Registered& r = registered();
      key = extension_key(object);
      if (key.empty()) key = public_name(object);
      if (key.empty()) {
        const std::string base =
            "extension." + name_of(object, "__module__") + "." + name_of(object, "__qualname__");
        key = base;
        for (int again = 2; r.objects.contains(key); ++again) key = base + "." + std::to_string(again);
        Py_INCREF(object);
        r.objects[key] = object;
        Py_INCREF(object);
        r.keys[object] = key;
      }
    }
    frontend::add_extension(key, [shared = share(function)] { return digest_of(shared.get()); });
    return make_str(key).release();
  });
}

PyObject* register_twin(PyObject*, PyObject* args) {
  PyObject *function = nullptr, *dispatcher = nullptr;
  if (!PyArg_ParseTuple(args, "OO", &function, &dispatcher)) return nullptr;
  Py_INCREF(function);
  Py_INCREF(dispatcher);
  registered().twins[function] = dispatcher;
  Py_RETURN_NONE;
}

// ---- Asking

std::string message_of_error(std::string& cls) {
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  Ref t(type), v(value), tb(trace);
  cls = reinterpret_cast<PyTypeObject*>(type)->tp_name;
  Ref text(PyObject_Str(value));
  if (!text) {
    PyErr_Clear();
    return cls;
  }
  return text_of(text.get());
}

frontend::Implementation implementation(PyObject* item) {
  // (dispatcher, literals, takes class) or (text, result type, parameter types)
  frontend::Implementation made;
  PyObject *first = nullptr, *second = nullptr, *third = nullptr;
  if (!PyArg_ParseTuple(item, "OOO", &first, &second, &third)) throw PythonError{};
  if (PyUnicode_Check(first)) {
    made.llvm = text_of(first);
    Ref one = checked(PyTuple_Pack(1, second));
    made.result = types_of(one.get())[0];
    made.parameters = types_of(third);
    return made;
  }
  made.function = function_of(first);
  if (!made.function) {
    PyErr_Format(PyExc_TypeError, "an overload's implementation is a function, not %R", first);
    throw PythonError{};
  }
  made.wants_literals = PyObject_IsTrue(second) == 1;
  made.takes_class = PyObject_IsTrue(third) == 1;
  return made;
}

std::vector<frontend::Implementation> ask(PyObject* resolver, const frontend::ExtensionCall& call,
                                          const Span& span) {
  GilHeld gil;
  static PyObject* base_of_errors = import_attribute("cantil.errors", "NumbaError").release();
  try {
    Ref positional = checked(wrap_types(call.positional));
    Ref keywords = checked(PyDict_New());
    for (const auto& [name, type] : call.keywords)
      check_status(PyDict_SetItemString(keywords.get(), name.c_str(), checked(wrap_type(type)).get()));
    const char* target = call.target == frontend::CodeTarget::Cpu ? "cpu" : "cuda";
    Ref answer =
        checked(PyObject_CallFunction(resolver, "sOOsO", call.key.c_str(), positional.get(), keywords.get(),
                                      target, call.literals_only ? Py_True : Py_False));
    Ref items = checked(PySequence_Fast(answer.get(), "a list is expected"));
    std::vector<frontend::Implementation> out;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.get()); ++i)
      out.push_back(implementation(PySequence_Fast_GET_ITEM(items.get(), i)));
    return out;
  } catch (const PythonError&) {
    if (!PyErr_ExceptionMatches(base_of_errors)) throw;
    std::string cls;
    const std::string message = message_of_error(cls);
    const size_t dot = call.key.rfind(call.key.rfind("method:", 0) == 0 ? ':' : '.');
    throw CompileError(Diagnostic{Diag::OverloadRaised,
                                  span,
                                  {message, call.key.substr(dot == std::string::npos ? 0 : dot + 1)},
                                  {},
                                  ""});
  }
}

PyObject* set_resolver(PyObject*, PyObject* resolver) {
  frontend::set_extension_resolver(
      [shared = share(resolver)](const frontend::ExtensionCall& call, const Span& span) {
        return ask(shared.get(), call, span);
      });
  Py_RETURN_NONE;
}

// ---- Classes

// new_class(prefix, name, module, class of the type object or None)
PyObject* new_class(PyObject*, PyObject* args) {
  const char *prefix = nullptr, *name = nullptr, *module = nullptr;
  PyObject* cls = nullptr;
  if (!PyArg_ParseTuple(args, "sssO", &prefix, &name, &module, &cls)) return nullptr;
  return guarded([&] {
    TypeRef t = ir::new_class_type(prefix, name, module);
    return cls == Py_None ? wrap_type(t) : wrap_type_as(t, reinterpret_cast<PyTypeObject*>(cls));
  });
}

std::shared_ptr<frontend::Function> function_or_null(PyObject* object) {
  if (object == Py_None) return nullptr;
  std::shared_ptr<frontend::Function> f = function_of(object);
  if (!f) {
    PyErr_Format(PyExc_TypeError, "a compiled function is expected, not %R", object);
    throw PythonError{};
  }
  return f;
}

template <typename Visit>
void each_item(PyObject* dict, Visit&& visit) {
  PyObject *key, *value;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value);) visit(text_of(key), value);
}

// define_class(type, fields {name: type}, methods, static methods, properties {name: (getter, setter)},
// constants, is structref): false where the fields are too many.
PyObject* define_class(PyObject*, PyObject* args) {
  PyObject *type = nullptr, *fields = nullptr, *methods = nullptr, *statics = nullptr, *properties = nullptr,
           *constants = nullptr;
  int is_struct = 0;
  if (!PyArg_ParseTuple(args, "OO!O!O!O!O!p", &type, &PyDict_Type, &fields, &PyDict_Type, &methods,
                        &PyDict_Type, &statics, &PyDict_Type, &properties, &PyDict_Type, &constants,
                        &is_struct))
    return nullptr;
  return guarded([&]() -> PyObject* {
    auto cls = std::make_unique<frontend::UserClass>();
    cls->instance = unwrap_type(type);
    if (!cls->instance || !ir::is_class_instance(cls->instance))
      return PyErr_Format(PyExc_TypeError, "%R is no class's type", type);
    std::vector<std::pair<std::string, TypeRef>> types;
    each_item(fields, [&](const std::string& name, PyObject* t) {
      Ref one = checked(PyTuple_Pack(1, t));
      types.emplace_back(name, types_of(one.get())[0]);
    });
    if (!ir::set_class_fields(cls->instance, std::move(types))) Py_RETURN_FALSE;
    each_item(methods,
              [&](const std::string& name, PyObject* f) { cls->methods[name] = function_or_null(f); });
    each_item(statics,
              [&](const std::string& name, PyObject* f) { cls->static_methods[name] = function_or_null(f); });
    each_item(properties, [&](const std::string& name, PyObject* pair) {
      PyObject *getter = nullptr, *setter = nullptr;
      if (!PyArg_ParseTuple(pair, "OO", &getter, &setter)) throw PythonError{};
      cls->properties[name] = {function_or_null(getter), function_or_null(setter)};
    });
    auto nobody = frontend::make_function();
    each_item(constants, [&](const std::string& name, PyObject* value) {
      cls->constants[name] = captured_value(value, {}, *nobody, nullptr);
    });
    cls->is_struct = is_struct;
    frontend::add_class(std::move(cls));
    Py_RETURN_TRUE;
  });
}

// class_fields(type): [(name, type)…]
PyObject* class_fields(PyObject*, PyObject* type) {
  return guarded([&]() -> PyObject* {
    TypeRef t = unwrap_type(type);
    if (!t || !ir::is_class_instance(t)) return PyErr_Format(PyExc_TypeError, "%R is no class's type", type);
    Ref list = checked(PyList_New(0));
    for (const auto& [name, field] : ir::class_fields(t)) {
      Ref pair = checked(Py_BuildValue("(sN)", name.c_str(), wrap_type(field)));
      check_status(PyList_Append(list.get(), pair.get()));
    }
    return list.release();
  });
}

PyObject* class_name(PyObject*, PyObject* type) {
  return guarded([&]() -> PyObject* {
    TypeRef t = unwrap_type(type);
    if (!t || !ir::is_class_instance(t)) return PyErr_Format(PyExc_TypeError, "%R is no class's type", type);
    return make_str(ir::class_name(t)).release();
  });
}

PyObject* new_deferred(PyObject*, PyObject*) {
  return guarded([&] { return wrap_type(ir::new_deferred_type()); });
}

PyObject* define_deferred(PyObject*, PyObject* args) {
  PyObject *deferred = nullptr, *actual = nullptr;
  if (!PyArg_ParseTuple(args, "OO", &deferred, &actual)) return nullptr;
  return guarded([&]() -> PyObject* {
    Ref both = checked(PyTuple_Pack(2, deferred, actual));
    std::vector<TypeRef> types = types_of(both.get());
    if (!ir::is_deferred(types[0])) return PyErr_Format(PyExc_TypeError, "%R is no deferred type", deferred);
    return PyBool_FromLong(ir::define_deferred(types[0], types[1]));
  });
}

PyObject* deferred_as(PyObject*, PyObject* deferred) {
  return guarded([&]() -> PyObject* {
    TypeRef t = unwrap_type(deferred);
    if (!t || !ir::is_deferred(t)) return PyErr_Format(PyExc_TypeError, "%R is no deferred type", deferred);
    TypeRef actual = ir::deferred_as(t);
    if (!actual) Py_RETURN_NONE;
    return wrap_type(actual);
  });
}

PyMethodDef functions[] = {
    {"extend", extend, METH_VARARGS, "extend(object or key, function): the key of an object's overloads."},
    {"register_twin", register_twin, METH_VARARGS, "register_twin(function, dispatcher)"},
    {"set_resolver", set_resolver, METH_O, "The function that finds implementations of overloads."},
    {"new_class", new_class, METH_VARARGS, "new_class(prefix, name, module, class of the type or None)"},
    {"define_class", define_class, METH_VARARGS,
     "define_class(type, fields, methods, static methods, properties, constants, is structref)"},
    {"class_fields", class_fields, METH_O, "class_fields(type): [(name, type)…]"},
    {"class_name", class_name, METH_O, "class_name(type): the class's own name."},
    {"new_deferred", new_deferred, METH_NOARGS, "A type that is defined later."},
    {"define_deferred", define_deferred, METH_VARARGS, "define_deferred(deferred, type)"},
    {"deferred_as", deferred_as, METH_O, "What a deferred type was defined as, or None."},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

std::string extension_key(PyObject* object) {
  const auto& keys = registered().keys;
  if (keys.empty()) return {};
  auto found = keys.find(object);
  return found == keys.end() ? std::string() : found->second;
}

PyObject* compiled_twin(PyObject* function) {
  const auto& twins = registered().twins;
  auto found = twins.find(function);
  return found == twins.end() ? nullptr : found->second;
}

int add_extensions(PyObject* module) { return PyModule_AddFunctions(module, functions); }

}  // namespace cantil::bindings
