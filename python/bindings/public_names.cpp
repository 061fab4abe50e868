// The table from objects to public names, made over the library's modules when a name is first asked for.
#include "python/bindings/public_names.h"

#include <unordered_map>
#include <vector>

#include "frontend/library_names.h"
#include "python/bindings/dispatcher.h"
#include "python/bindings/ref.h"
#include "python/bindings/type_object.h"

namespace cantil::bindings {
namespace {

// Searched in this order; the first name of an object wins (then its canonical spelling).
constexpr const char* kModules[] = {
    "builtins",
    "math",
    "cmath",
    "operator",
    "random",
    "itertools",
    "functools",
    "heapq",
    "bisect",
    "collections",
    "numpy",
    "numpy.linalg",
    "numpy.random",
    "numpy.fft",
    "numpy.lib.stride_tricks",
    "cantil",
    "cantil.cuda",
    "cantil.typed",
    "cantil.extending",
    "cantil.experimental.structref",
    "numba",
    "numba.cuda",
    "cantil.cuda.libdevice",
    "cantil.cuda.fp16",
    "cantil.cuda.bf16",
    "cantil.cuda.random",
    "cantil.cuda.cg",
};

struct NameTable {
  std::unordered_map<PyObject*, std::string> names;  // keeps its objects
  std::vector<bool> seen = std::vector<bool>(std::size(kModules));
};

// Values, types and compiled functions are captured as such; only other callables, and namespaces, have a
// name.
bool is_nameable(PyObject* object) {
  if (PyModule_Check(object) || type_denoted_by(object) || function_of(object)) return false;
  return PyCallable_Check(object) || is_own_object(object);
}

void add_name(NameTable& t, PyObject* object, const std::string& name) {
  if (t.names.emplace(object, frontend::canonical_name(name)).second) Py_INCREF(object);
}

// The public entries of an object's own dict. Nothing is evaluated, so module attributes not yet loaded stay
// so.
template <typename Visit>
void for_each_public(PyObject* object, Visit&& visit) {
  Ref dict(PyObject_GetAttrString(object, "__dict__"));
  if (!dict) {
    PyErr_Clear();
    return;
  }
  Ref items(PyMapping_Items(dict.get()));
  if (!items) throw PythonError{};
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
    PyObject* pair = PyList_GET_ITEM(items.get(), i);
    PyObject* key = PyTuple_GET_ITEM(pair, 0);
    if (!PyUnicode_Check(key)) continue;
    std::string name = text_of(key);
    if (name.empty() || name[0] == '_') continue;
    visit(name, PyTuple_GET_ITEM(pair, 1));
  }
}

// A namespace of our own: functions that are its attributes (cuda.atomic.add), instances or static methods.
void add_members(NameTable& t, PyObject* space, const std::string& prefix, int depth) {
  auto add = [&](const std::string& name, PyObject*) {
    Ref member(PyObject_GetAttrString(space, name.c_str()));
    if (!member) {
      PyErr_Clear();
      return;
    }
    if (!is_nameable(member.get())) return;
    add_name(t, member.get(), prefix + "." + name);
    if (depth < 3 && is_own_object(member.get()))
      add_members(t, member.get(), prefix + "." + name, depth + 1);
  };
  for_each_public(space, add);
  if (!PyType_Check(space)) for_each_public(reinterpret_cast<PyObject*>(Py_TYPE(space)), add);
}

void add_module(NameTable& t, PyObject* module, const std::string& module_name) {
  const bool has_namespaces = module_name == "cantil.cuda";
  for_each_public(module, [&](const std::string& name, PyObject* object) {
    if (!is_nameable(object)) return;
    std::string full = module_name + "." + name;
    add_name(t, object, full);
    if (has_namespaces && is_own_object(object)) add_members(t, object, full, 0);
  });
}

void refresh(NameTable& t) {
  PyObject* modules = PyImport_GetModuleDict();
  for (size_t i = 0; i < std::size(kModules); ++i) {
    if (t.seen[i]) continue;
    PyObject* module = PyDict_GetItemString(modules, kModules[i]);
    if (!module || !PyModule_Check(module)) continue;
    t.seen[i] = true;
    add_module(t, module, kModules[i]);
  }
}

std::string module_of(PyObject* object) {
  Ref module(PyObject_GetAttrString(object, "__module__"));
  if (!module) {
    PyErr_Clear();
    return {};
  }
  return PyUnicode_Check(module.get()) ? text_of(module.get()) : std::string();
}

bool in_own_package(const std::string& module) {
  return module == "cantil" || module.rfind("cantil.", 0) == 0;
}

// The quick way, for most objects: under its own name in one of the modules.
std::string name_by_itself(NameTable& t, PyObject* object) {
  PyObject* modules = PyImport_GetModuleDict();
  Ref name(PyObject_GetAttrString(object, "__name__"));
  if (!name) {
    PyErr_Clear();
    return {};
  }
  if (!PyUnicode_Check(name.get())) return {};
  std::string text = text_of(name.get());
  for (const char* module_name : kModules) {
    PyObject* module = PyDict_GetItemString(modules, module_name);
    if (!module || !PyModule_Check(module)) continue;
    PyObject* found = PyDict_GetItemString(PyModule_GetDict(module), text.c_str());
    if (found != object) continue;
    add_name(t, object, std::string(module_name) + "." + text);
    return t.names[object];
  }
  return {};
}

}  // namespace

bool is_own_object(PyObject* object) {
  // A class belongs to the module that it is defined in, an instance to that of its class.
  return in_own_package(
      module_of(PyType_Check(object) ? object : reinterpret_cast<PyObject*>(Py_TYPE(object))));
}

std::string public_name(PyObject* object) {
  static NameTable* t = new NameTable;
  if (PyMethod_Check(object)) {  // a method of a namespace instance: bound anew at each look-up
    std::string owner = public_name(PyMethod_GET_SELF(object));
    return owner.empty() ? owner
                         : owner + "." + text_of(attribute(PyMethod_GET_FUNCTION(object), "__name__").get());
  }
  auto found = t->names.find(object);
  if (found != t->names.end()) return found->second;
  if (!is_nameable(object)) return {};
  std::string name = name_by_itself(*t, object);
  if (!name.empty()) return name;
  // A user's own function or class is in none of the modules; finding that out should not cost the table.
  if ((PyFunction_Check(object) || PyType_Check(object)) &&
      !frontend::is_library_name(frontend::canonical_name(module_of(object))))
    return {};
  refresh(*t);
  found = t->names.find(object);
  return found != t->names.end() ? found->second : std::string();
}

}  // namespace cantil::bindings
